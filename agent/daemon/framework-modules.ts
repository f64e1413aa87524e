import type { Vacm } from '../access/vacm.ts';
import { MAX_DATAGRAM } from '../ber/writer.ts';
import type { EngineIdentity } from '../engine/identity.ts';
import type { SnmpCounters } from '../message/counters.ts';
import type { BoundModule } from '../mib/module.ts';
import { type CommunityRows, communityMib } from '../objects/community-mib.ts';
import type { DurableState } from '../objects/durable-state.ts';
import { frameworkMib } from '../objects/framework-mib.ts';
import { mpdMib } from '../objects/mpd-mib.ts';
import type { RandomOctets } from '../objects/test-and-incr.ts';
import { usmDhMib } from '../objects/usm-dh-mib.ts';
import { usmMib } from '../objects/usm-mib.ts';
import { vacmMib } from '../objects/vacm-mib.ts';
import type { UsmStats } from '../security/usm/stats.ts';
import type { UserTable } from '../security/usm/user-table.ts';
import type { HostNotifications } from './notifications.ts';

/** What the modules of the SNMP framework show of an agent. */
export interface FrameworkParts {
  readonly identity: EngineIdentity;
  readonly counters: SnmpCounters;
  readonly users: UserTable;
  readonly usmStats: UsmStats;
  readonly vacm: Vacm;
  readonly communities: CommunityRows;
  readonly notifications: HostNotifications;
  readonly durable: DurableState;
  readonly randomOctets: RandomOctets;
}

/** The modules about the agent itself, which no configuration switches off (RFC 3411 to 3415, RFC 3584). */
export function frameworkModules(parts: FrameworkParts): BoundModule[] {
  const { identity, counters, users, usmStats, vacm, communities, notifications, durable, randomOctets } =
    parts;
  const { keep } = durable;
  return [
    frameworkMib(identity, MAX_DATAGRAM),
    mpdMib(counters),
    usmMib({ users, stats: usmStats, keep, randomOctets }),
    usmDhMib(users, keep),
    vacmMib(vacm, keep, randomOctets),
    communityMib(communities, identity.id, notifications.tables, notifications.keep),
  ];
}
