import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../agent/emulation/change.ts';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import { CRASH_ACTIONS, type DomainConfig } from '../../agent/emulation/domain/domain-config.ts';
import { type EmulationEvent, isDomainEvent } from '../../agent/emulation/events.ts';
import { LIFECYCLE } from '../../agent/emulation/lifecycle/lifecycle.ts';
import { ACTIONS, PROFILES } from '../../agent/emulation/lifecycle/story.ts';
import { runs } from '../support/runs.ts';
import { config, Fleet, FURNISHED, stateOf } from '../unit/emulation/fleet.ts';
import { future, picture } from '../unit/emulation/snapshot.ts';

const GUESTS = 4;

/** Every state that a row of the table, or a definition, can bring a domain into. */
const REACHABLE = new Set(['SHUTOFF/UNKNOWN', 'RUNNING/BOOTED', 'PAUSED/USER']);
for (const story of LIFECYCLE) {
  const { canceled, recovered, lost } = story;
  const lists = [
    story.steps,
    canceled,
    recovered,
    lost?.source,
    lost?.target,
    lost?.sourceLate,
    lost?.targetLate,
  ];
  for (const step of lists.flatMap((steps) => steps ?? [])) if (step.state) REACHABLE.add(step.state);
}

interface Command {
  readonly guest: number;
  readonly host: number;
  readonly kind: (typeof ACTIONS)[number] | 'undefine' | 'define' | 'rename' | 'update' | 'uplink' | 'quota';
  readonly paused: boolean;
  readonly to: 'running' | 'paused' | 'shutoff';
  readonly mode: 'precopy' | 'postcopy';
  readonly outcome: 'success' | 'failure' | 'api-error';
  readonly flag: boolean;
  /** ms to let pass afterwards. */
  readonly passMs: number;
}

const arbCommand: fc.Arbitrary<Command> = fc.record({
  guest: fc.nat(GUESTS - 1),
  host: fc.nat(1),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('start', 'migrate', 'save', 'shutdown', 'suspend', 'resume') },
    { weight: 5, arbitrary: fc.constantFrom(...ACTIONS) },
    { weight: 1, arbitrary: fc.constantFrom('undefine', 'define', 'rename', 'update') },
    { weight: 1, arbitrary: fc.constantFrom('uplink', 'quota') },
  ),
  paused: fc.boolean(),
  to: fc.constantFrom('running', 'paused', 'shutoff'),
  mode: fc.constantFrom('precopy', 'postcopy'),
  outcome: fc.oneof(
    { weight: 3, arbitrary: fc.constant('success' as const) },
    fc.constantFrom('failure', 'api-error'),
  ),
  flag: fc.boolean(),
  passMs: fc.oneof(fc.constant(0), fc.nat(500), fc.nat(30_000)),
});

const arbCommands = fc.array(arbCommand, { maxLength: 25 });

function guestConfig(guest: number): DomainConfig {
  return config(`guest-${guest}`, {
    ...FURNISHED,
    ...(guest === 2 ? { disks: [] } : {}),
    type: (['kvm', 'xen', 'lxc', 'kvm'] as const)[guest]!,
    onCrash: CRASH_ACTIONS[guest]!,
    load: (['steady', 'idle', 'daily', 'bursty'] as const)[guest]!,
    initialState: (['running', 'running', 'paused', 'shutoff'] as const)[guest]!,
  });
}

function newFleet(seed = 7, profile: (typeof PROFILES)[number] = 'modern'): Fleet {
  const fleet = new Fleet({ seed, profile });
  const configs = Array.from({ length: GUESTS }, (_, guest) => guestConfig(guest));
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  return fleet;
}

