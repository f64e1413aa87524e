import { z } from 'zod';
import {
  CRASH_ACTIONS,
  type DiskConfig,
  type DomainConfig,
  INITIAL_STATES,
  LOAD_KINDS,
  type NicConfig,
} from '../emulation/domain/domain-config.ts';
import { canonicalUuid, derivedUuid } from '../util/uuid.ts';
import { choice, flag, integer, list, option, section, text } from './fields.ts';
import { DISK_SYSTEMS, diskSystems } from './listed-disk.ts';
import { NIC_SYSTEMS, nicSystems } from './listed-nic.ts';
import { checkSystems, DOMAIN_SYSTEMS, domainSystems } from './listed-systems.ts';
import { MEMORY_SIZE } from './memory-size.ts';
import { size } from './optional.ts';

const VIRT_TYPES = ['kvm', 'qemu', 'xen', 'lxc'] as const;
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const DEFAULT_MEMORY_KIB = 1_048_576;
const MAX_DEVICES = 64;
const MAX_VCPUS = 4096;

/** One entry of `inventory.list`, ready to be defined. */
export interface ListedDomain {
  /** Number of the host that it is on, counted from 1. */
  readonly host: number;
  readonly domain: DomainConfig;
}

/** A list of devices, or how many of the plain kind. */
function devices<S extends z.ZodType>(item: S) {
  const error = `a count from 0 to ${MAX_DEVICES}, or a list of as many devices`;
  const asList = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_DEVICES
      ? Array.from({ length: value as number }, () => ({}))
      : value;
  return z.preprocess(asList, z.array(item, { error }).max(MAX_DEVICES, { error }));
}

const nic = section({
  type: option(text(1, 32).default('network'), {
    about: 'How it is attached, as in libvirt: network, bridge, direct, user, ...',
    expected: 'text',
  }),
  mac: option(
    z
      .string({ error: 'a MAC address such as 52:54:00:12:34:56' })
      .toLowerCase()
      .regex(MAC, { error: 'a MAC address such as 52:54:00:12:34:56' })
      .optional(),
    { about: 'MAC address.', expected: 'six octets in hexadecimal, colon separated', defaultText: 'chosen' },
  ),
  source: option(text(1, 255).default('default'), {
    about: 'The network, bridge or lower device.',
    expected: 'text',
  }),
  model: option(text(1, 32).default('virtio'), { about: 'Device model.', expected: 'text' }),
  target: option(text(1, 15).optional(), {
    about: 'Name of the device on the host.',
    expected: 'text',
    defaultText: 'chosen',
  }),
  queues: option(integer(1, 256).default(1), {
    about: 'Number of queue pairs.',
    expected: 'a whole number from 1 to 256',
  }),
  ...NIC_SYSTEMS,
});

const disk = section({
  type: option(text(1, 32).default('file'), {
    about: 'What is behind it, as in libvirt: file, block, network, volume, ...',
    expected: 'text',
  }),
  device: option(choice(['disk', 'cdrom', 'floppy', 'lun']).default('disk'), {
    about: 'What the guest sees.',
    expected: 'one of disk, cdrom, floppy, lun',
  }),
  target: option(text(1, 32).optional(), {
    about: 'Name of the device in the guest.',
    expected: 'text',
    defaultText: 'the first free of vda, vdb, ...',
  }),
  bus: option(text(1, 32).default('virtio'), { about: 'Bus of the device.', expected: 'text' }),
  source: option(text(1, 1024).optional(), {
    about: 'The image, device or volume.',
    expected: 'text',
    defaultText: 'none',
  }),
  ...DISK_SYSTEMS,
});

