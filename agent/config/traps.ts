import { isIP } from 'node:net';
import { z } from 'zod';
import { isAddress, isHost } from './address.ts';
import { choice, decimal, flag, integer, list, option, section, text } from './fields.ts';
import { filterSubtree } from './filter-subtree.ts';
import { SECURITY_LEVELS } from './users.ts';

/** Notifications of one receiver that wait at most, where it says nothing else. */
const DEFAULT_QUEUE = 100_000;
const MAX_DESTINATIONS = 1000;
const MAX_FILTER = 1000;
const SUBTREE =
  'a name such as libvirtGuestNotif, or an object identifier in which `*` stands for any number';

const filter = section({
  include: option(list(filterSubtree, MAX_FILTER, 'names and object identifiers').default([]), {
    about: 'Notifications that it is told of: the subtrees that they are in.',
    expected: `${SUBTREE}, or a list of them`,
    defaultText: 'everything',
  }),
  exclude: option(list(filterSubtree, MAX_FILTER, 'names and object identifiers').default([]), {
    about: 'Notifications that it is not told of, by themselves or by a variable that they carry.',
    expected: `${SUBTREE}, or a list of them`,
    defaultText: 'nothing',
  }),
});

const tag = z
  .string({ error: 'text of 1 to 32 octets without spaces' })
  .regex(/^[\x21-\x7e]{1,32}$/, { error: 'text of 1 to 32 octets without spaces' });

const destination = section({
  name: option(text(1, 32).optional(), {
    about: 'Name, unique, by which logs and SNMP-TARGET-MIB know it, and under which its informs are kept.',
    expected: 'text of 1 to 32 octets',
    defaultText: '`destination-1` and so on',
  }),
  host: option(
    z
      .string({ error: 'a host name or an IP address' })
      .refine(isHost, { error: 'a host name or an IP address' }),
    {
      about: 'Receiver: a name or an IP address.',
      expected: 'a host name or an IP address',
      env: true,
    },
  ),
  port: option(integer(1, 65_535).default(162), {
    about: 'UDP port of the receiver.',
    expected: 'a whole number from 1 to 65535',
  }),
  version: option(choice(['v1', 'v2c', 'v3']).default('v2c'), {
    about: 'Protocol version of the notifications.',
    expected: 'one of v1, v2c, v3',
  }),
  type: option(choice(['trap', 'inform']).default('trap'), {
    about: 'Whether they are sent once, or until the receiver acknowledges them (not with v1).',
    expected: 'one of trap, inform',
  }),
  community: option(text(1, 255).optional(), {
    about: 'The community that is sent with v1 and v2c, a shared secret.',
    expected: 'text of 1 to 255 octets',
    defaultText: '`public`',
    secret: true,
    env: true,
  }),
  user: option(text(1, 32).optional(), {
    about: 'The user of `users` in whose name v3 is sent.',
    expected: 'the name of a user',
    defaultText: 'none; must be given with v3',
  }),
  level: option(choice(SECURITY_LEVELS).optional(), {
    about: 'Security level with v3.',
    expected: `one of ${SECURITY_LEVELS.join(', ')}`,
    defaultText: "the user's `level`",
  }),
  timeout: option(decimal(0.01, 3600).default(2), {
    about: 'Seconds that an inform waits for its acknowledgement.',
    expected: 'a number from 0.01 to 3600',
  }),
  retries: option(integer(0, 255).default(3), {
    about: 'How often an inform is sent again before the receiver counts as away.',
    expected: 'a whole number from 0 to 255',
  }),
  queue: option(integer(1, 1_000_000).default(DEFAULT_QUEUE), {
    about: 'Notifications that wait for the receiver at most; then the oldest is dropped.',
    expected: 'a whole number from 1 to 1000000',
  }),
  tags: option(list(tag, 8, 'tags').default([]), {
    about: 'Further tags in snmpTargetAddrTagList, beside `traps` or `informs`.',
    expected: 'text of 1 to 32 octets without spaces, or a list of them',
  }),
  sourceAddress: option(
    z
      .string({ error: 'an IPv4 or IPv6 address' })
      .refine(isAddress, { error: 'an IPv4 or IPv6 address' })
      .optional(),
    {
      about: "Address of this machine that it is sent from, of the receiver's family.",
      expected: 'an IPv4 or IPv6 address',
      defaultText: 'that of the agent',
    },
  ),
  filter: option(filter.optional(), {
    about: 'What the receiver is told of.',
    expected: 'a group of options',
    defaultText: 'none: everything',
  }),
})
  .superRefine((given, context) => {
    const { version, type, community, user, level, host, sourceAddress } = given;
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { whole: true } });
    if (version === 'v1' && type === 'inform') {
      issue('type', 'SNMPv1 has no informs; expected trap, or version: v2c or v3');
    }
    if (version === 'v3') {
      if (user === undefined) issue('user', 'is missing; expected the name of a user, as version is v3');
      if (community !== undefined) issue('community', 'v3 sends none; expected a user instead');
    } else {
      if (user !== undefined) issue('user', `${version} has none; expected a community, or version: v3`);
      if (level !== undefined) issue('level', `${version} has none; expected it with version: v3 only`);
    }
    if (sourceAddress !== undefined && isIP(host) !== 0 && isIP(host) !== isIP(sourceAddress)) {
      issue('sourceAddress', `is of another family than the receiver; expected an IPv${isIP(host)} address`);
    }
  })
  .transform(({ community, ...rest }) => ({ ...rest, community: community ?? 'public' }));

/** The notifications that may be sent, by what defines them. */
const FAMILIES = ['libvirt', 'stats', 'if', 'vm', 'entity'] as const;

const vm = section({
  perGuest: option(flag().default(true), {
    about: 'Initial `vmPerVMNotificationsEnabled`: whether VM-MIB tells of each guest.',
    expected: 'true or false',
  }),
  bulk: option(flag().default(false), {
    about: 'Initial `vmBulkNotificationsEnabled`: whether VM-MIB tells of many guests at once.',
    expected: 'true or false',
  }),
  window: option(decimal(0.1, 3600).default(1), {
    about: 'Simulated seconds for which the changes of guests are gathered to be told at once.',
    expected: 'a number from 0.1 to 3600',
  }),
});

/** The section `traps`. */
export const traps = section({
  destinations: option(
    z
      .array(destination, { error: 'a list of destinations, each with a host' })
      .max(MAX_DESTINATIONS, { error: `a list of at most ${MAX_DESTINATIONS} destinations` })
      .default([]),
    { about: 'Receivers of notifications.', expected: 'a list of destinations' },
  ),
  families: option(
    list(choice(FAMILIES), FAMILIES.length, `entries: ${FAMILIES.join(', ')}`).default([
      'libvirt',
      'stats',
      'if',
      'entity',
    ]),
    {
      about:
        'Which notifications are sent: `libvirt` is libvirtGuestNotif, `stats` are those of LIBVIRT-STATS-MIB, `if` are linkUp and linkDown of IF-MIB, `vm` are those of VM-MIB, `entity` is entConfigChange of ENTITY-MIB.',
      expected: `a list of: ${FAMILIES.join(', ')}`,
    },
  ),
  vm: vm.prefault({}),
  authentication: option(flag().default(true), {
    about: 'Initial `snmpEnableAuthenTraps`: whether authenticationFailure is sent.',
    expected: 'true or false',
  }),
});

/** The name of a destination, by its place from 0. */
export function destinationName({ name }: { readonly name?: string | undefined }, index: number): string {
  return name ?? `destination-${index + 1}`;
}