/** The change that a command means in this fleet; `undefined` when its domain does not exist there. */
function changeFor(fleet: Fleet, command: Command): Change | undefined {
  const [host, target] = command.host === 0 ? [fleet.one, fleet.two] : [fleet.two, fleet.one];
  const definition = guestConfig(command.guest);
  if (command.kind === 'define') return { op: 'define', host, config: definition };
  const { kind, paused, to, mode, outcome, flag } = command;
  if (kind === 'uplink') {
    const [segment] = host.segments;
    return { op: 'host', host, action: { uplink: segment!.config.name, up: flag } };
  }
  const domain = host.domains.byUuid(definition.uuid);
  if (!domain) return undefined;
  if (kind === 'quota') return { op: 'tune', domain, cpu: { quotaUs: flag ? -1 : 6000 } };
  if (kind === 'undefine') return { op: 'undefine', domain };
  if (kind === 'rename')
    return { op: 'rename', domain, name: flag ? definition.name : `other-${command.guest}` };
  if (kind === 'update') return { op: 'update', domain, config: { ...domain.config, vcpus: flag ? 1 : 3 } };
  const options = { paused, to, mode, outcome, persist: flag, undefineSource: flag };
  return { op: 'act', domain, action: kind, target, ...options };
}

function play(fleet: Fleet, commands: readonly Command[], each: () => void = () => {}): void {
  for (const command of commands) {
    const change = changeFor(fleet, command);
    if (change && !fleet.hypervisor.check(change)) fleet.hypervisor.apply(change);
    each();
    fleet.clock.advanceTo(fleet.clock.nowMs + command.passMs);
    each();
  }
}

function allDomains(fleet: Fleet): Domain[] {
  return fleet.hypervisor.hosts.flatMap((host) => [...host.domains]);
}

describe('any sequence of changes', () => {
  it('stays inside the table, and lets values stay in their bounds', () => {
    fc.assert(
      fc.property(arbCommands, fc.constantFrom(...PROFILES), (commands, profile) => {
        const fleet = newFleet(7, profile);
        play(fleet, commands, () => {
          for (const domain of allDomains(fleet)) {
            expect(REACHABLE).toContain(stateOf(domain));
            expect(domain.isActive || domain.isPersistent).toBe(true);
            expect(domain.isActive || domain.cpuTimeNs === 0).toBe(true);
            expect(domain.memoryKiB >= 1 && domain.memoryKiB <= domain.maxMemoryKiB).toBe(true);
          }
        });
      }),
      { numRuns: runs(60) },
    );
  });

  it('comes to rest: after ten minutes only broken post-copy migrations go on', () => {
    fc.assert(
      fc.property(arbCommands, (commands) => {
        const fleet = newFleet();
        play(fleet, commands);
        fleet.pass(600);
        for (const domain of allDomains(fleet)) {
          expect(domain.isBusy ? stateOf(domain) : '').toMatch(/^$|POSTCOPY_FAILED$/);
        }
      }),
      { numRuns: runs(25) },
    );
  });

  it('gives vCPU time that only grows, and never faster than the vCPUs could', () => {
    fc.assert(
      fc.property(arbCommands, (commands) => {
        const fleet = newFleet();
        const last = new Map<Domain, { ns: number; ms: number; starts: number }>();
        const starts = new Map<Domain, number>();
        fleet.hypervisor.onEvent((event) => {
          if (isDomainEvent(event)) starts.set(event.domain, (starts.get(event.domain) ?? 0) + 1);
        });
        play(fleet, commands, () => {
          for (const domain of allDomains(fleet)) {
            const before = last.get(domain);
            const now = { ns: domain.cpuTimeNs, ms: fleet.clock.nowMs, starts: starts.get(domain) ?? 0 };
            last.set(domain, now);
            if (!before || !domain.isActive) continue;
            // A process that began since the last look counts from 0; any event may have been its beginning.
            if (now.starts === before.starts) expect(now.ns).toBeGreaterThanOrEqual(before.ns);
            const most = domain.config.maxVcpus * (now.ms - before.ms) * 1e6;
            expect(now.ns - before.ns).toBeLessThanOrEqual(most);
          }
        });
      }),
      { numRuns: runs(40) },
    );
  });

  it('numbers its events without gaps, in order of time, with values of their moment', () => {
    fc.assert(
      fc.property(arbCommands, (commands) => {
        const fleet = newFleet();
        const events: EmulationEvent[] = [];
        fleet.hypervisor.onEvent((event) => {
          events.push(event);
          if (isDomainEvent(event)) expect(REACHABLE).toContain(stateOf(event));
        });
        play(fleet, commands);
        events.forEach((event, i) => {
          expect(event.sequence).toBe(i + 1);
          expect(event.atMs).toBeGreaterThanOrEqual(events[i - 1]?.atMs ?? 0);
        });
      }),
      { numRuns: runs(25) },
    );
  });

  it('gives the same run twice from the same seed, and another from another', () => {
    const trace = (seed: number, commands: readonly Command[]): unknown => {
      const fleet = newFleet(seed);
      const seen: unknown[] = [];
      play(fleet, commands, () => seen.push(picture(fleet)));
      return [seen, fleet.events.map((event) => [event.sequence, event.atMs, event.name, stateOf(event)])];
    };
    fc.assert(
      fc.property(arbCommands, fc.integer(), (commands, seed) => {
        expect(trace(seed, commands)).toEqual(trace(seed, commands));
      }),
      { numRuns: runs(15) },
    );
    const wait: Command[] = [{ ...fc.sample(arbCommand, { seed: 1, numRuns: 1 })[0]!, passMs: 30_000 }];
    expect(trace(1, wait)).not.toEqual(trace(2, wait));
  });
});

