import { readDisk } from '../../agent/emulation/block/disk-read.ts';
import { readContainer } from '../../agent/emulation/container/container-read.ts';
import { readDisplay } from '../../agent/emulation/display/drawing.ts';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import type { DomainConfig, NicConfig } from '../../agent/emulation/domain/domain-config.ts';
import type { Host } from '../../agent/emulation/host/host.ts';
import { type HostConfig, hostDefaults } from '../../agent/emulation/host/host-config.ts';
import { Hypervisor } from '../../agent/emulation/hypervisor.ts';
import type { NicCounter, QueueCounter } from '../../agent/emulation/net/nic-parts.ts';
import { readNic, readQueues } from '../../agent/emulation/net/nic-view.ts';
import { usbWakeups } from '../../agent/emulation/usb/usb-bus.ts';
import type { HostCpuConfig } from '../../agent/emulation/vcpu/vcpu-config.ts';
import { VirtualClock } from '../../agent/util/clock.ts';
import { derivedUuid } from '../../agent/util/uuid.ts';

const GIB_KIB = 2 ** 20;
const SECONDS = 120;

/** One feature with what it does, measured on a simulated host without and with it. */
interface Effect {
  readonly feature: string;
  readonly measure: string;
  readonly unit: string;
  readonly section: string;
  /** The figure without (false) and with (true) the feature. */
  readonly run: (on: boolean) => number;
}

interface Stage {
  readonly hypervisor: Hypervisor;
  readonly clock: VirtualClock;
  readonly host: Host;
  readonly guests: readonly Domain[];
}

/** A host of one socket on which these guests have run for two minutes. */
function stage(
  guests: readonly Partial<DomainConfig>[],
  host: (usual: HostConfig) => Partial<HostConfig> = () => ({}),
): Stage {
  const clock = new VirtualClock({ epochMs: Date.UTC(2026, 0, 5, 9) });
  const hypervisor = new Hypervisor({ seed: 11, clock });
  const usual = hostDefaults('modern');
  const made = hypervisor.addHost('effects', { ...usual, ...host(usual) });
  const configs = guests.map(
    (changes, i): DomainConfig => ({
      name: `guest-${i}`,
      uuid: derivedUuid('effects', `guest-${i}`),
      type: 'kvm',
      memoryKiB: 2 * GIB_KIB,
      currentMemoryKiB: 2 * GIB_KIB,
      vcpus: 4,
      maxVcpus: 4,
      nics: [],
      disks: [],
      numaCells: [],
      onCrash: 'destroy',
      autostart: false,
      initialState: 'running',
      load: 'steady',
      ...changes,
    }),
  );
  hypervisor.apply({ op: 'populate', host: made, configs });
  clock.advanceTo(SECONDS * 1000);
  return { hypervisor, clock, host: made, guests: configs.map(({ name }) => made.domains.byName(name)!) };
}

const same = (count: number, changes: Partial<DomainConfig>): Partial<DomainConfig>[] =>
  Array.from({ length: count }, () => changes);

/** A host with few processors, which does not grow. */
const small =
  (cpu: Partial<HostCpuConfig> = {}) =>
  (usual: HostConfig): Partial<HostConfig> => ({
    cpu: { ...usual.cpu, sockets: 1, cores: 4, threads: 1, nodes: 1, ...cpu },
    memory: { ...usual.memory, nodesKiB: [128 * GIB_KIB] },
    grows: false,
  });

const sumOfVcpus = (
  { guests }: Stage,
  read: (vcpu: NonNullable<ReturnType<Domain['vcpu']>>) => number,
): number =>
  guests.reduce(
    (sum, guest) =>
      sum + [0, 1, 2, 3].reduce((all, n) => all + (guest.vcpu(n) ? read(guest.vcpu(n)!) : 0), 0),
    0,
  );

