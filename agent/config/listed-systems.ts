import type { z } from 'zod';
import type { DiskConfig, DomainConfig, NicConfig } from '../emulation/domain-config.ts';
import { NUMA_MODES } from '../emulation/numa/numa-config.ts';
import { WATCHDOG_ACTIONS } from '../emulation/watchdog/watchdog-config.ts';
import { choice, decimal, flag, integer, list, option, type section, text } from './fields.ts';

const OS_TYPES = ['hvm', 'xen', 'linux', 'exe'] as const;
const WORKS = ['compute', 'build', 'server', 'contended'] as const;
const POLICIES = ['stop', 'report', 'ignore', 'enospace'] as const;
const MODES = ['bridge', 'vepa', 'private', 'passthrough'] as const;
const FORMATS = ['raw-thick', 'raw-sparse', 'qcow2', 'block'] as const;

/** What one NIC of a listed domain may have beside its attachment. */
export const NIC_SYSTEMS = {
  link: option(choice(['up', 'down']).default('up'), { about: 'Its link.', expected: 'one of up, down' }),
  mode: option(choice(MODES).optional(), {
    about: 'Mode of macvtap, for the type direct.',
    expected: `one of ${MODES.join(', ')}`,
    defaultText: 'vepa',
  }),
  backEnd: option(choice(['vhost', 'qemu']).optional(), {
    about: 'Who moves its frames.',
    expected: 'one of vhost, qemu',
    defaultText: 'vhost for virtio, qemu for others',
  }),
  zeroCopy: option(flag().default(false), {
    about: 'Whether vhost sends large frames without copying them.',
    expected: 'true or false',
  }),
  txFps: option(decimal(0, 100_000_000).optional(), {
    about: 'Frames per second that the guest sends when it is fully busy.',
    expected: 'a number from 0 to 100000000',
    defaultText: '4000',
  }),
  rxFps: option(decimal(0, 100_000_000).optional(), {
    about: 'Frames per second that the outside world sends to it then.',
    expected: 'a number from 0 to 100000000',
    defaultText: '3000',
  }),
} as const;

/** What one disk of a listed domain may have beside what is behind it. */
export const DISK_SYSTEMS = {
  format: option(choice(FORMATS).optional(), {
    about: 'How the image takes space: all at once, or on first writes.',
    expected: `one of ${FORMATS.join(', ')}`,
    defaultText: 'qcow2 for files, block for others',
  }),
  gibibytes: option(decimal(0.001, 1_000_000).optional(), {
    about: 'Size that the guest sees, in GiB.',
    expected: 'a number from 0.001 to 1000000',
    defaultText: '20',
  }),
  pool: option(text(1, 64).optional(), {
    about: 'Storage pool of the host that it lies in.',
    expected: 'text of 1 to 64 octets',
    defaultText: 'the first',
  }),
  errorPolicy: option(choice(POLICIES).optional(), {
    about: 'What happens when a write fails.',
    expected: `one of ${POLICIES.join(', ')}`,
    defaultText: 'enospace',
  }),
  iops: option(integer(0, 2 ** 31 - 1).default(0), {
    about: 'Requests a second that it may do (`total_iops_sec`); 0 is no limit.',
    expected: 'a whole number from 0 to 2147483647',
  }),
  requestsPerSecond: option(decimal(0, 10_000_000).optional(), {
    about: 'Requests per second that the guest makes when it is fully busy.',
    expected: 'a number from 0 to 10000000',
    defaultText: '200',
  }),
} as const;