/** The schema of one entry of `inventory.list`. */
export const listedDomain = section({
  name: option(
    text(1, 255).refine((name) => !name.includes('/'), { error: 'a name without a slash' }),
    { about: 'Name, unique on its host.', expected: 'text of 1 to 255 octets without a slash' },
  ),
  uuid: option(
    z
      .string({ error: 'a UUID: 32 hexadecimal digits, with or without dashes' })
      .refine((value) => canonicalUuid(value) !== undefined, {
        error: 'a UUID: 32 hexadecimal digits, with or without dashes',
      })
      .optional(),
    { about: 'UUID, unique in the whole list.', expected: 'a UUID', defaultText: 'derived from the name' },
  ),
  type: option(choice(VIRT_TYPES).default('kvm'), {
    about: 'Type of the domain.',
    expected: `one of ${VIRT_TYPES.join(', ')}`,
  }),
  host: option(integer(1, 1000).default(1), {
    about: 'Number of the host that it is on.',
    expected: 'a whole number from 1 to `inventory.hosts`',
  }),
  memory: option(size().prefault(DEFAULT_MEMORY_KIB), {
    about: 'Maximum memory, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
    defaultText: '1 GiB',
  }),
  currentMemory: option(size().optional(), {
    about: 'Memory at start, in KiB when there is no unit; at most `memory`.',
    expected: MEMORY_SIZE,
    defaultText: 'the value of `memory`',
  }),
  vcpus: option(integer(0, MAX_VCPUS).default(1), {
    about: 'vCPUs at start.',
    expected: `a whole number from 0 to ${MAX_VCPUS}`,
  }),
  maxVcpus: option(integer(1, MAX_VCPUS).optional(), {
    about: 'Maximum vCPUs; at least `vcpus`.',
    expected: `a whole number from 1 to ${MAX_VCPUS}`,
    defaultText: 'the value of `vcpus`',
  }),
  nics: option(devices(nic).prefault(1), {
    about: 'Network interfaces: how many, or a list.',
    expected: `a count from 0 to ${MAX_DEVICES}, or a list`,
    defaultText: '1',
  }),
  disks: option(devices(disk).prefault(1), {
    about: 'Disks: how many, or a list.',
    expected: `a count from 0 to ${MAX_DEVICES}, or a list`,
    defaultText: '1',
  }),
  load: option(choice(LOAD_KINDS).default('steady'), {
    about: 'What the guest does with its vCPUs and memory over time.',
    expected: `one of ${LOAD_KINDS.join(', ')}`,
  }),
  state: option(choice(INITIAL_STATES).default('running'), {
    about: 'State when the simulation starts.',
    expected: `one of ${INITIAL_STATES.join(', ')}`,
  }),
  autostart: option(flag().default(false), { about: 'Started with its host.', expected: 'true or false' }),
  labels: option(list(text(1, 64), 32, 'labels').default([]), {
    about: 'Words that rules of faults find it by.',
    expected: 'text of 1 to 64 octets, or a list of at most 32',
  }),
  onCrash: option(choice(CRASH_ACTIONS).default('destroy'), {
    about: 'What happens when the guest crashes.',
    expected: `one of ${CRASH_ACTIONS.join(', ')}`,
  }),
  ...DOMAIN_SYSTEMS,
})
  .superRefine((entry, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { whole: true } });
    if (entry.currentMemory !== undefined && entry.currentMemory > entry.memory) {
      issue('currentMemory', `more than the ${entry.memory} KiB of memory; expected at most that`);
    }
    const maxVcpus = maxVcpusOf(entry);
    if (entry.vcpus > maxVcpus) issue('vcpus', `more than maxVcpus; expected at most ${maxVcpus}`);
    checkSystems({ ...entry, maxVcpus, memoryKiB: entry.memory }, (path, message) =>
      context.addIssue({ code: 'custom', path: [...path], message, params: { whole: true } }),
    );
    const targets = new Set<string>();
    entry.disks.forEach((one, index) => {
      if (one.target === undefined) return;
      if (targets.has(one.target)) {
        context.addIssue({
          code: 'custom',
          path: ['disks', index, 'target'],
          message: 'a target that an earlier disk has; expected one of its own',
          params: { whole: true },
        });
      }
      targets.add(one.target);
    });
  })
  .transform((entry): ListedDomain => ({ host: entry.host, domain: toDomain(entry) }));

type Entry = Omit<Parameters<typeof domainSystems>[0], 'maxVcpus' | 'memoryKiB'> & {
  readonly name: string;
  readonly uuid?: string | undefined;
  readonly type: string;
  readonly memory: number;
  readonly currentMemory?: number | undefined;
  readonly vcpus: number;
  readonly maxVcpus?: number | undefined;
  readonly nics: readonly z.output<typeof nic>[];
  readonly disks: readonly z.output<typeof disk>[];
  readonly load: DomainConfig['load'];
  readonly state: DomainConfig['initialState'];
  readonly autostart: boolean;
  readonly labels: readonly string[];
  readonly onCrash: DomainConfig['onCrash'];
};

function toDomain(entry: Entry): DomainConfig {
  const maxVcpus = maxVcpusOf(entry);
  const uuid = entry.uuid === undefined ? undefined : canonicalUuid(entry.uuid);
  return {
    name: entry.name,
    uuid: uuid ?? derivedUuid('domain', entry.name),
    type: entry.type,
    memoryKiB: entry.memory,
    currentMemoryKiB: entry.currentMemory ?? entry.memory,
    vcpus: entry.vcpus,
    maxVcpus,
    nics: entry.nics.map(toNic),
    disks: toDisks(entry.disks, entry.blkioWeight),
    numaCells: [],
    onCrash: entry.onCrash,
    autostart: entry.autostart,
    initialState: entry.state,
    load: entry.load,
    ...(entry.labels.length === 0 ? {} : { labels: entry.labels }),
    ...domainSystems({ ...entry, maxVcpus, memoryKiB: entry.memory }),
  };
}

function maxVcpusOf({ maxVcpus, vcpus }: { maxVcpus?: number | undefined; vcpus: number }): number {
  return maxVcpus ?? Math.max(1, vcpus);
}

function toNic(from: z.output<typeof nic>): NicConfig {
  return {
    type: from.type,
    source: from.source,
    model: from.model,
    queues: from.queues,
    ...(from.mac === undefined ? {} : { mac: from.mac }),
    ...(from.target === undefined ? {} : { target: from.target }),
    ...nicSystems(from),
  };
}

function toDisks(from: readonly z.output<typeof disk>[], weight: number | undefined): DiskConfig[] {
  const taken = new Set(from.map((one) => one.target));
  let next = 0;
  return from.map((one): DiskConfig => {
    let target = one.target;
    while (target === undefined) {
      const name = `vd${letters(next++)}`;
      if (!taken.has(name)) target = name;
    }
    return {
      type: one.type,
      device: one.device,
      target,
      bus: one.bus,
      ...(one.source === undefined ? {} : { source: one.source }),
      ...diskSystems(one, weight),
    };
  });
}

/** 0 is a, 25 is z, 26 is aa: as the kernel names disks. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
