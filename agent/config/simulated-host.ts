import { z } from 'zod';
import { DEVICE_DEFAULTS } from '../emulation/block/block-config.ts';
import { type HostConfig, hostDefaults } from '../emulation/host-config.ts';
import { UPLINK_DEFAULTS } from '../emulation/net/net-config.ts';
import type { Profile } from '../emulation/story.ts';
import { choice, decimal, flag, integer, option, section, text } from './fields.ts';
import { MEMORY_SIZE, memorySizeKiB } from './memory-size.ts';

const MOST_PCPUS = 65_536;
const MOST_DEVICES = 64;
const BITS_PER_GBIT = 1e9;
const OCTETS_PER_KIB = 1024;

function size() {
  return z.unknown().transform((value, context) => {
    const kib = memorySizeKiB(value);
    if (kib !== undefined) return kib;
    context.issues.push({ code: 'custom', message: MEMORY_SIZE, input: value });
    return z.NEVER;
  });
}

function several<S extends z.ZodType>(item: S, what: string) {
  const error = `a list of 1 to ${MOST_DEVICES} ${what}`;
  return z.array(item, { error }).min(1, { error }).max(MOST_DEVICES, { error });
}

const bridge = section({
  name: option(text(1, 15), {
    about: 'Its name, which NICs give as their source.',
    expected: 'text of 1 to 15 octets',
  }),
  gigabits: option(decimal(0.001, 1000).default(10), {
    about: 'Line rate of its uplink, in Gbit/s.',
    expected: 'a number from 0.001 to 1000',
  }),
  isolated: option(flag().default(false), { about: 'It has no uplink.', expected: 'true or false' }),
});

const pool = section({
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
});

const image = section({
  name: option(text(1, 64), { about: 'Its name.', expected: 'text of 1 to 64 octets' }),
  version: option(text(1, 64), {
    about: 'Its version and release.',
    expected: 'text of 1 to 64 octets, in quotes',
  }),
});

const hugePages = section({
  size: option(size().prefault('2 MiB'), {
    about: 'Size of a page, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
    defaultText: '2 MiB',
  }),
  perNode: option(integer(0, 2 ** 31 - 1), {
    about: 'Pages set aside on each NUMA node.',
    expected: 'a whole number from 0 to 2147483647',
  }),
});

/** The section `host`: what every simulated host is made of. What is left out is as its era has it. */
export const simulatedHost = section({
  sockets: option(integer(1, 64).optional(), {
    about:
      'Sockets with a processor. With this, `memory` or `pools`, the host no longer grows with its guests.',
    expected: 'a whole number from 1 to 64',
    defaultText: '2, and more for many guests',
    restart: true,
  }),
  cores: option(integer(1, 256).optional(), {
    about: 'Cores of a socket.',
    expected: 'a whole number from 1 to 256',
    defaultText: '16; 8 with the profile rhel6',
    restart: true,
  }),
  threads: option(integer(1, 8).optional(), {
    about: 'Threads of a core.',
    expected: 'a whole number from 1 to 8',
    defaultText: '2; 1 with the profile rhel6',
    restart: true,
  }),
  nodes: option(integer(1, 8).optional(), {
    about: 'NUMA nodes, each with as many sockets and as much memory as any other.',
    expected: 'a whole number from 1 to 8 that divides the number of processors',
    defaultText: '2; 1 with one socket',
    restart: true,
  }),
  pauseLoop: option(choice(['ple', 'pause-filter', 'none']).optional(), {
    about: 'How a processor notices that a vCPU spins: Intel, AMD, or not at all.',
    expected: 'one of ple, pause-filter, none',
    defaultText: 'ple',
    restart: true,
  }),
  haltPollNs: option(integer(0, 10_000_000).optional(), {
    about: "Ceiling of kvm's halt polling (`halt_poll_ns`), in ns; 0 switches it off.",
    expected: 'a whole number from 0 to 10000000',
    defaultText: '200000; 0 with the profile rhel6',
    restart: true,
  }),
  memory: option(size().optional(), {
    about: 'Memory of the host, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
    defaultText: '128 GiB (rhel6: 64 GiB), and more for many guests',
    restart: true,
  }),
  swap: option(size().optional(), {
    about: 'Its swap, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
    defaultText: '8 GiB',
    restart: true,
  }),
  hugePages: option(
    z
      .array(hugePages, { error: 'a list of pools' })
      .max(4, { error: 'a list of at most 4 pools' })
      .default([]),
    {
      about: 'Huge pages that are set aside.',
      expected: 'a list of pools, each with `size` and `perNode`',
      restart: true,
    },
  ),
  ksm: option(flag().default(false), {
    about: "Whether the kernel's same-page merging runs.",
    expected: 'true or false',
    restart: true,
  }),
  bridges: option(several(bridge, 'bridges').optional(), {
    about: 'Bridges with their uplinks; the first is where a NIC of the network `default` is.',
    expected: 'a list of bridges, each with a name',
    defaultText: '`virbr0` (rhel6: `br0`) with 10 Gbit/s; others that definitions name are made',
    restart: true,
  }),
  pools: option(several(pool, 'storage pools').optional(), {
    about: 'Storage pools; the first is where an image is that names none.',
    expected: 'a list of pools, each with a name and a capacity',
    defaultText: '`default`, 2 TiB, and more for many guests',
    restart: true,
  }),
  images: option(several(image, 'images').optional(), {
    about: 'Images of the hypervisor side by side; the first is booted.',
    expected: 'a list of images, each with a name and a version',
    defaultText: 'one of the era',
    restart: true,
  }),
}).superRefine((host, context) => {
  const pcpus = (host.sockets ?? 2) * (host.cores ?? 16) * (host.threads ?? 2);
  const issue = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message, params: { whole: true } });
  if (pcpus > MOST_PCPUS) issue('sockets', `${pcpus} processors; expected at most ${MOST_PCPUS}`);
  const nodes = nodesOf(host);
  if (pcpus % nodes !== 0)
    issue('nodes', `${nodes} nodes of ${pcpus} processors; expected a number that divides them`);
});