/** What a listed domain may have of each system of the host. */
export const DOMAIN_SYSTEMS = {
  osType: option(choice(OS_TYPES).optional(), {
    about: 'How its system is run: on emulated hardware, paravirtual (xen, linux), or as a container (exe).',
    expected: `one of ${OS_TYPES.join(', ')}`,
    defaultText: 'that of its type',
  }),
  work: option(choice(WORKS).optional(), {
    about: 'What its programs do with the vCPUs: how often they wait for locks and for input.',
    expected: `one of ${WORKS.join(', ')}`,
    defaultText: 'that of its load',
  }),
  cpuShares: option(integer(2, 262_144).optional(), {
    about: '`<cputune>`: its weight, of a container that of its cgroup.',
    expected: 'a whole number from 2 to 262144',
    defaultText: '1024; 100 for a container',
  }),
  cpuQuotaUs: option(integer(1000, 2 ** 31 - 1).optional(), {
    about: '`<cputune>`: us that each vCPU, or a container as a whole, may run in 100 ms.',
    expected: 'a whole number from 1000 to 2147483647',
    defaultText: 'none',
  }),
  numaMode: option(choice(NUMA_MODES).optional(), {
    about: '`<numatune>`: how its memory is taken from the nodes of `numaNodes`.',
    expected: `one of ${NUMA_MODES.join(', ')}`,
    defaultText: 'none; strict with `numaNodes`',
  }),
  numaNodes: option(list(integer(0, 7), 8, 'NUMA nodes').default([]), {
    about: '`<numatune>`: nodes of the host that its memory comes from.',
    expected: 'a node from 0 to 7, or a list of them',
  }),
  hugePages: option(flag().default(false), {
    about: "Whether its memory is made of the host's huge pages.",
    expected: 'true or false',
  }),
  statsPeriod: option(integer(0, 86_400).default(0), {
    about: 'How often its balloon reports statistics, in seconds; 0 is never.',
    expected: 'a whole number from 0 to 86400',
  }),
  watchdog: option(choice(WATCHDOG_ACTIONS).optional(), {
    about: 'It has a watchdog (i6300esb) that does this.',
    expected: `one of ${WATCHDOG_ACTIONS.join(', ')}`,
    defaultText: 'none',
  }),
  agent: option(flag().default(false), {
    about: "Whether it has the guest agent's channel, with an agent.",
    expected: 'true or false',
  }),
  qxl: option(flag().default(false), {
    about: 'Whether it has a QXL display with SPICE.',
    expected: 'true or false',
  }),
  kdump: option(flag().default(false), {
    about: 'Whether its kernel has a crash kernel.',
    expected: 'true or false',
  }),
  memoryHigh: option(decimal(0.001, 1_000_000).optional(), {
    about: "memory.high of a container's cgroup, in GiB.",
    expected: 'a number from 0.001 to 1000000',
    defaultText: 'none',
  }),
} as const;

const GIB = 2 ** 30;

type Read<S extends Record<string, z.ZodType>> = z.output<ReturnType<typeof section<S>>>;

/** The part of a NIC's definition that {@link NIC_SYSTEMS} reads. */
export function nicSystems(from: Read<typeof NIC_SYSTEMS>): Partial<NicConfig> {
  const { mode, backEnd, txFps, rxFps } = from;
  const traffic = { ...(txFps === undefined ? {} : { txFps }), ...(rxFps === undefined ? {} : { rxFps }) };
  return {
    ...(from.link === 'down' ? { linkDown: true } : {}),
    ...(mode ? { macvtapMode: mode } : {}),
    ...(backEnd ? { backEnd } : {}),
    ...(from.zeroCopy ? { zeroCopy: true } : {}),
    ...(Object.keys(traffic).length > 0 ? { traffic } : {}),
  };
}

/** The part of a disk's definition that {@link DISK_SYSTEMS} reads. */
export function diskSystems(from: Read<typeof DISK_SYSTEMS>): Partial<DiskConfig> {
  const { format, gibibytes, pool, errorPolicy, iops, requestsPerSecond } = from;
  return {
    ...(format ? { format } : {}),
    ...(gibibytes === undefined ? {} : { capacityBytes: Math.round(gibibytes * GIB) }),
    ...(pool === undefined ? {} : { pool }),
    ...(errorPolicy ? { errorPolicy } : {}),
    ...(iops > 0 ? { iotune: { total_iops: { perSecond: iops, max: 0, lengthSeconds: 1 } } } : {}),
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
  };
}

/** The part of a domain's definition that {@link DOMAIN_SYSTEMS} reads. */
export function domainSystems(from: Read<typeof DOMAIN_SYSTEMS>): Partial<DomainConfig> {
  const { osType, work, cpuShares, cpuQuotaUs, numaMode, numaNodes, watchdog, memoryHigh } = from;
  const cputune = {
    ...(cpuShares === undefined ? {} : { shares: cpuShares }),
    ...(cpuQuotaUs === undefined ? {} : { quotaUs: cpuQuotaUs }),
  };
  const devices = {
    ...(watchdog ? { watchdog: { action: watchdog } } : {}),
    ...(from.agent ? { agent: { channel: true, installed: true } } : {}),
    ...(from.qxl ? { qxl: {} } : {}),
    ...(from.kdump ? { kernel: { kdump: true } } : {}),
  };
  const nodeset = [...new Set(numaNodes)].toSorted((a, b) => a - b);
  return {
    ...(osType ? { osType } : {}),
    ...(work ? { guest: { work } } : {}),
    ...(Object.keys(cputune).length > 0 ? { cputune } : {}),
    ...(nodeset.length > 0 ? { numatune: { mode: numaMode ?? 'strict', nodeset, memnodes: [] } } : {}),
    ...(from.hugePages ? { backing: { kind: 'hugepages' as const } } : {}),
    ...(from.statsPeriod > 0 ? { memballoon: { statsPeriodSeconds: from.statsPeriod } } : {}),
    ...(memoryHigh === undefined
      ? {}
      : { container: { limits: { memory: { high: Math.round(memoryHigh * GIB) } } } }),
    ...(Object.keys(devices).length > 0 ? { devices } : {}),
  };
}