const virtio = (changes: Partial<NicConfig> = {}): Partial<DomainConfig> => ({
  nics: [{ type: 'network', source: 'default', model: 'virtio', queues: 1, ...changes }],
});
const queue = ({ guests: [guest] }: Stage, name: QueueCounter): number =>
  readQueues(guest!.process!.machine, guest!.process!.nics[0]!.parts, name, guest!.nowMs);
const nic = ({ guests: [guest] }: Stage, name: NicCounter): number =>
  readNic(guest!.process!.machine, guest!.process!.nics[0]!.parts, name, guest!.nowMs);

const LARGE = { txFps: 60_000, rxFps: 0, largeShare: 1, localShare: 0 };
const pinned = (nodes: readonly number[]): Partial<DomainConfig> => ({
  cputune: { vcpupin: Array.from({ length: 4 }, () => Array.from({ length: 16 }, (_, cpu) => cpu)) },
  numatune: { mode: 'strict', nodeset: nodes, memnodes: [] },
});
const DISK = { type: 'file', device: 'disk', target: 'vda', bus: 'virtio' } as const;

const EFFECTS: readonly Effect[] = [
  {
    feature: 'Pause-loop exiting',
    measure: 'useful work of 4 lock-heavy guests on 4 CPUs',
    unit: 'CPU s',
    section: '1.3',
    run: (on) => {
      const guests = same(4, { guest: { work: 'contended' } });
      const host = (usual: HostConfig) =>
        small({ pauseLoop: { ...usual.cpu.pauseLoop, hardware: on ? 'ple' : 'none' } })(usual);
      return sumOfVcpus(stage(guests, host), (vcpu) => vcpu.read('work')) / 1e9;
    },
  },
  {
    feature: 'Halt polling',
    measure: 'CPU time that polls took, of a quiet guest',
    unit: 'CPU ms',
    section: '1.6',
    run: (on) => {
      const host = (usual: HostConfig) =>
        small({ haltPoll: { ...usual.cpu.haltPoll, haltPollNs: on ? 200_000 : 0 } })(usual);
      const polled = stage([{ load: 'idle', guest: { work: 'server' } }], host);
      return sumOfVcpus(polled, (vcpu) => vcpu.read('haltPollSuccess') + vcpu.haltPollFailNs) / 1e6;
    },
  },
  {
    feature: 'CPU quota of 20 ms in 100 ms',
    measure: 'CPU time of a guest of 4 vCPUs',
    unit: 'CPU s',
    section: '1.4',
    run: (on) => stage([on ? { cputune: { quotaUs: 20_000 } } : {}], small()).guests[0]!.cpuTimeNs / 1e9,
  },
  {
    feature: 'Event index (VIRTIO_F_EVENT_IDX)',
    measure: 'kicks and interrupts for 1000 frames sent',
    unit: '',
    section: '2.6',
    run: (on) => {
      const run = stage([virtio({ features: { eventIdx: on }, traffic: { txFps: 40_000, rxFps: 0 } })]);
      return (1000 * (queue(run, 'kicks') + queue(run, 'txInterrupts'))) / queue(run, 'txFrames');
    },
  },
  {
    feature: 'Zero-copy transmit',
    measure: 'host CPU time for a KiB sent',
    unit: 'ns',
    section: '2.4',
    run: (on) => {
      const run = stage([virtio({ zeroCopy: on, traffic: LARGE })]);
      return (1024 * nic(run, 'hostNs')) / queue(run, 'txBytes');
    },
  },
  {
    feature: 'Checksum offload (GUEST_CSUM)',
    measure: 'octets that the guest summed for 1000 frames',
    unit: 'KiB',
    section: '2.3',
    run: (on) => {
      const run = stage([virtio({ features: { guestCsum: on }, traffic: { rxFps: 40_000, txFps: 0 } })]);
      return (1000 * nic(run, 'checksumBytes')) / queue(run, 'rxFrames') / 1024;
    },
  },
  {
    feature: 'vhost instead of the emulator',
    measure: 'host CPU time for a frame sent',
    unit: 'ns',
    section: '2.2',
    run: (on) => {
      const run = stage([virtio({ backEnd: on ? 'vhost' : 'qemu', traffic: LARGE })]);
      return nic(run, 'hostNs') / queue(run, 'txFrames');
    },
  },
  {
    feature: 'Memory on the node of the vCPUs',
    measure: 'useful work of a guest that is pinned to node 0',
    unit: 'CPU s',
    section: '4',
    run: (on) => sumOfVcpus(stage([pinned([on ? 0 : 1])]), (vcpu) => vcpu.read('work')) / 1e9,
  },
  {
    feature: 'KSM',
    measure: 'memory saved by 8 guests of one system',
    unit: 'MiB',
    section: '3.2',
    run: (on) => {
      const guests = same(8, { guest: { ksm: { content: 'system', share: 0.3 } } });
      const { host } = stage(guests, ({ ksm }) => ({ ksm: { ...ksm, run: on ? 1 : 0 } }));
      return (host.memory.ksm.counters.pagesSharing * 4) / 1024;
    },
  },
  {
    feature: 'memory.high of 256 MiB',
    measure: 'times that a container was slowed down',
    unit: '',
    section: '5',
    run: (on) => {
      const limits = on ? { memory: { high: 2 ** 28 } } : {};
      const { guests, clock } = stage([{ type: 'lxc', container: { limits } }]);
      const { machine, container } = guests[0]!.process!;
      return readContainer(machine, container!.place, 'memory.high', clock.nowMs);
    },
  },
  {
    feature: 'iotune of 100 requests a second',
    measure: 'requests of a disk in 2 minutes',
    unit: '',
    section: '11',
    run: (on) => {
      const iotune = { total_iops: { perSecond: 100, max: 0, lengthSeconds: 1 } };
      const disks = [{ ...DISK, requestsPerSecond: 2000, ...(on ? { iotune } : {}) }];
      const { guests, clock } = stage([{ disks }]);
      const { machine, disks: opened } = guests[0]!.process!;
      const read = (name: 'rd.reqs' | 'wr.reqs') => readDisk(machine, opened[0]!.place, name, clock.nowMs);
      return read('rd.reqs') + read('wr.reqs');
    },
  },
  {
    feature: 'USB remote wakeup',
    measure: 'timer wakeups of a UHCI controller a second',
    unit: '',
    section: '8',
    run: (on) => {
      const { guests } = stage([{ devices: { usb: { model: 'piix3-uhci', remoteWakeup: on } } }]);
      return usbWakeups(guests[0]!.devices!.usb!, guests[0]!.guestMs) / SECONDS;
    },
  },
  {
    feature: 'USB remote wakeup',
    measure: 'host CPU time of the emulator a second',
    unit: 'us',
    section: '8',
    run: (on) => {
      const { guests } = stage([{ devices: { usb: { model: 'piix3-uhci', remoteWakeup: on } } }]);
      return guests[0]!.emulatorTimeNs / SECONDS / 1000;
    },
  },
  {
    feature: 'Asynchronous commands of a QXL display',
    measure: 'time that vCPUs of a desktop waited for the renderer',
    unit: 'ms',
    section: '9',
    run: (on) => {
      const qxl = { async: on, unattendedShare: 1 };
      const [guest] = stage([{ devices: { qxl } }]).guests;
      const { process, devices, guestMs, nowMs } = guest!;
      const { machine, display } = process!;
      return readDisplay(devices!.display!.qxl, guestMs, machine, display!.part, nowMs).blockedNs / 1e6;
    },
  },
];

/** The table of what each feature does, in Markdown. Deterministic. */
export function effectsTable(): string {
  const rows = EFFECTS.map(({ feature, measure, unit, section, run }) => {
    const off = run(false);
    const on = run(true);
    const ratio = off === 0 ? '' : figure(on / off);
    const cells = [
      feature,
      measure,
      `${figure(off)} ${unit}`.trim(),
      `${figure(on)} ${unit}`.trim(),
      ratio,
      section,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| Feature | Measured | without | with | ratio | facts |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Three digits that count. */
function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