describe('a refused change', () => {
  it('changes nothing, now or later', () => {
    fc.assert(
      fc.property(arbCommands, fc.array(arbCommand, { maxLength: 30 }), (commands, tried) => {
        const [fleet, other] = [newFleet(), newFleet()];
        play(fleet, commands);
        play(other, commands);
        for (const command of tried) {
          const change = changeFor(fleet, command);
          const refusal = change && fleet.hypervisor.check(change);
          if (change && refusal) expect(() => fleet.hypervisor.apply(change)).toThrow(refusal.message);
        }
        expect(picture(fleet)).toEqual(picture(other));
        expect(future(fleet, 20)).toEqual(future(other, 20));
      }),
      { numRuns: runs(20) },
    );
  });
});

/**
 * The next 20 s, with events numbered from the first of them: alarms are thought of when a change is committed, so what
 * goes bad and well again inside of a transaction has no events, as it has one by one.
 */
function numberedFromHere(fleet: Fleet): unknown {
  const { events, courses } = future(fleet, 20);
  const first = events[0]?.[0] ?? 0;
  return { events: events.map(([sequence, ...rest]) => [sequence - first, ...rest]), courses };
}

describe('a transaction', () => {
  it('rolled back leaves everything as it was, now and later', () => {
    fc.assert(
      fc.property(arbCommands, arbCommands, arbCommands, (before, inside, after) => {
        const [fleet, other] = [newFleet(), newFleet()];
        play(fleet, before);
        play(other, before);
        const transaction = fleet.hypervisor.transaction();
        for (const command of inside) {
          const change = changeFor(fleet, command);
          if (change && !fleet.hypervisor.check(change)) transaction.apply(change);
        }
        transaction.rollback();
        expect(picture(fleet)).toEqual(picture(other));
        play(fleet, after);
        play(other, after);
        expect(picture(fleet)).toEqual(picture(other));
        expect(future(fleet, 20)).toEqual(future(other, 20));
      }),
      { numRuns: runs(25) },
    );
  });

  it('committed does what the changes do one by one', () => {
    fc.assert(
      fc.property(arbCommands, arbCommands, (before, inside) => {
        const [fleet, other] = [newFleet(), newFleet()];
        play(fleet, before);
        play(other, before);
        fleet.events.length = 0;
        other.events.length = 0;
        const transaction = fleet.hypervisor.transaction();
        for (const command of inside) {
          const change = changeFor(fleet, command);
          if (change && !fleet.hypervisor.check(change)) transaction.apply(change);
          const direct = changeFor(other, command);
          if (direct && !other.hypervisor.check(direct)) other.hypervisor.apply(direct);
        }
        expect(fleet.events).toEqual([]);
        transaction.commit();
        expect(fleet.takeTrace()).toEqual(other.takeTrace());
        expect(numberedFromHere(fleet)).toEqual(numberedFromHere(other));
      }),
      { numRuns: runs(20) },
    );
  });
});