/** Two nodes in every era, and one for a single socket. */
function nodesOf({ sockets, nodes }: { sockets?: number | undefined; nodes?: number | undefined }): number {
  return nodes ?? (sockets === 1 ? 1 : 2);
}

/** What {@link simulatedHost} reads. */
export type SimulatedHost = z.output<typeof simulatedHost>;

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** The host that a configuration describes, of an era. */
export function hostConfig(from: DeepReadonly<SimulatedHost>, profile: Profile): HostConfig {
  const usual = hostDefaults(profile);
  const sockets = from.sockets ?? usual.cpu.sockets;
  const nodes = nodesOf(from);
  const usualKiB = usual.memory.nodesKiB.reduce((sum, kib) => sum + kib, 0);
  const perNode = Math.floor((from.memory ?? usualKiB) / nodes);
  const { pauseLoop, haltPoll } = usual.cpu;
  return {
    ...usual,
    cpu: {
      ...usual.cpu,
      sockets,
      nodes,
      cores: from.cores ?? usual.cpu.cores,
      threads: from.threads ?? usual.cpu.threads,
      pauseLoop: { ...pauseLoop, hardware: from.pauseLoop ?? pauseLoop.hardware },
      haltPoll: { ...haltPoll, haltPollNs: from.haltPollNs ?? haltPoll.haltPollNs },
    },
    memory: {
      ...usual.memory,
      nodesKiB: Array.from({ length: nodes }, () => perNode),
      // A small host's own system is small, too.
      hostUseKiB: Math.min(usual.memory.hostUseKiB, Math.floor((perNode * nodes) / 8)),
      swapKiB: from.swap ?? usual.memory.swapKiB,
      hugePages: from.hugePages.map((each) => ({
        sizeKiB: each.size,
        perNode: Array.from({ length: nodes }, () => each.perNode),
      })),
    },
    ksm: { ...usual.ksm, run: from.ksm ? 1 : 0 },
    segments:
      from.bridges?.map(({ name, gigabits, isolated }, i) => ({
        name,
        kind: 'bridge' as const,
        reflects: false,
        ...(isolated
          ? {}
          : { uplink: { ...UPLINK_DEFAULTS, name: `eth${i}`, lineRate: gigabits * BITS_PER_GBIT } }),
      })) ?? usual.segments,
    pools:
      from.pools?.map(({ name, type, capacity, device }) => ({
        name,
        type,
        capacityBytes: capacity * OCTETS_PER_KIB,
        device: DEVICE_DEFAULTS[device],
      })) ?? usual.pools,
    images: from.images ?? usual.images,
    grows: from.sockets === undefined && from.memory === undefined && from.pools === undefined,
  };
}
