import { z } from 'zod';
import { LOG_COMPONENTS, LOG_LEVELS } from '../log/levels.ts';
import { isAddress, isHost, parseNetwork } from './address.ts';
import { choice, decimal, flag, integer, list, option, section, text } from './fields.ts';
import { listedDomain } from './listed-domain.ts';
import { simulatedHost } from './simulated-host.ts';
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

const host = z
  .string({ error: 'a host name or an IP address' })
  .refine(isHost, { error: 'a host name or an IP address' });

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
});

const destination = section({
  host: option(host, {
    about: 'Receiver: a name or an IP address.',
    expected: 'a host name or an IP address',
    env: true,
  }),
  port: option(integer(1, 65_535).default(162), {
    about: 'UDP port of the receiver.',
    expected: 'a whole number from 1 to 65535',
  }),
  version: option(choice(['v1', 'v2c']).default('v2c'), {
    about: 'Protocol version of the notifications.',
    expected: 'one of v1, v2c',
  }),
  community: option(secret().default('public'), {
    about: 'The community that is sent, a shared secret.',
    expected: 'text of 1 to 255 octets',
    secret: true,
    env: true,
  }),
});

const traps = section({
  destinations: option(
    z
      .array(destination, { error: 'a list of destinations, each with a host' })
      .max(1000, { error: 'a list of at most 1000 destinations' })
      .default([]),
    { about: 'Receivers of notifications.', expected: 'a list of destinations' },
  ),
  authentication: option(flag().default(true), {
    about: 'Initial `snmpEnableAuthenTraps`: whether authenticationFailure is sent.',
    expected: 'true or false',
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
  list: option(
    z
      .array(listedDomain, { error: 'a list of domains, each with a name' })
      .max(MAX_GUESTS, { error: `a list of at most ${MAX_GUESTS} domains` })
      .default([]),
    { about: 'Domains written out.', expected: 'a list of domains' },
  ),
  strict: option(flag().default(false), {
    about: 'Refuse to start when a domain XML file is refused.',
    expected: 'true or false',
  }),
});

const emulation = section({
  seed: option(integer(0, 4_294_967_295).default(1), {
    about: 'Start of all randomness: the same seed gives the same run.',
    expected: 'a whole number from 0 to 4294967295',
    restart: true,
  }),
  speed: option(decimal(0, 1000).default(1), {
    about: 'Simulated seconds for each real second; 0 is paused.',
    expected: 'a number from 0 to 1000',
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
  inventory: inventory.prefault({}),
  host: simulatedHost.prefault({}),
  emulation: emulation.prefault({}),
  state: option(path().optional(), {
    about: 'Folder that what must outlive a restart is kept in.',
    expected: 'a path',
    defaultText: 'none: nothing is kept',
    env: true,
    restart: true,
  }),
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
export type Config = Omit<Parsed, 'inventory' | 'users'> & {
  readonly inventory: InventoryConfig;
  readonly users: readonly UserConfig[];
};
