import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { hostConfig } from '../../../agent/config/simulated-host.ts';
import { CONSOLE_DEFAULTS } from '../../../agent/emulation/console/console-config.ts';
import { planDevices } from '../../../agent/emulation/devices/device-plan.ts';
import { Host } from '../../../agent/emulation/host/host.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { UPLINK_DEFAULTS } from '../../../agent/emulation/net/net-config.ts';
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
    expect(made.software.filter(({ kind }) => kind === 'image')).toHaveLength(2);
    expect(made.software.some(({ name }) => name === 'linux-image')).toBe(true);
  });

  it('describes nodes, kvm, KSM, lines, devices and sensors to the last parameter', () => {
    const { host } = load(`host:
  mhz: 3000
  pauseLoop: pause-filter
  kvm: { pleWindow: 1000, pauseFilterCount: 500, haltPollNsGrow: 4 }
  nodeMemory: [4 GiB, 8 GiB]
  distances: [[10, 21], [21, 10]]
  hugePages: [{ size: 1 GiB, perNode: [1, 3] }]
  ksm: { pagesToScan: 1000, sleepMillisecs: 200 }
  bridges: [{ name: br0, uplink: ens1, queueFrames: 50, rxChecksum: false, corruptShare: 0.1, fcsErrorShare: 0.01, multicastShare: 0.2 }]
  lowerDevices: [{ name: ens2, gigabits: 1, reflects: false }]
  pools: [{ name: a, capacity: 1 TiB, channels: 2, readUs: 50, writeUs: 60, flushUs: 70, megabytesPerSecond: 200 }]
  sensors: [{ name: Exhaust, kind: temperature, idle: 30, full: 55, lagSeconds: 90 }]
`);
    const made = hostConfig(host, 'modern');
    const usual = hostDefaults('modern');
    expect(made.grows).toBe(false);
    expect(made.cpu).toMatchObject({
      mhz: 3000,
      pauseLoop: { hardware: 'pause-filter', pleWindow: 1000, pauseFilterCount: 500, pleGap: 128 },
      haltPoll: { haltPollNs: 200_000, haltPollNsGrow: 4, haltPollNsGrowStart: 10_000 },
    });
    expect(made.memory).toMatchObject({
      nodesKiB: [2 ** 22, 2 ** 23],
      distances: [
        [10, 21],
        [21, 10],
      ],
      hugePages: [{ sizeKiB: 2 ** 20, perNode: [1, 3] }],
    });
    expect(made.ksm).toEqual({ ...usual.ksm, run: 1, pagesToScan: 1000, sleepMillisecs: 200 });
    expect(made.segments[0]?.uplink).toEqual({
      name: 'ens1',
      lineRate: 10e9,
      queueFrames: 50,
      rxChecksum: false,
      corruptShare: 0.1,
      fcsErrorShare: 0.01,
      multicastShare: 0.2,
    });
    expect(made.lowerDevices).toEqual([{ ...UPLINK_DEFAULTS, name: 'ens2', lineRate: 1e9, reflects: false }]);
    const { engine } = new Host('a', made, 1, 0);
    const segment = (source: string) => engine.host.segmentOf({ type: 'direct', source, queues: 1 }).config;
    expect(segment('ens2')).toMatchObject({ reflects: false, uplink: { name: 'ens2', lineRate: 1e9 } });
    expect(segment('ens3')).toMatchObject({ reflects: true, uplink: { name: 'ens3', lineRate: 10e9 } });
    expect(made.pools[0]?.device).toEqual({
      kind: 'ssd',
      channels: 2,
      readNs: 50_000,
      writeNs: 60_000,
      flushNs: 70_000,
      bytesPerSecond: 200e6,
    });
    expect(made.sensors).toEqual([
      { name: 'Exhaust', kind: 'temperature', idle: 30, full: 55, lagMs: 90_000 },
    ]);
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
  const read = (entry: string) =>
    load(`host: {pools: [{name: fast, capacity: 1 TiB}, {name: cold, capacity: 4 TiB}]}
inventory:
  list:
    - name: a
${entry.replace(/^/gm, '      ')}`).inventory.list[0]?.domain;

  it('are absent unless they are given', () => {
    const domain = read('type: kvm');
    expect(Object.keys(domain!).sort()).toEqual([
      'autostart',
      'currentMemoryKiB',
      'disks',
      'initialState',
      'load',
      'maxVcpus',
      'memoryKiB',
      'name',
      'nics',
      'numaCells',
      'onCrash',
      'type',
      'uuid',
      'vcpus',
    ]);
    expect(domain).toMatchObject({
      nics: [{ type: 'network', source: 'default', model: 'virtio', queues: 1 }],
      disks: [{ type: 'file', device: 'disk', target: 'vda', bus: 'virtio' }],
      numaCells: [],
    });
  });

  it('processors: weight, quota, period and pins', () => {
    const domain = read(`maxVcpus: 4
work: contended
cpuShares: 512
cpuQuotaUs: 50000
cpuPeriodUs: 20000
cpuset: 0-7
vcpupin: [{ vcpu: 1, cpuset: "2-4,^3" }, { vcpu: 3, cpuset: [9, 8] }]
emulatorpin: 1`);
    expect(domain).toMatchObject({
      guest: { work: 'contended' },
      cputune: {
        shares: 512,
        quotaUs: 50_000,
        periodUs: 20_000,
        vcpupin: [
          [0, 1, 2, 3, 4, 5, 6, 7],
          [2, 4],
          [0, 1, 2, 3, 4, 5, 6, 7],
          [8, 9],
        ],
        emulatorpin: [1],
      },
    });
  });

  it('memory: cells with nodes of their own, backing, balloon and what is inside', () => {
    const domain = read(`maxVcpus: 4
memory: 4 GiB
title: two cells
numaMode: interleave
numaNodes: [1, 0]
numaCells: [{}, {}]
memnodes: [{ cellid: 1, mode: preferred, nodeset: 1 }]
hugePages: true
hugePageSize: 1 GiB
memballoon: { model: virtio, driver: false, autodeflate: true, freePageReporting: true, statsPeriodSeconds: 10 }
guest: { profile: rhel6, swap: 512 MiB, hugePages: 4, panicOnOom: true, memoryBoundShare: 0.5, ksm: { content: a, share: 0.4 } }`);
    expect(domain).toMatchObject({
      title: 'two cells',
      numaCells: [
        { id: 0, cpus: [0, 1], memoryKiB: 2 ** 21 },
        { id: 1, cpus: [2, 3], memoryKiB: 2 ** 21 },
      ],
      numatune: {
        mode: 'interleave',
        nodeset: [0, 1],
        memnodes: [{ cellId: 1, mode: 'preferred', nodeset: [1] }],
      },
      backing: { kind: 'hugepages', hugePageKiB: 2 ** 20 },
      memballoon: {
        model: 'virtio',
        driver: false,
        autodeflate: true,
        freePageReporting: true,
        statsPeriodSeconds: 10,
      },
      guest: {
        profile: 'rhel6',
        swapKiB: 2 ** 19,
        hugePages: 4,
        panicOnOom: true,
        memoryBoundShare: 0.5,
        ksm: { content: 'a', share: 0.4 },
      },
    });
    expect(read('locked: true')).toMatchObject({ backing: { kind: 'locked' } });
  });

  it('NICs: rings, features, limits and frames', () => {
    const domain = read(`nics:
  - { type: direct, source: eth1, mode: private, link: down, backEnd: vhost, zeroCopy: true, txFps: 100000 }
  - { rxQueueSize: 512, txQueueSize: 1024, txMode: timer, backEnd: qemu, features: { eventIdx: false, csum: false } }
  - { inbound: { average: 1000, peak: 2000, burst: 512 }, outbound: { average: 100 }, traffic: { udpShare: 1 } }`);
    expect(domain?.nics).toEqual([
      {
        type: 'direct',
        source: 'eth1',
        model: 'virtio',
        queues: 1,
        macvtapMode: 'private',
        linkDown: true,
        backEnd: 'vhost',
        zeroCopy: true,
        traffic: { txFps: 100_000 },
      },
      {
        type: 'network',
        source: 'default',
        model: 'virtio',
        queues: 1,
        rxQueueSize: 512,
        txQueueSize: 1024,
        txMode: 'timer',
        backEnd: 'qemu',
        features: { eventIdx: false, csum: false },
      },
      {
        type: 'network',
        source: 'default',
        model: 'virtio',
        queues: 1,
        inbound: { average: 1000, peak: 2000, burst: 512 },
        outbound: { average: 100 },
        traffic: { udpShare: 1 },
      },
    ]);
  });

  it('disks: image, pool, policies, limits, weight and work', () => {
    const domain = read(`blkioWeight: 300
disks:
  - { gibibytes: 8, errorPolicy: stop, rerrorPolicy: stop, pool: cold, format: raw-sparse, weight: 900 }
  - { iotune: { totalIopsSec: 500, totalIopsSecMax: 900, totalIopsSecMaxLength: 5, readBytesSec: 4096 } }
  - { work: database, workingSet: 1 GiB, requestsPerSecond: 4000 }`);
    expect(domain?.disks).toMatchObject([
      {
        capacityBytes: 8 * 2 ** 30,
        format: 'raw-sparse',
        errorPolicy: 'stop',
        rerrorPolicy: 'stop',
        pool: 'cold',
        weight: 900,
      },
      {
        weight: 300,
        iotune: {
          total_iops: { perSecond: 500, max: 900, lengthSeconds: 5 },
          read_bytes: { perSecond: 4096, max: 0, lengthSeconds: 1 },
        },
      },
      { work: { depth: 32, readShare: 0.7, workingSetBytes: 2 ** 30 }, requestsPerSecond: 4000 },
    ]);
  });

  it('a container: cgroup and namespaces', () => {
    const domain = read(`type: lxc
container: { memoryMin: 1 MiB, memoryLow: 2 MiB, memoryHigh: 3 MiB, memoryMax: 4 MiB, swapMax: 5 MiB, oomGroup: true, pidsMax: 64, privnet: true, idmap: true }`);
    expect(domain?.container).toEqual({
      limits: {
        memory: {
          min: 2 ** 20,
          low: 2 * 2 ** 20,
          high: 3 * 2 ** 20,
          max: 4 * 2 ** 20,
          swapMax: 5 * 2 ** 20,
          oomGroup: true,
        },
        pidsMax: 64,
      },
      privnet: true,
      idmap: true,
    });
  });

  it('devices', () => {
    const domain =
      read(`console: { useSerial: false, bootMenu: true, loaderSerial: false, seconds: { bootMenu: 3, init: 7 } }
kernel: { sysrq: 438, unknownNmiPanic: true, panicSeconds: -1, kdump: true }
panic: panicked
usb:
  model: ich9-ehci1
  remoteWakeup: false
  devices: [{ kind: tablet }, { kind: storage, speed: high, port: 4 }]
qxl: { revision: 3, async: false }
watchdog: { model: ib700, action: pause, timeoutSeconds: 20, feedMs: 5000 }
agent: { installed: false }
clock: { offset: variable, adjustmentSeconds: -3600, driftPpm: 20 }`);
    expect(domain?.devices).toEqual({
      console: {
        useSerial: false,
        bootMenu: true,
        loaderSerial: false,
        seconds: { 'boot-menu': 3, init: 7 },
      },
      kernel: { sysrq: 438, unknownNmiPanic: true, panicSeconds: -1, kdump: true, pvpanic: 'panicked' },
      usb: {
        model: 'ich9-ehci1',
        remoteWakeup: false,
        devices: [
          { kind: 'tablet', speed: 'full', port: 0 },
          { kind: 'storage', speed: 'high', port: 4 },
        ],
      },
      qxl: { revision: 3, async: false },
      watchdog: { model: 'ib700', action: 'pause', timeoutSeconds: 20, feedMs: 5000 },
      agent: { channel: true, installed: false },
      rtc: { offset: 'variable', adjustmentSeconds: -3600, driftPpm: 20 },
    });
  });

  it('devices in short, and devices that are not there', () => {
    expect(read('qxl: true\nagent: true\nwatchdog: dump')?.devices).toEqual({
      qxl: {},
      agent: { channel: true, installed: true },
      watchdog: { action: 'dump' },
    });
    expect(read('qxl: false\nagent: false\nserial: false\nusb: { model: none }')?.devices).toEqual({
      console: false,
      usb: false,
    });
  });

  it('give the devices that the era plans around them', () => {
    const domain = read('console: { seconds: { init: 7 } }')!;
    const { console } = planDevices(domain, 'rhel6');
    expect(console?.seconds).toEqual({ ...CONSOLE_DEFAULTS.rhel6.seconds, init: 7 });
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
    [
      'inventory: {list: [{name: a, numaCells: [{}], memnodes: [{cellid: 0, nodeset: 3}]}]}',
      'host.yaml:1:79 inventory.list[0].memnodes[0].nodeset: there is no NUMA node 3; expected nodes 0 to 1',
    ],
    [
      'host: {sockets: 1, cores: 4, threads: 1}\ninventory: {list: [{name: a, cpuset: 0-4}]}',
      'host.yaml:2:20 inventory.list[0]: there is no processor 4; expected 0 to 3',
    ],
    [
      'inventory: {list: [{name: a, usb: {devices: [{kind: mouse, port: 4}]}}]}',
      'host.yaml:1:35 inventory.list[0].usb: USB: mouse on port 4; qemu-xhci has ports 0 to 3',
    ],
    [
      'inventory: {list: [{name: a, type: xen, memory: 129 GiB}]}',
      'host.yaml:1:49 inventory.list[0].memory: a 64-bit PV guest uses at most 128 GiB',
    ],
  ])('are those of the host: %s', (text, message) => {
    expect(() => load(text)).toThrow(message);
  });
});

