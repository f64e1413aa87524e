import { z } from 'zod';
import type { FaultRule } from '../emulation/fault/fault-rule.ts';
import { LOG_COMPONENTS, LOG_LEVELS } from '../log/levels.ts';
import { isAddress, parseNetwork } from './address.ts';
import { alarms } from './alarms.ts';
import { control } from './control.ts';
import { faults } from './fault-rules.ts';
import { choice, decimal, flag, integer, list, option, section, text } from './fields.ts';
import { listedDomain } from './listed-domain.ts';
import { moduleSelection, modules } from './modules.ts';
import { simulatedHost } from './simulated-host.ts';
import { traps } from './traps.ts';
import { triggers } from './triggers.ts';
import { type UserConfig, users } from './users.ts';

/** Guests of each host when the inventory names no domain at all. */
export const DEFAULT_GUESTS = 12;
/** Peculiarities of other agents that can be turned on. */
const COMPAT = ['libvirt-snmp'] as const;
/** What a community may be allowed: presets of access control, from least to most. */
export const COMMUNITY_ACCESS = ['read-only', 'operator', 'read-write', 'admin'] as const;
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const MAX_HOSTS = 1000;
const MAX_GUESTS = 100_000;

function path() {
  return text(1, 4096);
}

function secret() {
  return text(1, 255);
}

const address = z
  .string({ error: 'an IPv4 or IPv6 address' })
  .refine(isAddress, { error: 'an IPv4 or IPv6 address' });

const network = z
  .string({ error: 'an IP address or a network such as 192.0.2.0/24' })
  .transform((value, context) => {
    const result = parseNetwork(value);
    if ('network' in result) return result.network;
    context.issues.push({ code: 'custom', message: result.problem, input: value, params: { whole: true } });
    return z.NEVER;
  });

/** 5 to 32 octets, neither all zeros nor all ones (RFC 3411 section 5, SnmpEngineID), in lower case. */
const ENGINE_ID = /^(?!(00)+$)(?!(ff)+$)([0-9a-f]{2}){5,32}$/;

function engineId() {
  const error = 'hexadecimal digits of 5 to 32 octets, not all 00 or ff, in quotes';
  return z
    .string({ error })
    .transform((value) => value.toLowerCase().replace(/^0x/, ''))
    .refine((value) => ENGINE_ID.test(value), { error });
}

const system = section({
  contact: option(text(0, 255).default(''), {
    about: 'Initial `sysContact`: who to ask about this host.',
    expected: 'text of 0 to 255 octets',
    env: true,
  }),
  location: option(text(0, 255).default(''), {
    about: 'Initial `sysLocation`: where it is.',
    expected: 'text of 0 to 255 octets',
    env: true,
  }),
  name: option(text(0, 255).optional(), {
    about: 'Initial `sysName`.',
    expected: 'text of 0 to 255 octets',
    defaultText: "the simulated host's name",
    env: true,
  }),
  descr: option(text(0, 255).optional(), {
    about: '`sysDescr`: what it is.',
    expected: 'text of 0 to 255 octets',
    defaultText: '`virtsnmp`, its version and the name of the simulated host',
    env: true,
    restart: true,
  }),
});

const agent = section({
  listen: option(list(address, 16, 'IPv4 or IPv6 addresses', 1).default(['127.0.0.1']), {
    about: 'Addresses that requests are received on; `0.0.0.0` and `::` stand for all of the machine.',
    expected: 'an IPv4 or IPv6 address, or a list of 1 to 16',
    restart: true,
  }),
  port: option(integer(0, 65_535).default(1161), {
    about: 'UDP port that requests are received on; 0 takes any free one.',
    expected: 'a whole number from 0 to 65535',
    restart: true,
  }),
  maxBulkResponseSize: option(integer(484, 65_507).default(1472), {
    about: 'Largest GETBULK response, in octets; 1472 fits an Ethernet frame.',
    expected: 'a whole number from 484 to 65507',
  }),
  maxResponseSize: option(integer(484, 65_507).default(65_507), {
    about: 'Largest response of any kind, in octets.',
    expected: 'a whole number from 484 to 65507',
  }),
  compat: option(list(choice(COMPAT), COMPAT.length, 'entries: libvirt-snmp').default([]), {
    about:
      "`libvirt-snmp` imitates that agent's peculiarities: trap bindings end in `.0`, RowStatus is active for guests that don't run, and state 7 is shown.",
    expected: `a list of: ${COMPAT.join(', ')}`,
  }),
  engineId: option(engineId().optional(), {
    about: "snmpEngineID, which SNMPv3's keys are localized to.",
    expected: 'hexadecimal digits of 5 to 32 octets',
    defaultText: 'made at the first start, and kept in `state`',
    env: true,
    restart: true,
  }),
  modules,
  system: system.prefault({}),
});

