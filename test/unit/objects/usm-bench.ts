import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import type { TableDefinition } from '../../../agent/mib/definition.ts';
import { SNMP_USER_BASED_SM_MIB } from '../../../agent/mib/generated/snmp-user-based-sm-mib.ts';
import { SNMP_USM_DH_OBJECTS_MIB } from '../../../agent/mib/generated/snmp-usm-dh-objects-mib.ts';
import { STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import type { Requester } from '../../../agent/mib/module.ts';
import { usmDhMib } from '../../../agent/objects/usm-dh-mib.ts';
import { usmMib } from '../../../agent/objects/usm-mib.ts';
import { authProtocolByName } from '../../../agent/security/usm/auth-protocols.ts';
import { KeyDerivation } from '../../../agent/security/usm/keys.ts';
import { privProtocolByName } from '../../../agent/security/usm/priv-protocols.ts';
import { UsmStats } from '../../../agent/security/usm/stats.ts';
import { createUser, type UsmUser } from '../../../agent/security/usm/user.ts';
import { userIndex } from '../../../agent/security/usm/user-rules.ts';
import { UserTable } from '../../../agent/security/usm/user-table.ts';
import { fromHex } from '../../support/hex.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue, type WireVarbind } from '../../support/wire.ts';

export const ENGINE_ID = fromHex('80001f88800001020304050607');

const TABLES: readonly TableDefinition[] = [
  SNMP_USER_BASED_SM_MIB.tables.usmUserTable,
  SNMP_USM_DH_OBJECTS_MIB.tables.usmDHUserKeyTable,
];

const keys = new KeyDerivation();

/** A configured user with both protocols, with one, or with none. */
export function configured(name: string, auth = 'SHA-256', priv = 'AES'): UsmUser {
  return createUser(
    {
      name,
      storageType: STORAGE_TYPE.permanent,
      ...(auth && { auth: { protocol: authProtocolByName(auth)!, key: { password: 'maplesyrup' } } }),
      ...(priv && { priv: { protocol: privProtocolByName(priv)!, key: { password: 'pancakes+butter' } } }),
    },
    ENGINE_ID,
    keys,
  );
}

/** Octets as a value. */
export function octets(bytes: Uint8Array): WireValue {
  return value.octets(Buffer.from(bytes).toString('latin1'));
}

/** The instance of a column of usmUserTable or usmDHUserKeyTable, without the point in front. */
export function instance(column: string, name: string, engineId: Uint8Array = ENGINE_ID): string {
  const found = TABLES.find(({ columns }) => column in columns)!.columns[column]!;
  return [...found.oid, ...userIndex(engineId, Buffer.from(name))].join('.');
}

/** The value of usmUserCloneFrom that names a user. */
export function pointerTo(name: string): WireValue {
  return value.oid(instance('usmUserSecurityName', name));
}

/** USM's modules over some users, through an engine that lets community `private` write everything. */
export class UsmBench {
  readonly users = new UserTable();
  readonly stats = new UsmStats();
  /** How often something was to be stored. */
  kept = 0;
  readonly agent: TestAgent;
  readonly #modules;

  constructor(...users: UsmUser[]) {
    this.users.configure(users);
    const keep = <T>(change: T): T => {
      this.kept++;
      return change;
    };
    const randomOctets = (count: number) => new Uint8Array(count).fill(1);
    const usm = usmMib({ users: this.users, stats: this.stats, keep, randomOctets });
    const dh = usmDhMib(this.users, keep);
    this.#modules = [usm, dh];
    this.agent = new TestAgent(this.#modules);
  }

  user(name: string): UsmUser | undefined {
    return this.users.rows.get(userIndex(ENGINE_ID, Buffer.from(name)));
  }

  /** The key of a user in hexadecimal. */
  key(name: string, part: 'auth' | 'priv' = 'auth'): string | undefined {
    return this.user(name)?.[part]?.key.reveal().toString('hex');
  }

  get(column: string, name: string): WireValue {
    return this.agent.ask(WIRE.get, [instance(column, name)])!.varbinds[0]!.value;
  }

  /** Sets columns of one user: `done`, or the error's name and the column that was blamed. */
  set(name: string, columns: Readonly<Record<string, WireValue>>): string {
    return this.setAll(Object.entries(columns).map(([column, to]) => [column, name, to]));
  }

  setAll(columns: readonly (readonly [column: string, name: string, to: WireValue])[]): string {
    return this.send(columns.map(([column, name, to]) => ({ oid: instance(column, name), value: to })));
  }

  send(varbinds: readonly WireVarbind[]): string {
    const { status, index } = this.agent.ask(WIRE.set, varbinds)!;
    return status === 0 ? 'done' : `${errorName(status)} ${index}`;
  }

  /** Tests what a certain requester sets, and makes it when it is allowed: `done`, or the error's name. */
  setBy(requester: Requester, name: string, column: string, to: Uint8Array): string {
    const [module, tableName] = column.startsWith('usmDH')
      ? [this.#modules[1]!, 'usmDHUserKeyTable']
      : [this.#modules[0]!, 'usmUserTable'];
    const index = userIndex(ENGINE_ID, Buffer.from(name));
    const row = this.users.rows.get(index);
    const values = new Map([[column, to]]);
    const test = module.tables[tableName]!.testSet!({ row, index, values, requester });
    if ('refused' in test) return errorName(test.refused);
    test.commit();
    return 'done';
  }
}

function errorName(status: number): string {
  return Object.entries(ERROR_STATUS).find(([, code]) => code === status)![0];
}