describe('what does not go together in a listed domain', () => {
  it.each<[string, string]>([
    [
      'vcpus: 2, vcpupin: [{vcpu: 2, cpuset: 0}]',
      '1:57 inventory.list[0].vcpupin[0].vcpu: there is no vCPU 2; expected 0 to 1',
    ],
    [
      'vcpupin: [{vcpu: 0, cpuset: 0}, {vcpu: 0, cpuset: 1}]',
      '1:69 inventory.list[0].vcpupin[1].vcpu: vCPU 0 is pinned twice; expected each one once',
    ],
    [
      'vcpupin: [{vcpu: 0, cpuset: 3-1}]',
      '1:58 inventory.list[0].vcpupin[0].cpuset: "3-1" is not accepted, expected a number, a list of numbers, or text such as "0-3,^2"',
    ],
    [
      'memnodes: [{cellid: 0, nodeset: 0}]',
      '1:50 inventory.list[0].memnodes[0].cellid: there is no cell 0; expected numaCells to be given',
    ],
    [
      'numaCells: [{memory: 1 GiB}, {memory: 1 GiB}]',
      '1:41 inventory.list[0].numaCells: cells of 2097152 KiB; expected 1048576 KiB together, or none of them given',
    ],
    [
      'vcpus: 2, numaCells: [{cpus: 0}, {cpus: 0-1}]',
      '1:70 inventory.list[0].numaCells[1].cpus: vCPU 0 is in cell 0, too; expected it in one',
    ],
    [
      'disks: [{iotune: {totalIopsSec: 1, readIopsSec: 1}}]',
      '1:47 inventory.list[0].disks[0].iotune: total_iops_sec cannot be set together with read_iops_sec',
    ],
    [
      'nics: [{rxQueueSize: 300}]',
      '1:51 inventory.list[0].nics[0].rxQueueSize: 300 is not accepted, expected one of 256, 512, 1024',
    ],
    [
      'nics: [{features: {csun: true}}]',
      '1:49 inventory.list[0].nics[0].features.csun: an unknown option; did you mean csum?',
    ],
    [
      'watchdog: explode',
      '1:40 inventory.list[0].watchdog: "explode" is not accepted, expected one of reset, shutdown',
    ],
    [
      'hugePageSize: 1 GiB',
      '1:44 inventory.list[0].hugePageSize: given without hugePages; expected hugePages: true',
    ],
    ['qxl: maybe', '1:35 inventory.list[0].qxl: "maybe" is not accepted, expected a group of options'],
  ])('%s', (entry, message) => {
    expect(() => load(`inventory: {list: [{name: a, ${entry}}]}`)).toThrow(message);
  });
});

describe('what does not go together in the section host', () => {
  it.each<[string, string]>([
    ['memory: 1 GiB, nodeMemory: [1 GiB, 1 GiB]', 'host.nodeMemory: given with memory; expected one of them'],
    ['nodeMemory: [1 GiB]', 'host.nodeMemory: 1 amounts for 2 nodes; expected one for each'],
    ['distances: [[10]]', 'host.distances: not 2 lists of 2 distances; expected one for each pair of nodes'],
    [
      'distances: [[10, 10], [20, 10]]',
      'host.distances: expected 10 from each node to itself, and more to others',
    ],
    [
      'hugePages: [{perNode: [1, 2, 3]}]',
      '1:30 host.hugePages[0].perNode: 3 counts for 2 nodes; expected one for each, or one for all',
    ],
    ['sensors: [{name: a, kind: smell, idle: 1, full: 2}]', 'expected one of temperature, power, fan'],
  ])('%s', (entry, message) => {
    expect(() => load(`host: {${entry}}`)).toThrow(message);
  });
});

it('a host of one processor has one node', () => {
  const { host } = load('host: {sockets: 1, cores: 1, threads: 1}');
  expect(hostConfig(host, 'modern').memory.nodesKiB).toHaveLength(1);
});
