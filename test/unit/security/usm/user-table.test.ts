import { describe, expect, it } from 'vitest';
import { ROW_STATUS, type RowChange, STORAGE_TYPE } from '../../../../agent/mib/managed-table.ts';
import { authProtocolByName } from '../../../../agent/security/usm/auth-protocols.ts';
import { KeyDerivation } from '../../../../agent/security/usm/keys.ts';
import { privProtocolByName } from '../../../../agent/security/usm/priv-protocols.ts';
import { createUser, type UserConfig, type UsmUser } from '../../../../agent/security/usm/user.ts';
import { userIndex } from '../../../../agent/security/usm/user-rules.ts';
import { UserTable } from '../../../../agent/security/usm/user-table.ts';
import { VirtsnmpError } from '../../../../agent/util/errors.ts';
import { Secret } from '../../../../agent/util/secret.ts';
import { fromHex } from '../../../support/hex.ts';

const ENGINE_ID = fromHex('80001f88800001020304050607');
const keys = new KeyDerivation();
const octets = (text: string) => Buffer.from(text);

function configured(name: string, password = 'maplesyrup', engineId = ENGINE_ID): UsmUser {
  const config: UserConfig = {
    name,
    auth: { protocol: authProtocolByName('SHA-256')!, key: { password } },
    priv: { protocol: privProtocolByName('AES')!, key: { password: 'pancakes+butter' } },
    storageType: STORAGE_TYPE.permanent,
  };
  return createUser(config, engineId, keys);
}

const plain = (name: string, engineId: Uint8Array) => createUser({ name }, engineId, keys);

function tableOf(...users: UsmUser[]): UserTable {
  const table = new UserTable();
  table.configure(users);
  return table;
}

/** What a manager does to a row. */
function manage(table: UserTable, name: string, change: RowChange<UsmUser>): void {
  const prepared = table.rows.prepare(userIndex(ENGINE_ID, octets(name)), change);
  if ('refused' in prepared) throw new Error(`refused with ${prepared.refused}`);
  prepared.commit();
}

const key = (octet: number) => new Secret(Buffer.alloc(32, octet));
const auth = (octet: number) => ({ protocol: authProtocolByName('SHA-256')!, key: key(octet) });
const made = { auth: auth(1), isCloned: true, status: ROW_STATUS.createAndGo } as const;
const names = (table: UserTable) => Array.from(table.rows, ({ securityName }) => securityName);
const keyOf = (table: UserTable, name: string) =>
  table.find(ENGINE_ID, octets(name))?.auth?.key.reveal().toString('hex');
const storedIn = (table: UserTable): unknown => JSON.parse(JSON.stringify(table.snapshot()));

describe('the rows', () => {
  it('stand in the order of the length of their index parts first (RFC 2578 section 7.7)', () => {
    const [shorter, longer] = [Uint8Array.of(9, 9, 9, 9, 9), Uint8Array.of(0, 0, 0, 0, 0, 0)];
    const table = tableOf(
      ...['zz', 'b', 'aaa', 'a'].map((name) => plain(name, longer)),
      plain('viewer', shorter),
    );
    expect(names(table)).toEqual(['viewer', 'a', 'b', 'zz', 'aaa']);
  });

  it('are told apart where their parts join to the same octets', () => {
    const table = tableOf(plain('xname', octets('12345')));
    expect(table.find(octets('12345x'), octets('name'))).toBeUndefined();
    expect(table.find(octets('12345'), octets('xname'))).toBeDefined();
  });

  it('are for messages while they are active, and as they last were', () => {
    const table = tableOf(configured('operator'));
    const before = keyOf(table, 'operator');
    expect(before).toBeDefined();
    manage(table, 'operator', { status: ROW_STATUS.notInService });
    expect(keyOf(table, 'operator')).toBeUndefined();
    manage(table, 'operator', { status: ROW_STATUS.active });
    expect(keyOf(table, 'operator')).toBe(before);
    manage(table, 'operator', { auth: auth(7) });
    expect(keyOf(table, 'operator')).toBe('07'.repeat(32));
    manage(table, 'new', made);
    manage(table, 'new', { status: ROW_STATUS.destroy });
    expect(keyOf(table, 'new')).toBeUndefined();
  });

  it('are not made of a name that is no UTF-8, nor of an engine ID of 4 octets', () => {
    const table = new UserTable();
    for (const index of [userIndex(ENGINE_ID, Uint8Array.of(0xff)), userIndex(octets('1234'), octets('x'))]) {
      expect(table.rows.prepare(index, made)).toHaveProperty('refused');
    }
  });
});

