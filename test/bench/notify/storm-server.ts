/** The whole program in a process, with so many guests, to let many of them crash at once. */
import { loadConfig } from '../../../agent/config/load.ts';
import { Daemon } from '../../../agent/daemon/daemon.ts';
import { createLogging } from '../../../agent/log/log.ts';

/** What the program is started with. */
export interface StormSetup {
  readonly guests: number;
  /** Port of the receiver; `kind` as in `traps.destinations[].type`. */
  readonly port: number;
  readonly kind: 'trap' | 'inform';
  /** Folder of the state, with the journal. */
  readonly state: string;
}

export type StormTask =
  | ({ readonly do: 'start' } & StormSetup)
  /** All guests crash in one tick; the answer comes when they have. */
  | { readonly do: 'storm' }
  /** How many life-cycle events there were since the storm began. */
  | { readonly do: 'count' }
  /** One guest is paused and runs again by turns, so many times; the answer has when each happened. */
  | { readonly do: 'events'; readonly count: number; readonly everyMs: number };

export interface StormReply {
  readonly port?: number;
  readonly events?: number;
  readonly happenedMs?: readonly number[];
  readonly error?: string;
}

let daemon: Daemon;
let events = 0;

process.on('message', (task: StormTask) => {
  perform(task).then(
    (reply) => process.send?.(reply),
    (thrown: unknown) => process.send?.({ error: thrown instanceof Error ? thrown.stack : String(thrown) }),
  );
});

async function perform(task: StormTask): Promise<StormReply> {
  switch (task.do) {
    case 'start':
      return start(task);
    case 'storm':
      return storm();
    case 'count':
      return { events };
    default:
      return oneByOne(task.count, task.everyMs);
  }
}

async function start({ guests, port, kind, state }: StormSetup): Promise<StormReply> {
  const config = loadConfig({ overrides: { port: 0, guests, state, trap: [`127.0.0.1:${port}`] }, env: {} });
  const destinations = config.traps.destinations.map((destination) => ({ ...destination, type: kind }));
  const logging = createLogging({ ...config.log, level: 'error' });
  daemon = await Daemon.start(
    {
      ...config,
      // Nobody is held back for asking much: it is what is measured.
      limits: { ...config.limits, requestsPerSecond: 0 },
      traps: { ...config.traps, destinations },
    },
    logging,
  );
  daemon.hypervisor.onEvent(({ kind: event }) => {
    if (event === 'lifecycle') events++;
  });
  return { port: daemon.hosts[0]!.local[0]!.port };
}

/** Each guest has a timer of its own, as each has in a simulated power failure; all are due in the same instant. */
async function storm(): Promise<StormReply> {
  const { clock, hypervisor } = daemon;
  const [host] = hypervisor.hosts;
  const domains = Array.from(host!.domains).filter(({ isActive }) => isActive);
  events = 0;
  let left = domains.length;
  const atMs = clock.nowMs + 50;
  for (const domain of domains) {
    clock.schedule(atMs, () => {
      hypervisor.apply({ op: 'act', domain, action: 'panic' });
      left--;
    });
  }
  while (left > 0) await pause(5);
  return {};
}

async function oneByOne(count: number, everyMs: number): Promise<StormReply> {
  const { hypervisor } = daemon;
  const domain = Array.from(hypervisor.hosts[0]!.domains).find(({ isActive }) => isActive)!;
  const happenedMs: number[] = [];
  for (let i = 0; i < count; i++) {
    await pause(everyMs);
    happenedMs.push(performance.timeOrigin + performance.now());
    hypervisor.apply({ op: 'act', domain, action: i % 2 === 0 ? 'suspend' : 'resume' });
  }
  return { happenedMs };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
