import { presetAccess, presetFamilies } from '../../agent/access/presets.ts';
import { Vacm } from '../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL, type SecurityLevel } from '../../agent/access/vacm-rows.ts';
import { SnmpEngine } from '../../agent/engine/engine.ts';
import { SnmpCounters } from '../../agent/message/counters.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';
import { Registry } from '../../agent/mib/registry.ts';
import { CommunityTable } from '../../agent/security/communities.ts';
import type { UsmStats } from '../../agent/security/usm/stats.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { Laboratory } from '../support/laboratory.ts';
import { authKey, ENGINE_ID, privKey, UsmLaboratory } from '../support/usm-laboratory.ts';
import type { AuthName, PrivName, V3Fields } from '../support/v3-messages.ts';

/** What a user's messages are protected with. */
export type UserKeys = Required<Pick<V3Fields, 'auth' | 'priv'>>;

interface User {
  readonly auth?: AuthName;
  readonly priv?: PrivName;
  /** The least level that the user has rights at. */
  readonly level: SecurityLevel;
}

const USERS: Readonly<Record<string, User>> = {
  plain: { level: SECURITY_LEVEL.noAuthNoPriv },
  signed: { auth: 'SHA-256', level: SECURITY_LEVEL.authNoPriv },
  sealed: { auth: 'SHA-256', priv: 'AES', level: SECURITY_LEVEL.noAuthNoPriv },
  old: { auth: 'MD5', priv: 'DES', level: SECURITY_LEVEL.noAuthNoPriv },
  wide: { auth: 'SHA-512', priv: 'AES-256', level: SECURITY_LEVEL.authPriv },
};

/** The names of the agent's users. */
export const USER_NAMES = Object.keys(USERS);

/** The keys of a user, made by the tests' own means; none for anybody else. */
export function keysOf(userName: string): UserKeys {
  const { auth, priv } = USERS[userName] ?? {};
  return { auth: auth && authKey(auth), priv: auth && priv && privKey(auth, priv) };
}

/** What the agent's clock shows. */
export const CLOCK = { engineId: ENGINE_ID, boots: 5, time: 1000 } as const;

/** Bounds on answers. */
export const LIMITS = { bulk: 1472, any: 4000, amplification: 1.5 } as const;

/** The counters that say what became of a datagram: each adds one to exactly one of them. */
const FATES = [
  'outGetResponses',
  'inAsnParseErrs',
  'inBadVersions',
  'inBadCommunityNames',
  'unknownSecurityModels',
  'invalidMsgs',
  'unknownPduHandlers',
  'unknownContexts',
  'silentDrops',
] as const;

/** A counter of {@link FuzzedAgent.fates}. */
export type Fate = (typeof FATES)[number] | keyof UsmStats;

/** An engine with users of all kinds, and all objects of the laboratory to read and set. */
export class FuzzedAgent {
  readonly counters = new SnmpCounters();
  readonly laboratory = new Laboratory();
  readonly usm = new UsmLaboratory();
  /** What was logged as an error; a bug wherever it happens. */
  readonly errors: unknown[] = [];
  readonly #engine: SnmpEngine;

  constructor() {
    for (const [name, { auth, priv }] of Object.entries(USERS)) this.usm.addUser(name, auth, priv);
    const vacm = accessByLevel();
    this.#engine = new SnmpEngine({
      registry: new Registry([this.laboratory.module]),
      communities: new CommunityTable([]),
      vacm,
      counters: this.counters,
      limits: LIMITS,
      logger: { ...silentLogger, error: (...logged) => this.errors.push(logged) },
      usm: {
        usm: this.usm.usm,
        engine: { id: ENGINE_ID, boots: () => this.usm.boots, timeSeconds: () => this.usm.timeSeconds },
        hasContext: (name) => vacm.contexts.has(name),
      },
    });
    this.usm.boots = CLOCK.boots;
    this.usm.timeSeconds = CLOCK.time;
  }

  /** Gives the engine a datagram and copies what it answers. */
  send(datagram: Uint8Array): Uint8Array | undefined {
    // What the laboratory writes down of its changes is of no use here, and must not count as a leak.
    this.laboratory.journal.length = 0;
    return this.#engine.process(datagram, { address: '127.0.0.1', port: 50_000 })?.slice();
  }

  /** How many datagrams came to each end. */
  fates(): Record<Fate, number> {
    const own = Object.fromEntries(FATES.map((name) => [name, this.counters[name]]));
    return { ...own, ...this.usm.stats } as Record<Fate, number>;
  }
}

/** Access control by which each user sees and sets everything from its level on. */
function accessByLevel(): Vacm {
  const vacm = new Vacm();
  const kept = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;
  const securityModel = SECURITY_MODEL.usm;
  vacm.configure({
    contexts: [''],
    groups: USER_NAMES.map((name) => ({ securityModel, securityName: name, groupName: name, ...kept })),
    access: Object.entries(USERS).map(([groupName, { level }]) => ({
      ...presetAccess('admin', { securityModel, securityLevel: level }),
      groupName,
    })),
    families: presetFamilies(),
  });
  return vacm;
}