const community = section({
  name: option(secret(), {
    about: 'The community, a shared secret.',
    expected: 'text of 1 to 255 octets',
    secret: true,
    env: true,
  }),
  access: option(choice(COMMUNITY_ACCESS).default('read-only'), {
    about: 'What it allows.',
    expected: `one of ${COMMUNITY_ACCESS.join(', ')}`,
  }),
  sources: option(list(network, 1000, 'IP addresses and networks').default(LOOPBACK), {
    about: 'Where requests may come from: addresses and networks (CIDR).',
    expected: 'an address or network, or a list of them',
  }),
  modules: moduleSelection(),
});

const notificationLog = section({
  entries: option(integer(1, 1_000_000).default(10_000), {
    about: 'Notifications that all logs of a host hold together at most, whatever managers set.',
    expected: 'a whole number from 1 to 1000000',
  }),
  size: option(integer(256, 16_777_216).default(16_384), {
    about: 'KiB that all logs of a host take together at most, in memory and about twice that in `state`.',
    expected: 'a whole number from 256 to 16777216',
  }),
  entryLimit: option(integer(0, 4_294_967_295).default(0), {
    about:
      'Initial `nlmConfigGlobalEntryLimit`: notifications that managers want to be held at most; 0 is no limit.',
    expected: 'a whole number from 0 to 4294967295',
  }),
  ageOut: option(integer(0, 4_294_967_295).default(1440), {
    about:
      'Initial `nlmConfigGlobalAgeOut`: simulated minutes after which a notification is removed; 0 is never.',
    expected: 'a whole number from 0 to 4294967295',
  }),
});

const limits = section({
  requestsPerSecond: option(integer(0, 10_000_000).default(500_000), {
    about: 'Requests per second taken from one source address in the long run; 0 is no limit.',
    expected: 'a whole number from 0 to 10000000',
  }),
  burst: option(integer(1, 10_000_000).default(500_000), {
    about: 'Requests that are taken from one source address at once after a silence.',
    expected: 'a whole number from 1 to 10000000',
  }),
  sources: option(integer(1, 100_000).default(4096), {
    about: 'Source addresses that are remembered.',
    expected: 'a whole number from 1 to 100000',
  }),
  amplificationLimit: option(decimal(1, 65_507).optional(), {
    about:
      'Largest answer to a source that has not authenticated, as a multiple of the octets of its request.',
    expected: 'a number from 1 to 65507',
    defaultText: 'none',
  }),
});

const inventory = section({
  hosts: option(integer(1, MAX_HOSTS).default(1), {
    about: 'Number of simulated hosts, each an agent of its own.',
    expected: `a whole number from 1 to ${MAX_HOSTS}`,
    restart: true,
  }),
  addressing: option(choice(['address', 'port']).default('address'), {
    about:
      'Where the hosts after the first listen: on the next IPv4 addresses, or on the next ports (always so with IPv6).',
    expected: 'one of address, port',
    restart: true,
  }),
  guests: option(integer(0, MAX_GUESTS).optional(), {
    about: 'Number of made-up guests of each host.',
    expected: `a whole number from 0 to ${MAX_GUESTS}`,
    defaultText: `${DEFAULT_GUESTS}; 0 when \`domains\` or \`list\` is given`,
  }),
  domains: option(list(path(), 1000, 'paths').default([]), {
    about: 'Files of libvirt domain XML, or folders of `*.xml`; their guests are on the first host.',
    expected: 'a path, or a list of paths',
    env: true,
  }),
  strict: option(flag().default(false), {
    about: 'Refuse to start when a domain XML file is refused.',
    expected: 'true or false',
  }),
  list: option(
    z
      .array(listedDomain, { error: 'a list of domains, each with a name' })
      .max(MAX_GUESTS, { error: `a list of at most ${MAX_GUESTS} domains` })
      .default([]),
    { about: 'Domains written out.', expected: 'a list of domains' },
  ),
});

