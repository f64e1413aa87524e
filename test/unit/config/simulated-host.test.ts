import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { hostConfig } from '../../../agent/config/simulated-host.ts';
import { hostDefaults } from '../../../agent/emulation/host-config.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

function load(text: string) {
  writeFileSync(join(folder, 'host.yaml'), text);
  return loadConfig({ file: 'host.yaml', env: {}, cwd: folder });
}

describe('the section host', () => {
  it('left out is a host of the era, which grows', () => {
    const { host } = load('emulation: {seed: 1}\n');
    for (const profile of ['modern', 'rhel6'] as const)
      expect(hostConfig(host, profile)).toEqual(hostDefaults(profile));
  });

  it('describes processors, memory, bridges, pools and images', () => {
    const { host } = load(`host:
  sockets: 4
  cores: 4
  threads: 1
  nodes: 4
  pauseLoop: none
  haltPollNs: 0
  memory: 16 GiB
  swap: 1 GiB
  hugePages: [{ perNode: 100 }]
  ksm: true
  bridges: [{ name: br0, gigabits: 2.5 }, { name: br1, isolated: true }]
  pools: [{ name: cold, capacity: 1 TiB, device: hdd, type: logical }]
  images: [{ name: kvm, version: "1" }, { name: kvm, version: "2" }]
`);
    const made = hostConfig(host, 'modern');
    expect(made.grows).toBe(false);
    expect(made.cpu).toMatchObject({ sockets: 4, cores: 4, threads: 1, nodes: 4 });
    expect(made.cpu.pauseLoop.hardware).toBe('none');
    expect(made.cpu.haltPoll.haltPollNs).toBe(0);
    expect(made.memory.nodesKiB).toEqual([2 ** 22, 2 ** 22, 2 ** 22, 2 ** 22]);
    expect(made.memory.swapKiB).toBe(2 ** 20);
    expect(made.memory.hugePages).toEqual([{ sizeKiB: 2048, perNode: [100, 100, 100, 100] }]);
    expect(made.ksm.run).toBe(1);
    expect(made.segments.map(({ name, uplink }) => [name, uplink?.lineRate])).toEqual([
      ['br0', 2.5e9],
      ['br1', undefined],
    ]);
    expect(made.pools).toMatchObject([{ name: 'cold', type: 'logical', capacityBytes: 2 ** 40 }]);
    expect(made.images).toHaveLength(2);
  });

  it.each([
    ['host: {sockets: 0}', '1:17'],
    ['host: {memory: much}', '1:16'],
    ['host: {pools: []}', '1:15'],
    ['host: {nodes: 7}', '1:15'],
    ['host: {bridges: [{name: br0, gigabits: fast}]}', '1:40'],
  ])('%s is refused where it stands', (text, place) => {
    expect(() => load(text)).toThrow(place);
  });
});

describe('the systems of a listed domain', () => {
  it('are read', () => {
    const { inventory } = load(`host: {pools: [{name: fast, capacity: 1 TiB}, {name: cold, capacity: 4 TiB}]}
inventory:
  list:
    - name: a
      work: contended
      cpuQuotaUs: 50000
      numaNodes: [1, 0]
      statsPeriod: 10
      watchdog: reset
      agent: true
      nics: [{ link: down, zeroCopy: true, txFps: 100000 }]
      disks: [{ gibibytes: 8, iops: 500, errorPolicy: stop, pool: cold }]
`);
    expect(inventory.list[0]?.domain).toMatchObject({
      guest: { work: 'contended' },
      cputune: { quotaUs: 50_000 },
      numatune: { mode: 'strict', nodeset: [0, 1] },
      memballoon: { statsPeriodSeconds: 10 },
      devices: { watchdog: { action: 'reset' }, agent: { channel: true, installed: true } },
      nics: [{ linkDown: true, zeroCopy: true, traffic: { txFps: 100_000 } }],
      disks: [
        {
          capacityBytes: 8 * 2 ** 30,
          iotune: { total_iops: { perSecond: 500, max: 0, lengthSeconds: 1 } },
          errorPolicy: 'stop',
          pool: 'cold',
        },
      ],
    });
  });

  it.each<[string, string]>([
    [
      'inventory: {list: [{name: a, numaNodes: [0, 4]}]}',
      'host.yaml:1:41 inventory.list[0].numaNodes: there is no NUMA node 4; expected nodes 0 to 1',
    ],
    [
      'host: {sockets: 1}\ninventory: {list: [{name: a, numaNodes: 1}]}',
      'host.yaml:2:41 inventory.list[0].numaNodes: there is no NUMA node 1; expected only node 0',
    ],
    [
      'emulation: {profile: rhel6}\ninventory: {list: [{name: a, watchdog: inject-nmi}]}',
      'host.yaml:2:40 inventory.list[0].watchdog: watchdog: action inject-nmi is not known in the profile rhel6; use reset, dump or another',
    ],
    [
      'inventory: {list: [{name: a, disks: [{}, {pool: cold}]}]}',
      'host.yaml:1:49 inventory.list[0].disks[1].pool: there is no pool "cold"; expected default',
    ],
  ])('are those of the host: %s', (text, message) => {
    expect(() => load(text)).toThrow(message);
  });
});

it('a host of one processor has one node', () => {
  const { host } = load('host: {sockets: 1, cores: 1, threads: 1}');
  expect(hostConfig(host, 'modern').memory.nodesKiB).toHaveLength(1);
});