describe('another configuration', () => {
  it('that says the same of a user leaves what managers have changed of it', () => {
    const table = tableOf(configured('operator'), configured('viewer'));
    manage(table, 'operator', { auth: auth(7) });
    manage(table, 'made', made);
    table.configure([configured('operator')]);
    expect(names(table)).toEqual(['made', 'operator']);
    expect(keyOf(table, 'operator')).toBe('07'.repeat(32));
  });

  it('that gives a user another password counts, whatever managers have changed', () => {
    const table = tableOf(configured('operator'));
    manage(table, 'operator', { auth: auth(7), publicValue: octets('x') });
    const again = configured('operator', 'another password');
    table.configure([again]);
    expect(table.find(ENGINE_ID, octets('operator'))).toBe(again);
  });

  it('that no longer has a user removes it, whatever managers have changed', () => {
    const table = tableOf(configured('operator'));
    manage(table, 'operator', { auth: auth(7) });
    table.configure([]);
    expect(names(table)).toEqual([]);
  });

  it('that has a user of the name of one that managers made counts', () => {
    const table = new UserTable();
    manage(table, 'operator', made);
    const mine = configured('operator');
    table.configure([mine]);
    expect(table.find(ENGINE_ID, octets('operator'))).toBe(mine);
  });
});

describe('what is stored', () => {
  it('is what managers left in stable storage, and comes back whole', () => {
    const table = tableOf(configured('operator'), configured('viewer'));
    expect(table.snapshot()).toEqual([]);
    manage(table, 'operator', { auth: auth(7), publicValue: Uint8Array.of(1, 255) });
    manage(table, 'made', { ...made, priv: configured('x').priv });
    manage(table, 'fleeting', { ...made, storageType: STORAGE_TYPE.volatile });
    manage(table, 'waits', { status: ROW_STATUS.createAndWait });
    const again = tableOf(configured('operator'), configured('viewer'));
    again.restore(storedIn(table));
    expect(names(again)).toEqual(['made', 'waits', 'viewer', 'operator']);
    manage(table, 'fleeting', { status: ROW_STATUS.destroy });
    const all = ({ rows }: UserTable) => Array.from(rows, (user) => ({ ...user, name: [...user.name] }));
    for (const [i, user] of all(again).entries()) expect(user).toEqual(all(table)[i]);
    expect(keyOf(again, 'made')).toBe('01'.repeat(32));
    expect(keyOf(again, 'operator')).toBe('07'.repeat(32));
    expect(again.snapshot()).toEqual(table.snapshot());
  });

  it('of a configured user counts while the configuration says the same of it', () => {
    const table = tableOf(configured('operator'));
    manage(table, 'operator', { auth: auth(7) });
    const rotated = tableOf(configured('operator', 'another password'));
    const wanted = keyOf(rotated, 'operator');
    rotated.restore(storedIn(table));
    expect(keyOf(rotated, 'operator')).toBe(wanted);
    const without = new UserTable();
    without.restore(storedIn(table));
    expect(names(without)).toEqual([]);
  });

  it('of another engine stays, and opens nothing at this one', () => {
    const table = new UserTable();
    manage(table, 'made', made);
    const other = Uint8Array.of(0x80, 0, 0, 0, 5, 1);
    const again = tableOf(configured('operator', 'maplesyrup', other));
    again.restore(storedIn(table));
    expect(names(again)).toEqual(['operator', 'made']);
    expect(again.find(other, octets('made'))).toBeUndefined();
  });

  const sha = '1.3.6.1.6.3.10.1.1.5';

  it.each<[string, unknown]>([
    ['no list', { users: [] }],
    ['no object', [5]],
    ['an engine ID of 4 octets', { engineId: '00000000' }],
    ['no name', { name: '' }],
    ['a name of 33 octets', { name: '61'.repeat(33) }],
    ['a name that is no UTF-8', { name: 'ff' }],
    ['a name that is no hexadecimal', { name: 'zz' }],
    ['a missing name', { name: undefined }],
    ['an unknown protocol', { auth: { protocol: '1.3', key: '00'.repeat(32) } }],
    ['a key that is too short', { auth: { protocol: sha, key: '00' } }],
    ['no key', { auth: { protocol: sha, key: '' } }],
    ['a key that is no text', { auth: { protocol: sha, key: 5 } }],
    ['a protocol that is no object', { auth: sha }],
    ['privacy alone', { auth: undefined }],
    ['an unknown privacy protocol', { priv: { protocol: sha, key: '00'.repeat(16) } }],
    ['an unknown storage type', { storageType: 6 }],
    ['an unknown status', { status: 4 }],
    ['a status that needs a clone', { isCloned: false, auth: undefined, priv: undefined }],
    ['a clone that is neither so nor so', { isCloned: 'yes' }],
    ['an origin that is too short', { origin: '00' }],
    ['a public value of 33 octets', { publicValue: '00'.repeat(33) }],
  ])('is refused with %s, and nothing changes', (_what, part) => {
    const source = tableOf(configured('operator'));
    manage(source, 'made', { ...made, priv: configured('x').priv });
    const [stored] = source.snapshot();
    const table = tableOf(configured('operator'));
    const before = table.rows.changes;
    const whole = (row: object) => JSON.parse(JSON.stringify([stored, { ...stored, ...row }]));
    const list = Array.isArray(part) || (part as { users?: unknown }).users ? part : whole(part as object);
    expect(() => table.restore(list)).toThrow(VirtsnmpError);
    expect(table.rows.changes).toBe(before);
    table.restore(whole({}).slice(1));
    expect(names(table)).toEqual(['made', 'operator']);
  });
});
