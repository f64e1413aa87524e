import type { z } from 'zod';
import { DEVICE_DEFAULTS, type DeviceConfig } from '../emulation/block/block-config.ts';
import type { SensorConfig } from '../emulation/host/host-config.ts';
import type { KsmConfig } from '../emulation/memory/ksm.ts';
import { type LowerDeviceConfig, UPLINK_DEFAULTS, type UplinkConfig } from '../emulation/net/net-config.ts';
import type { HaltPollConfig, PauseLoopConfig } from '../emulation/vcpu/vcpu-config.ts';
import { choice, decimal, flag, integer, list, option, section, text } from './fields.ts';
import { MEMORY_SIZE } from './memory-size.ts';
import { given, number, size, wholeNumber, yesNo } from './optional.ts';

const MOST = 0xffff_ffff;
const BITS_PER_GBIT = 1e9;
const NS_PER_US = 1000;

/** What is said of the line of a NIC. */
export const line = {
  gigabits: number(0.001, 1000, 'Line rate of its uplink, in Gbit/s.', '10'),
  queueFrames: wholeNumber(1, 1_000_000, 'Frames that wait for the line.', '1000'),
  rxChecksum: yesNo('The uplink checks the checksums of what comes in.', 'true'),
  corruptShare: number(0, 1, 'Share of the frames from outside whose payload was damaged on the way.', '0'),
  fcsErrorShare: number(0, 1, 'Share of them whose check sequence does not fit: a bad cable.', '0'),
  multicastShare: number(0, 1, 'Share of them that are multicast or broadcast.', '0.01'),
} as const;

/** The names of {@link line}. */
export const LINE_OPTIONS = Object.keys(line) as (keyof typeof line)[];

/** What {@link interfaceName} expects. */
export const INTERFACE_NAME = 'text of 1 to 15 octets other than lo';

/** The name of an interface of the host, which has a lo already. */
export function interfaceName() {
  return text(1, 15).refine((name) => name !== 'lo', { error: INTERFACE_NAME });
}

/** An entry of `host.bridges`. */
export const bridge = section({
  name: option(interfaceName(), {
    about: 'Its name, which NICs give as their source.',
    expected: INTERFACE_NAME,
  }),
  uplink: option(interfaceName().optional(), {
    about: 'Name of its uplink: a NIC, or one of `host.bonds`.',
    expected: INTERFACE_NAME,
    defaultText: 'eth0 for the first, eth1 for the second, and so on',
  }),
  ...line,
  isolated: option(flag().default(false), { about: 'It has no uplink.', expected: 'true or false' }),
});

/** An entry of `host.lowerDevices`. */
export const lowerDevice = section({
  name: option(interfaceName(), {
    about: 'Its name, which NICs of the type direct give as their source.',
    expected: INTERFACE_NAME,
  }),
  ...line,
  reflects: yesNo('What it is connected to sends frames for other guests back.', 'true for the mode vepa'),
});

/** A lower device as its entry describes it. */
export function lowerDeviceOf(from: z.output<typeof lowerDevice>): LowerDeviceConfig {
  return { ...uplinkOf(from, from.name), ...given({ reflects: from.reflects }) };
}

/** The name of the uplink of the bridge at a place. */
export function uplinkName({ uplink }: { readonly uplink?: string | undefined }, place: number): string {
  return uplink ?? `eth${place}`;
}

/** A physical NIC as an entry describes it. */
export function uplinkOf(
  {
    gigabits,
    queueFrames,
    rxChecksum,
    corruptShare,
    fcsErrorShare,
    multicastShare,
  }: Omit<z.output<typeof bridge>, 'name' | 'uplink' | 'isolated'>,
  name: string,
): UplinkConfig {
  const changes = given({ queueFrames, rxChecksum, corruptShare, fcsErrorShare, multicastShare });
  const lineRate = gigabits === undefined ? UPLINK_DEFAULTS.lineRate : gigabits * BITS_PER_GBIT;
  return { ...UPLINK_DEFAULTS, ...changes, name, lineRate };
}

const DEVICE = 'that of `device`';

/** An entry of `host.pools`. */
export const pool = section({
  name: option(text(1, 64), {
    about: 'Its name, which disks give as their pool.',
    expected: 'text of 1 to 64 octets',
  }),
  type: option(choice(['dir', 'logical', 'netfs']).default('dir'), {
    about: "libvirt's pool type.",
    expected: 'one of dir, logical, netfs',
  }),
  capacity: option(size(), {
    about: 'What it can hold, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
  }),
  device: option(choice(['hdd', 'ssd', 'nvme']).default('ssd'), {
    about: 'What it lies on: decides service times.',
    expected: 'one of hdd, ssd, nvme',
  }),
  channels: wholeNumber(1, 65_536, 'Requests that it works on at the same time.', DEVICE),
  readUs: number(0.1, 10_000_000, 'us to reach a random place for reading.', DEVICE),
  writeUs: number(0.1, 10_000_000, 'us to reach a random place for writing.', DEVICE),
  flushUs: number(0, 10_000_000, 'us of a flush.', DEVICE),
  megabytesPerSecond: number(0.1, 1_000_000, 'MB per second of a long transfer.', DEVICE),
});