const emulation = section({
  seed: option(integer(0, 4_294_967_295).default(1), {
    about: 'Start of all randomness: the same seed gives the same run.',
    expected: 'a whole number from 0 to 4294967295',
    restart: true,
  }),
  clock: option(z.iso.datetime({ offset: true, error: 'a time such as 2026-01-05T09:00:00Z' }).optional(), {
    about: 'Simulated time of day at the start: with it and a seed, a run can be repeated to the last octet.',
    expected: 'a time such as 2026-01-05T09:00:00Z',
    defaultText: "the machine's",
    restart: true,
  }),
  speed: option(decimal(0, 10_000).default(1), {
    about: 'Simulated seconds for each real second; 0 is paused.',
    expected: 'a number from 0 to 10000',
  }),
  profile: option(choice(['modern', 'rhel6']).default('modern'), {
    about: 'Which libvirt is imitated where versions differ.',
    expected: 'one of modern, rhel6',
    restart: true,
  }),
});

const componentLevels = section(
  Object.fromEntries(LOG_COMPONENTS.map((name) => [name, choice(LOG_LEVELS).optional()])) as Record<
    (typeof LOG_COMPONENTS)[number],
    z.ZodOptional<ReturnType<typeof choice<typeof LOG_LEVELS>>>
  >,
);

const log = section({
  level: option(choice(LOG_LEVELS).default('info'), {
    about: 'Level of every component that `levels` does not name.',
    expected: `one of ${LOG_LEVELS.join(', ')}`,
  }),
  levels: option(componentLevels.prefault({}), {
    about: `Levels of single components: ${LOG_COMPONENTS.join(', ')}.`,
    expected: `for each component one of ${LOG_LEVELS.join(', ')}`,
    defaultText: 'none',
    whole: true,
  }),
  console: option(flag().default(true), {
    about: 'Readable lines on standard error.',
    expected: 'true or false',
  }),
  file: option(path().optional(), {
    about: 'File that JSON lines are appended to, made with mode 0600.',
    expected: 'a path',
    defaultText: 'none',
    env: true,
  }),
});

const eventLog = section({
  file: option(path().optional(), {
    about: 'File that the truth about each event is appended to as JSON lines, made with mode 0600.',
    expected: 'a path',
    defaultText: 'none',
    env: true,
    restart: true,
  }),
  maxMiB: option(integer(0, 1_048_576).default(0), {
    about: 'Size in MiB from which on another file is begun; 0 is never.',
    expected: 'a whole number from 0 to 1048576',
    restart: true,
  }),
  keep: option(integer(1, 1000).default(10), {
    about: 'Files that are kept beside the present one, from `.1`, the last before it, on.',
    expected: 'a whole number from 1 to 1000',
    restart: true,
  }),
});

/** The whole configuration: every option, its limits and its default. */
export const configSchema = section({
  agent: agent.prefault({}),
  communities: option(
    z
      .array(community, { error: 'a list of communities, each with a name' })
      .max(1000, { error: 'a list of at most 1000 communities' })
      .prefault([{ name: 'public' }]),
    {
      about: 'Who may ask; an empty list lets nobody in.',
      expected: 'a list of communities',
      defaultText: '`public`, read-only, loopback only',
    },
  ),
  users,
  limits: limits.prefault({}),
  traps: traps.prefault({}),
  notificationLog: notificationLog.prefault({}),
  inventory: inventory.prefault({}),
  host: simulatedHost.prefault({}),
  emulation: emulation.prefault({}),
  alarms: alarms.prefault({}),
  triggers,
  faults,
  control: control.prefault({}),
  state: option(path().optional(), {
    about: 'Folder that what must outlive a restart is kept in.',
    expected: 'a path',
    defaultText: 'none: nothing is kept',
    env: true,
    restart: true,
  }),
  eventLog: eventLog.prefault({}),
  log: log.prefault({}),
});

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

type Parsed = DeepReadonly<z.output<typeof configSchema>>;

/** The section `inventory`; `guests` is always settled. */
export type InventoryConfig = Omit<Parsed['inventory'], 'guests'> & { readonly guests: number };
/** The configuration as the program uses it: complete, checked and deeply frozen; paths are absolute. */
export type Config = Omit<Parsed, 'inventory' | 'users' | 'faults'> & {
  readonly inventory: InventoryConfig;
  readonly users: readonly UserConfig[];
  readonly faults: readonly FaultRule[];
};
