import { z } from 'zod';
import { type HostConfig, hostDefaults } from '../emulation/host/host-config.ts';
import type { Profile } from '../emulation/lifecycle/story.ts';
import { bond, bondOf, checkBonds } from './bonds.ts';
import { choice, type DeepReadonly, integer, list, option, section } from './fields.ts';
import {
  bridge,
  deviceOf,
  hugePages,
  image,
  ksm,
  ksmOf,
  kvm,
  kvmOf,
  lowerDevice,
  lowerDeviceOf,
  packages,
  pool,
  sensor,
  sensorOf,
  uplinkName,
  uplinkOf,
} from './host-parts.ts';
import { MEMORY_SIZE } from './memory-size.ts';
import { given, several, shorthand, size } from './optional.ts';

const MOST_PCPUS = 65_536;
const MOST_DEVICES = 64;
const OCTETS_PER_KIB = 1024;

/** The section `host`: what every simulated host is made of. What is left out is as its era has it. */
export const simulatedHost = section({
  sockets: option(integer(1, 64).optional(), {
    about:
      'Sockets with a processor. With this, `memory`, `nodeMemory` or `pools`, the host no longer grows with its guests.',
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
  mhz: option(integer(100, 10_000).optional(), {
    about: 'TSC rate of the processors, in MHz.',
    expected: 'a whole number from 100 to 10000',
    defaultText: '2600; 2270 with the profile rhel6',
    restart: true,
  }),
  kvm: option(kvm.optional(), {
    about: 'Parameters of the modules kvm, kvm_intel and kvm_amd.',
    expected: 'a group of options',
    defaultText: "the kernel's own",
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
  nodeMemory: option(list(size(), 8, 'amounts of memory', 1).optional(), {
    about: 'Memory of each NUMA node, instead of `memory`, in KiB when there is no unit.',
    expected: 'a list of amounts of memory, one for each node',
    defaultText: 'equal shares of `memory`',
    restart: true,
  }),
  distances: option(
    z
      .array(z.array(integer(10, 254), { error: 'a list of distances' }), {
        error: 'a list of lists of distances',
      })
      .max(8, { error: 'a list of at most 8 lists' })
      .optional(),
    {
      about: 'Distances from each NUMA node to each (SLIT).',
      expected: 'for each node a list of whole numbers from 10 to 254',
      defaultText: '10 to itself, 20 to others',
      restart: true,
    },
  ),
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
  ksm: shorthand(ksm, (value) => (typeof value === 'boolean' ? { run: value } : value), {
    about: "The kernel's same-page merging; true is a group with nothing in it.",
    expected: 'true, false, or a group of options',
    defaultText: 'false',
    restart: true,
  }),
  bridges: option(several(bridge, MOST_DEVICES, 'bridges').optional(), {
    about: 'Bridges with their uplinks; the first is where a NIC of the network `default` is.',
    expected: 'a list of bridges, each with a name',
    defaultText: '`virbr0` (rhel6: `br0`) with 10 Gbit/s; others that definitions name are made',
    restart: true,
  }),
  bonds: option(several(bond, MOST_DEVICES, 'bonds').optional(), {
    about: 'Bonds of several NICs, as Linux makes them: uplinks of bridges, or lower devices.',
    expected: 'a list of bonds, each with a name, a mode and slaves',
    defaultText: 'none',
    restart: true,
  }),
  lowerDevices: option(several(lowerDevice, MOST_DEVICES, 'lower devices').optional(), {
    about: 'Devices that NICs of the type direct are on (macvtap).',
    expected: 'a list of devices, each with a name',
    defaultText: "those that definitions name, as fast as the first bridge's uplink",
    restart: true,
  }),
  pools: option(several(pool, MOST_DEVICES, 'storage pools').optional(), {
    about: 'Storage pools; the first is where an image is that names none.',
    expected: 'a list of pools, each with a name and a capacity',
    defaultText: '`default`, 2 TiB, and more for many guests',
    restart: true,
  }),
  packages: option(packages.optional(), {
    about: "How the host's package manager treats several versions of a package.",
    expected: 'a group of options',
    defaultText: 'kernels and hypervisor images are install-only, and all versions are kept',
    restart: true,
  }),
  sensors: option(several(sensor, MOST_DEVICES, 'sensors').optional(), {
    about: 'Sensors of its board, which follow how busy the processors are.',
    expected: 'a list of sensors',
    defaultText: 'two temperatures, power and a fan',
    restart: true,
  }),
  images: option(several(image, MOST_DEVICES, 'images').optional(), {
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
  if (host.nodeMemory !== undefined && host.memory !== undefined)
    issue('nodeMemory', 'given with memory; expected one of them');
  if (host.nodeMemory !== undefined && host.nodeMemory.length !== nodes)
    issue('nodeMemory', `${host.nodeMemory.length} amounts for ${nodes} nodes; expected one for each`);
  host.hugePages.forEach(({ perNode }, i) => {
    if (perNode.length === 1 || perNode.length === nodes) return;
    context.addIssue({
      code: 'custom',
      path: ['hugePages', i, 'perNode'],
      message: `${perNode.length} counts for ${nodes} nodes; expected one for each, or one for all`,
      params: { whole: true },
    });
  });
  const why = host.distances && distanceProblem(host.distances, nodes);
  if (why !== undefined) issue('distances', why);
  checkBonds(host, (path, message) =>
    context.addIssue({ code: 'custom', path: [...path], message, params: { whole: true } }),
  );
});

function distanceProblem(distances: readonly (readonly number[])[], nodes: number): string | undefined {
  if (distances.length !== nodes || distances.some((row) => row.length !== nodes))
    return `not ${nodes} lists of ${nodes} distances; expected one for each pair of nodes`;
  const isRight = distances.every((row, i) => row.every((distance, j) => (i === j) === (distance === 10)));
  return isRight ? undefined : 'expected 10 from each node to itself, and more to others';
}

/** Two nodes in every era, and one for a single socket. */
function nodesOf({ sockets, nodes }: { sockets?: number | undefined; nodes?: number | undefined }): number {
  return nodes ?? (sockets === 1 ? 1 : 2);
}

/** What {@link simulatedHost} reads. */
export type SimulatedHost = z.output<typeof simulatedHost>;

/** Bridges and lower devices, on bonds where they name one. */
function networkOf(
  { bonds = [], bridges, lowerDevices }: DeepReadonly<SimulatedHost>,
  usual: HostConfig,
): Pick<HostConfig, 'segments' | 'lowerDevices'> {
  const made = new Map(bonds.map((each) => [each.name, bondOf(each)]));
  const segments = bridges?.map((each, i) => {
    const name = uplinkName(each, i);
    return {
      name: each.name,
      kind: 'bridge' as const,
      reflects: false,
      ...(each.isolated ? {} : { uplink: made.get(name) ?? uplinkOf(each, name) }),
    };
  });
  const listed = new Set(lowerDevices?.map(({ name }) => name));
  const lower = [
    ...(lowerDevices ?? []).map((each) => ({ ...lowerDeviceOf(each), ...made.get(each.name) })),
    ...[...made.values()].filter(({ name }) => !listed.has(name)),
  ];
  return { segments: segments ?? usual.segments, ...(lower.length > 0 ? { lowerDevices: lower } : {}) };
}

/** The host that a configuration describes, of an era. */
export function hostConfig(from: DeepReadonly<SimulatedHost>, profile: Profile): HostConfig {
  const usual = hostDefaults(profile);
  const sockets = from.sockets ?? usual.cpu.sockets;
  const nodes = nodesOf(from);
  const usualKiB = usual.memory.nodesKiB.reduce((sum, kib) => sum + kib, 0);
  const perNode = Math.floor((from.memory ?? usualKiB) / nodes);
  const nodesKiB = from.nodeMemory ?? Array.from({ length: nodes }, () => perNode);
  const { pauseLoop, haltPoll } = usual.cpu;
  const parameters = kvmOf(from.kvm);
  return {
    ...usual,
    cpu: {
      ...usual.cpu,
      sockets,
      nodes,
      cores: from.cores ?? usual.cpu.cores,
      threads: from.threads ?? usual.cpu.threads,
      ...given({ mhz: from.mhz }),
      pauseLoop: {
        ...pauseLoop,
        ...parameters.pauseLoop,
        hardware: from.pauseLoop ?? pauseLoop.hardware,
      },
      haltPoll: {
        ...haltPoll,
        ...parameters.haltPoll,
        haltPollNs: from.haltPollNs ?? haltPoll.haltPollNs,
      },
    },
    memory: {
      ...usual.memory,
      nodesKiB,
      ...given({ distances: from.distances }),
      // A small host's own system is small, too.
      hostUseKiB: Math.min(
        usual.memory.hostUseKiB,
        Math.floor(nodesKiB.reduce((sum, kib) => sum + kib, 0) / 8),
      ),
      swapKiB: from.swap ?? usual.memory.swapKiB,
      hugePages: from.hugePages.map((each) => ({
        sizeKiB: each.size,
        perNode: Array.from({ length: nodes }, (_, node) => each.perNode[node] ?? each.perNode[0]!),
      })),
    },
    ksm: from.ksm ? { ...usual.ksm, ...ksmOf(from.ksm) } : usual.ksm,
    ...networkOf(from, usual),
    pools:
      from.pools?.map((each) => ({
        name: each.name,
        type: each.type,
        capacityBytes: each.capacity * OCTETS_PER_KIB,
        device: deviceOf(each),
      })) ?? usual.pools,
    sensors: from.sensors?.map(sensorOf) ?? usual.sensors,
    software: [
      ...usual.software.filter(({ kind }) => kind !== 'image' || from.images === undefined),
      ...(from.images ?? []).map((one) => ({ ...one, kind: 'image' as const })),
    ],
    packagePolicy: {
      limit: from.packages?.limit ?? usual.packagePolicy.limit,
      installOnly: from.packages?.installOnly ?? [
        ...usual.packagePolicy.installOnly,
        ...(from.images ?? []).map(({ name }) => name),
      ],
    },
    grows: [from.sockets, from.memory, from.nodeMemory, from.pools].every((each) => each === undefined),
  };
}