/** What a pool lies on. */
export function deviceOf(from: z.output<typeof pool>): DeviceConfig {
  const ns = (us: number | undefined) => (us === undefined ? undefined : Math.round(us * NS_PER_US));
  const { megabytesPerSecond } = from;
  return {
    ...DEVICE_DEFAULTS[from.device],
    ...given({
      channels: from.channels,
      readNs: ns(from.readUs),
      writeNs: ns(from.writeUs),
      flushNs: ns(from.flushUs),
      bytesPerSecond: megabytesPerSecond === undefined ? undefined : megabytesPerSecond * 1e6,
    }),
  };
}

/** An entry of `host.hugePages`. */
export const hugePages = section({
  size: option(size().prefault('2 MiB'), {
    about: 'Size of a page, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
    defaultText: '2 MiB',
  }),
  perNode: option(list(integer(0, 2 ** 31 - 1), 8, 'counts', 1), {
    about: 'Pages set aside on each NUMA node, or a number for each.',
    expected: 'a whole number from 0 to 2147483647, or a list of them',
  }),
});

/** An entry of `host.sensors`. */
export const sensor = section({
  name: option(text(1, 64), { about: 'Its name.', expected: 'text of 1 to 64 octets' }),
  kind: option(choice(['temperature', 'power', 'fan']), {
    about: 'What it measures, in degrees Celsius, watts, or turns per minute.',
    expected: 'one of temperature, power, fan',
  }),
  idle: option(decimal(-1000, 1_000_000), {
    about: 'What it shows when the processors do nothing.',
    expected: 'a number from -1000 to 1000000',
  }),
  full: option(decimal(-1000, 1_000_000), {
    about: 'What it shows when all of them are busy.',
    expected: 'a number from -1000 to 1000000',
  }),
  lagSeconds: option(decimal(0.001, 86_400).default(30), {
    about: 'Seconds after which a change shows by two thirds.',
    expected: 'a number from 0.001 to 86400',
  }),
});

/** A sensor as its entry describes it. */
export function sensorOf({ lagSeconds, ...rest }: z.output<typeof sensor>): SensorConfig {
  return { ...rest, lagMs: lagSeconds * 1000 };
}

/** An entry of `host.images`. */
export const image = section({
  name: option(text(1, 64), { about: 'Its name.', expected: 'text of 1 to 64 octets' }),
  version: option(text(1, 64), {
    about: 'Its version and release.',
    expected: 'text of 1 to 64 octets, in quotes',
  }),
});

/** The group `host.packages`. */
export const packages = section({
  installOnly: option(list(text(1, 64), 100, 'names of packages').optional(), {
    about:
      "Packages that are installed beside their other versions, as yum's `installonlypkgs`: a list replaces the default one, kernels included.",
    expected: 'a list of at most 100 names of packages',
    defaultText: 'kernels and hypervisor images',
  }),
  limit: option(integer(0, 1000).default(0), {
    about:
      "Versions of an install-only package that are kept, as yum's `installonly_limit`; the oldest go, and what is booted stays. 0 keeps all.",
    expected: 'a whole number from 0 to 1000',
  }),
});

/** The group `host.ksm`. */
export const ksm = section({
  run: option(flag().default(true), { about: 'It runs.', expected: 'true or false' }),
  pagesToScan: wholeNumber(1, MOST, '`pages_to_scan`: pages looked at before each sleep.', '100'),
  sleepMillisecs: wholeNumber(1, MOST, '`sleep_millisecs`: its length.', '20'),
});

/** KSM as its group describes it. */
export function ksmOf({ run, ...rest }: z.output<typeof ksm>): Partial<KsmConfig> {
  return { ...given(rest), run: run ? 1 : 0 };
}

const window = (name: string, about: string, most: number, usual: string) =>
  wholeNumber(0, most, `\`${name}\`: ${about}`, usual);

/** The group `host.kvm`. */
export const kvm = section({
  pleGap: window('ple_gap', 'TSC cycles between two PAUSEs of one loop; 0 is off.', MOST, '128'),
  pleWindow: window('ple_window', 'TSC cycles after which a loop exits.', MOST, '4096'),
  pleWindowGrow: window('ple_window_grow', 'factor after an exit; 0 keeps the window.', MOST, '2'),
  pleWindowShrink: window('ple_window_shrink', '0 goes back when scheduled in.', MOST, '0'),
  pleWindowMax: window('ple_window_max', 'TSC cycles.', MOST, '4294967295; 1073741823 with rhel6'),
  pauseFilterCount: window(
    'pause_filter_count',
    'PAUSEs after which a loop exits; 0 is off.',
    65_535,
    '3000',
  ),
  pauseFilterCountGrow: window('pause_filter_count_grow', 'factor after an exit.', 65_535, '2; 0 with rhel6'),
  pauseFilterCountShrink: window('pause_filter_count_shrink', '0 goes back when scheduled in.', 65_535, '0'),
  pauseFilterCountMax: window('pause_filter_count_max', 'PAUSEs.', 65_535, '65535; 3000 with rhel6'),
  haltPollNsGrow: window('halt_poll_ns_grow', 'factor when a poll was too short.', MOST, '2'),
  haltPollNsGrowStart: window('halt_poll_ns_grow_start', 'ns that growth begins with.', 10_000_000, '10000'),
});

/** The parameters of kvm as their group describes them. */
export function kvmOf(from: z.output<typeof kvm> | undefined): {
  pauseLoop: Partial<PauseLoopConfig>;
  haltPoll: Partial<HaltPollConfig>;
} {
  const { haltPollNsGrow, haltPollNsGrowStart, ...pauseLoop } = from ?? {};
  return { pauseLoop: given(pauseLoop), haltPoll: given({ haltPollNsGrow, haltPollNsGrowStart }) };
}
