import type { Config } from '../config/schema.ts';
import { destinationName } from '../config/traps.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../message/v3-constants.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../mib/managed-table.ts';
import type { AddressRow, FilterRow, NotifyRow, ParamsRow } from '../notify/target-rows.ts';
import type { TargetConfiguration } from '../notify/target-tables.ts';
import { writeTransportAddress } from '../notify/transport-address.ts';
import { communityName, trapCommunities, trapCommunityName } from './access.ts';
import { LOG_FILTER } from './notification-log.ts';

type Destination = Config['traps']['destinations'][number];

/** Rows of the configuration are changed there. */
const CONFIGURED = { storageType: STORAGE_TYPE.readOnly, status: ROW_STATUS.active } as const;
/** Tags by which the rows of snmpNotifyTable choose the destinations. */
const TAG = { trap: 'traps', inform: 'informs' } as const;
const VERSION = {
  v1: { processingModel: 0, securityModel: SECURITY_MODEL.v1 },
  v2c: { processingModel: 1, securityModel: SECURITY_MODEL.v2c },
  v3: { processingModel: 3, securityModel: SECURITY_MODEL.usm },
} as const;

/** The filter of the default notification log. */
const EVERYTHING: FilterRow = {
  filter: LOG_FILTER,
  subtree: [1],
  mask: new Uint8Array(0),
  included: true,
  ...CONFIGURED,
};

/** The tables of SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB as a configuration wants them. */
export function targetConfiguration(config: Config): TargetConfiguration {
  const { destinations } = config.traps;
  const named = destinations.map((destination, i) => ({
    ...destination,
    name: destinationName(destination, i),
  }));
  const filtered = named.filter(({ filter }) => filter !== undefined);
  return {
    addresses: named.map(addressRow),
    params: named.map((destination) => paramsRow(config, destination)),
    notifies: (['trap', 'inform'] as const).map(
      (kind): NotifyRow => ({ name: TAG[kind], tag: TAG[kind], kind, ...CONFIGURED }),
    ),
    profiles: filtered.map(({ name }) => ({ params: name, filter: name, ...CONFIGURED })),
    filters: [...filtered.flatMap(filterRows), EVERYTHING],
  };
}

/** The community that a security name stands for; also those that only go out with notifications. */
export function communitiesByName(config: Config): ReadonlyMap<string, string> {
  return new Map([
    ...config.communities.map(({ name }) => [communityName(name), name] as const),
    ...trapCommunities(config).map((name) => [trapCommunityName(name), name] as const),
  ]);
}

function addressRow({
  name,
  host,
  port,
  type,
  tags,
  timeout,
  retries,
  sourceAddress,
  queue,
}: Destination & { name: string }): AddressRow {
  return {
    name,
    ...writeTransportAddress({ host, port }),
    timeoutCentiseconds: Math.round(timeout * 100),
    retries,
    tags: Array.from(new Set([TAG[type], ...tags])).join(' '),
    params: name,
    mask: new Uint8Array(0),
    maxMessageSize: 0,
    sourceAddress,
    queueLength: queue,
    ...CONFIGURED,
  };
}

function paramsRow(config: Config, destination: Destination & { name: string }): ParamsRow {
  const { name, version, user, level } = destination;
  const configured = config.users.find((one) => one.name === user);
  return {
    name,
    ...VERSION[version],
    securityName: user ?? securityName(config, destination.community),
    securityLevel: SECURITY_LEVEL[level ?? configured?.level ?? 'noAuthNoPriv'],
    ...CONFIGURED,
  };
}

/** That of the agent's community of this name, if it has one, and otherwise one of the destination's own. */
function securityName(config: Config, community: string): string {
  const isOwn = config.communities.some(({ name }) => name === community);
  return isOwn ? communityName(community) : trapCommunityName(community);
}

function filterRows({ name, filter }: Destination & { name: string }): FilterRow[] {
  const { include, exclude } = filter!;
  const everything = { subtree: [1], any: [] };
  const row = (
    { subtree, any }: typeof everything | (typeof include)[number],
    included: boolean,
  ): FilterRow => ({
    filter: name,
    subtree,
    mask: maskOf(subtree.length, any),
    included,
    ...CONFIGURED,
  });
  return [
    ...(include.length === 0 ? [everything] : include).map((family) => row(family, true)),
    ...exclude.map((family) => row(family, false)),
  ];
}

/** One bit for each sub-identifier, the first one highest: 0 where any will do (RFC 3413, snmpNotifyFilterMask). */
function maskOf(length: number, any: readonly number[]): Uint8Array {
  if (any.length === 0) return new Uint8Array(0);
  const mask = new Uint8Array(Math.ceil(length / 8)).fill(0xff);
  for (const at of any) mask[at >> 3]! &= ~(0x80 >> (at & 7));
  return mask;
}
