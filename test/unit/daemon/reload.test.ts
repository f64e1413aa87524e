import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { Daemon } from '../../../agent/daemon/daemon.ts';
import type { Logging } from '../../../agent/log/log.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

const folder = temporaryFolder();

function read(text: string) {
  const file = join(folder, 'reload.yaml');
  writeFileSync(file, `agent: { port: 0 }\ncontrol: { listen: [] }\n${text}`);
  return loadConfig({ file, env: {} });
}

/** Logging that keeps what is warned of and what went wrong. */
function collected(): { logging: Logging; lines: string[] } {
  const lines: string[] = [];
  const add = (message: string) => lines.push(message);
  const logger = { debugEnabled: false, debug() {}, info() {}, warn: add, error: add };
  return { lines, logging: { logger: () => logger, reconfigure() {}, close: async () => {} } };
}

async function started(text: string) {
  const { logging, lines } = collected();
  const clock = new VirtualClock({ epochMs: Date.UTC(2026, 0, 5) });
  const daemon = await Daemon.start(read(text), logging, { clock });
  onTestFinished(() => daemon.stop());
  const host = daemon.hypervisor.hosts[0]!;
  return {
    daemon,
    clock,
    host,
    names: () => [...host.domains].map(({ name }) => name).sort(),
    /** Reads another configuration, and returns what was said of it. */
    reload(other: string): string[] {
      lines.length = 0;
      daemon.reload(read(other));
      return [...lines];
    },
  };
}

const TWO_NODES = 'host: { sockets: 2, cores: 4, threads: 1 }';
const FOUR_NODES = 'host: { sockets: 4, cores: 4, threads: 1, nodes: 4 }';
const list = (...entries: string[]) => `inventory: { list: [${entries.join(', ')}] }`;

describe('a configuration that is read again with another host', () => {
  it('changes domains on the host that runs; what needs the other one waits', async () => {
    const { host, names, reload } = await started(
      `${TWO_NODES}\n${list('{ name: a }', '{ name: b }', '{ name: c }')}`,
    );
    const [a, b, c] = ['a', 'b', 'c'].map((name) => host.domains.byName(name)!);
    const said = reload(
      `${FOUR_NODES}\n${list('{ name: a, cpuShares: 512 }', '{ name: b, numaNodes: 3 }', '{ name: d, numaNodes: 3 }', '{ name: e, cpuset: 9 }', '{ name: f }')}`,
    );
    expect(said).toEqual([
      'domain b waits for the next start: numatune: there is no NUMA node 3; expected nodes 0 to 1',
      'domain d waits for the next start: numatune: there is no NUMA node 3; expected nodes 0 to 1',
      'domain e waits for the next start: cputune: there is no processor 9; expected 0 to 7',
      'host.sockets takes effect at the next start',
      'host.nodes takes effect at the next start',
    ]);
    expect(host.config.memory.nodesKiB).toHaveLength(2);
    expect(names()).toEqual(['a', 'b', 'f']);
    expect(a!.persistentConfig.cputune).toEqual({ shares: 512 });
    expect(host.domains.byName('b')).toBe(b);
    expect(b!.persistentConfig.numatune).toBeUndefined();
    expect(c!.isActive).toBe(false);
  });

  it('says the same each time until the program is started again, and nothing once it is as it was', async () => {
    const first = `${TWO_NODES}\n${list('{ name: a }')}`;
    const { reload } = await started(first);
    const other = `${FOUR_NODES}\n${list('{ name: a }')}`;
    const said = ['host.sockets takes effect at the next start', 'host.nodes takes effect at the next start'];
    expect(reload(other)).toEqual(said);
    expect(reload(other)).toEqual(said);
    expect(reload(first)).toEqual([]);
  });

  it('keeps the made-up guests of a seed, era and number of hosts that are running', async () => {
    const { daemon, host, reload } = await started('inventory: { guests: 60 }');
    const definitions = () =>
      JSON.stringify([...host.domains].map(({ persistentConfig }) => persistentConfig));
    const before = definitions();
    const { sequence } = daemon.hypervisor;
    reload('inventory: { guests: 60, hosts: 12 }\nemulation: { seed: 9, profile: rhel6 }');
    expect(definitions()).toBe(before);
    expect(daemon.hypervisor.sequence).toBe(sequence);
  });

  it('leaves pools of the other host alone', async () => {
    const pools = (...names: string[]) =>
      `host: { pools: [${names.map((name) => `{ name: ${name}, capacity: 1 TiB }`).join(', ')}] }`;
    const { names, reload } = await started(`${pools('old')}\n${list('{ name: a }')}`);
    const said = reload(
      `${pools('old', 'new')}\n${list('{ name: a, disks: [{ pool: new }] }', '{ name: b }')}`,
    );
    expect(said).toEqual([
      'domain a waits for the next start: pool: there is no pool "new"; expected old',
      'host.pools takes effect at the next start',
    ]);
    expect(names()).toEqual(['a', 'b']);
  });
});

it('made-up guests have what a small host can give them', async () => {
  const { host } = await started(
    'host: { sockets: 1, cores: 4, threads: 1, memory: 64 GiB }\ninventory: { guests: 12 }',
  );
  const db = host.domains.byName('db-01')!;
  expect(db.config.numatune).toBeUndefined();
  expect(db.config.cputune).toEqual({ shares: 2048 });
});
