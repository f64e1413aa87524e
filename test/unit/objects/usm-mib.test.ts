import { describe, expect, it } from 'vitest';
import { ROW_STATUS, STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import { keyChangeValue } from '../../../agent/security/usm/key-change.ts';
import { MAX_USERS } from '../../../agent/security/usm/user-table.ts';
import { Secret } from '../../../agent/util/secret.ts';
import { value, WIRE } from '../../support/wire.ts';
import { configured, ENGINE_ID, instance, octets, pointerTo, UsmBench } from './usm-bench.ts';

const { active, notInService, notReady, createAndGo, createAndWait, destroy } = ROW_STATUS;
const NO_AUTH = value.oid('1.3.6.1.6.3.10.1.1.1');
const SHA256 = value.oid('1.3.6.1.6.3.10.1.1.5');
const NO_PRIV = value.oid('1.3.6.1.6.3.10.1.2.1');
const AES = value.oid('1.3.6.1.6.3.10.1.2.4');
const status = (to: number) => ({ usmUserStatus: value.integer(to) });
const cloned = { ...status(createAndGo), usmUserCloneFrom: pointerTo('template') };

/** A bench with the users template, plain and authOnly, and a new one that was cloned. */
function benchWithNew(): UsmBench {
  const bench = new UsmBench(
    configured('template'),
    configured('plain', '', ''),
    configured('authOnly', 'SHA-256', ''),
  );
  expect(bench.set('new', cloned)).toBe('done');
  return bench;
}

/** What changes a user's key of 32 octets into all sevens, or of 16 into all eights. */
function keyChange(bench: UsmBench, name: string, part: 'auth' | 'priv' = 'auth') {
  const { key } = bench.user(name)![part]!;
  const wanted = new Secret(new Uint8Array(key.length).fill(part === 'auth' ? 7 : 8));
  return octets(keyChangeValue('sha256', key, wanted));
}

describe('usmStats', () => {
  it('shows each counter', () => {
    const bench = new UsmBench();
    bench.stats.unsupportedSecLevels = 1;
    bench.stats.notInTimeWindows = 2;
    bench.stats.unknownUserNames = 3;
    bench.stats.unknownEngineIDs = 4;
    bench.stats.wrongDigests = 2 ** 32 + 5;
    bench.stats.decryptionErrors = 6;
    const names = [1, 2, 3, 4, 5, 6].map((arc) => `1.3.6.1.6.3.15.1.1.${arc}.0`);
    const shown = bench.agent.ask(WIRE.get, names)!.varbinds.map((varbind) => varbind.value.value);
    expect(shown).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  });
});

describe('usmUserSpinLock (TestAndIncr)', () => {
  const oid = '1.3.6.1.6.3.15.1.2.1.0';

  it('starts anywhere, and keeps a change from being made twice', () => {
    const bench = benchWithNew();
    const lock = bench.agent.ask(WIRE.get, [oid])!.varbinds[0]!;
    expect(lock.value).toEqual(value.integer(0x01010101));
    const change = {
      oid: instance('usmUserAuthKeyChange', 'new'),
      value: keyChange(bench, 'new'),
    };
    expect(bench.send([lock, change])).toBe('done');
    expect(bench.key('new')).toBe('07'.repeat(32));
    expect(bench.send([lock, change])).toBe('inconsistentValue 1');
    expect(bench.key('new')).toBe('07'.repeat(32));
  });
});

describe('a row of usmUserTable', () => {
  it('is read without its keys', () => {
    const bench = benchWithNew();
    const read = (column: string) => bench.get(column, 'template');
    expect(read('usmUserSecurityName')).toEqual(value.octets('template'));
    expect(read('usmUserCloneFrom')).toEqual(value.oid('0.0'));
    expect(read('usmUserAuthProtocol')).toEqual(SHA256);
    expect(read('usmUserPrivProtocol')).toEqual(AES);
    for (const column of [
      'usmUserAuthKeyChange',
      'usmUserOwnAuthKeyChange',
      'usmUserPrivKeyChange',
      'usmUserOwnPrivKeyChange',
      'usmUserPublic',
    ]) {
      expect(read(column)).toEqual(value.octets(''));
    }
    expect(read('usmUserStorageType')).toEqual(value.integer(STORAGE_TYPE.permanent));
    expect(read('usmUserStatus')).toEqual(value.integer(active));
    expect(bench.get('usmUserAuthProtocol', 'plain')).toEqual(NO_AUTH);
    expect(bench.get('usmUserPrivProtocol', 'authOnly')).toEqual(NO_PRIV);
  });

  it('of another engine can be made, too', () => {
    const bench = benchWithNew();
    const other = Uint8Array.of(0x80, 0, 0, 0, 5, 1);
    const made = [
      { oid: instance('usmUserStatus', 'peer', other), value: value.integer(createAndGo) },
      { oid: instance('usmUserCloneFrom', 'peer', other), value: pointerTo('template') },
    ];
    expect(bench.send(made)).toBe('done');
    expect(bench.users.find(ENGINE_ID, Buffer.from('peer'))).toBeUndefined();
    expect(bench.users.find(other, Buffer.from('peer'))?.securityName).toBe('peer');
  });

  it('has a name that is UTF-8', () => {
    const made = {
      oid: instance('usmUserStatus', 'x').replace(/120$/, '255'),
      value: value.integer(createAndWait),
    };
    expect(new UsmBench().send([made])).toBe('inconsistentName 1');
  });

  it('is stored with each change, and not when it is refused', () => {
    const bench = benchWithNew();
    expect(bench.kept).toBe(1);
    bench.set('new', { usmUserPublic: value.octets('x') });
    bench.set('new', status(active));
    expect(bench.kept).toBe(3);
    bench.set('new', { usmUserCloneFrom: value.oid('0.0'), ...status(createAndGo) });
    bench.set('new', { usmUserAuthKeyChange: value.octets('short') });
    expect(bench.kept).toBe(3);
  });

  it('is refused where the table is full', () => {
    const bench = new UsmBench(...Array.from({ length: MAX_USERS }, (_, i) => configured(`u${i}`, '', '')));
    expect(bench.set('new', status(createAndWait))).toBe('resourceUnavailable 1');
    expect(bench.set('u7', { usmUserPublic: value.octets('x') })).toBe('done');
  });
});

describe('usmUserCloneFrom', () => {
  it('gives a new user protocols and keys of another one, whatever else the request says of protocols', () => {
    const bench = new UsmBench(configured('template'));
    const change = { ...cloned, usmUserAuthProtocol: NO_AUTH, usmUserPrivProtocol: AES };
    expect(bench.set('new', change)).toBe('done');
    expect(bench.user('new')).toMatchObject({ status: active, storageType: STORAGE_TYPE.nonVolatile });
    expect(bench.key('new')).toBe(bench.key('template'));
    expect(bench.key('new', 'priv')).toBe(bench.key('template', 'priv'));
  });

  it.each([
    ['nobody', pointerTo('nobody')],
    ['nothing', value.oid('0.0')],
    ['another column', value.oid(instance('usmUserPublic', 'template'))],
    ['a whole column', value.oid('1.3.6.1.6.3.15.1.2.2.1.3')],
    ['a row that is not active', pointerTo('waits')],
    ['itself', pointerTo('other')],
  ])('of %s is refused with inconsistentName', (_what, pointer) => {
    const bench = benchWithNew();
    bench.set('waits', { ...cloned, ...status(createAndWait) });
    const change = { ...status(createAndGo), usmUserCloneFrom: pointer };
    expect(bench.set('other', change)).toBe('inconsistentName 2');
  });

  it('works once: later on it succeeds and does nothing', () => {
    const bench = benchWithNew();
    for (const pointer of [pointerTo('plain'), pointerTo('nobody'), value.oid('0.0')]) {
      expect(bench.set('new', { usmUserCloneFrom: pointer })).toBe('done');
      expect(bench.set('template', { usmUserCloneFrom: pointer })).toBe('done');
    }
    expect(bench.key('new')).toBe(bench.key('template'));
    expect(bench.key('template')).toBeDefined();
  });

  it('makes a row ready that was made step by step', () => {
    const bench = benchWithNew();
    expect(bench.set('slow', status(createAndWait))).toBe('done');
    expect(bench.user('slow')?.status).toBe(notReady);
    expect(bench.set('slow', status(active))).toBe('inconsistentValue 1');
    expect(bench.set('slow', { usmUserCloneFrom: pointerTo('template') })).toBe('done');
    expect(bench.user('slow')?.status).toBe(notInService);
    expect(bench.set('slow', status(active))).toBe('done');
    expect(bench.key('slow')).toBe(bench.key('template'));
  });

  it('is what it takes to be active', () => {
    const bench = benchWithNew();
    expect(bench.set('bare', status(createAndGo))).toBe('inconsistentValue 1');
    expect(bench.set('bare', { ...status(createAndGo), usmUserAuthProtocol: SHA256 })).toBe(
      'inconsistentValue 1',
    );
  });
});

describe('usmUserAuthProtocol and usmUserPrivProtocol', () => {
  const wait = status(createAndWait);

  it('of a new row are shown until it is cloned, and give it no key', () => {
    const bench = benchWithNew();
    const made = { ...wait, usmUserAuthProtocol: SHA256, usmUserPrivProtocol: AES };
    expect(bench.set('slow', made)).toBe('done');
    expect(bench.get('usmUserAuthProtocol', 'slow')).toEqual(SHA256);
    expect(bench.get('usmUserPrivProtocol', 'slow')).toEqual(AES);
    expect([bench.key('slow'), bench.key('slow', 'priv')]).toEqual(['', '']);
    expect(bench.set('slow', { usmUserCloneFrom: pointerTo('authOnly'), ...status(active) })).toBe('done');
    expect(bench.get('usmUserPrivProtocol', 'slow')).toEqual(NO_PRIV);
  });

  it.each([
    ['usmUserAuthProtocol', value.oid('1.3.6.1.6.3.10.1.1.99')],
    ['usmUserAuthProtocol', AES],
    ['usmUserPrivProtocol', SHA256],
  ] as const)('of a new row, %s, are refused where they are not known', (column, unknown) => {
    expect(benchWithNew().set('slow', { ...wait, [column]: unknown })).toBe('wrongValue 2');
  });

  it('of a new row are not privacy alone', () => {
    const change = { ...wait, usmUserPrivProtocol: AES };
    expect(benchWithNew().set('slow', change)).toBe('inconsistentValue 2');
    expect(benchWithNew().set('slow', { ...change, usmUserAuthProtocol: NO_AUTH })).toBe(
      'inconsistentValue 2',
    );
  });

  it('of a row that is there can become none, privacy first or both', () => {
    const bench = benchWithNew();
    expect(bench.set('new', { usmUserAuthProtocol: NO_AUTH })).toBe('inconsistentValue 1');
    expect(bench.set('new', { usmUserPrivProtocol: NO_PRIV })).toBe('done');
    expect(bench.user('new')).toMatchObject({ priv: undefined });
    expect(bench.set('new', { usmUserAuthProtocol: NO_AUTH })).toBe('done');
    expect(bench.user('new')).toMatchObject({ auth: undefined });
    bench.set('again', cloned);
    expect(bench.set('again', { usmUserAuthProtocol: NO_AUTH, usmUserPrivProtocol: NO_PRIV })).toBe('done');
    expect(bench.user('again')).toMatchObject({ auth: undefined, priv: undefined, status: active });
  });

  it('of a row that is there become no others', () => {
    const bench = benchWithNew();
    expect(bench.set('new', { usmUserAuthProtocol: value.oid('1.3.6.1.6.3.10.1.1.2') })).toBe(
      'inconsistentValue 1',
    );
    expect(bench.set('new', { usmUserPrivProtocol: value.oid('1.3.6.1.6.3.10.1.2.2') })).toBe(
      'inconsistentValue 1',
    );
    expect(bench.set('plain', { usmUserAuthProtocol: SHA256 })).toBe('inconsistentValue 1');
    expect(bench.set('new', { usmUserAuthProtocol: SHA256, usmUserPrivProtocol: AES })).toBe('done');
  });
});

describe('a change of keys', () => {
  it('takes what was made from the old key', () => {
    const bench = benchWithNew();
    const change = {
      usmUserAuthKeyChange: keyChange(bench, 'new'),
      usmUserPrivKeyChange: keyChange(bench, 'new', 'priv'),
      usmUserPublic: value.octets('done it'),
    };
    expect(bench.set('new', change)).toBe('done');
    expect(bench.key('new')).toBe('07'.repeat(32));
    expect(bench.key('new', 'priv')).toBe('08'.repeat(16));
    expect(bench.get('usmUserPublic', 'new')).toEqual(value.octets('done it'));
    expect(bench.key('template')).not.toBe('07'.repeat(32));
  });

  it('is made along with the clone', () => {
    const bench = benchWithNew();
    const change = { ...cloned, usmUserAuthKeyChange: keyChange(bench, 'template') };
    expect(bench.set('other', change)).toBe('done');
    expect(bench.key('other')).toBe('07'.repeat(32));
    expect(bench.key('other', 'priv')).toBe(bench.key('template', 'priv'));
  });

  it.each(['usmUserAuthKeyChange', 'usmUserPrivKeyChange'])('%s of a wrong length is refused', (column) => {
    const bench = benchWithNew();
    const before = bench.user('new');
    for (const length of [0, 31, 33, 48, 63, 65]) {
      expect(bench.set('new', { [column]: octets(new Uint8Array(length)) })).toBe('wrongLength 1');
    }
    expect(bench.user('new')).toBe(before);
  });

  it.each([
    'usmUserAuthKeyChange',
    'usmUserPrivKeyChange',
  ])('%s does nothing for a user without', (column) => {
    const bench = benchWithNew();
    expect(bench.set('plain', { [column]: value.octets('anything') })).toBe('done');
    expect(bench.user('plain')).toMatchObject({ auth: undefined, priv: undefined });
  });

  it('of a row that was not cloned is refused', () => {
    const bench = benchWithNew();
    bench.set('slow', status(createAndWait));
    const change = { usmUserAuthKeyChange: value.octets('x') };
    expect(bench.set('slow', change)).toBe('inconsistentName 1');
    expect(bench.set('slower', { ...status(createAndWait), ...change })).toBe('inconsistentName 2');
    expect(bench.set('nobody', change)).toBe('inconsistentName 1');
  });

  it('is refused for a user that was turned from, and made when the other rows of the request are fine', () => {
    const bench = benchWithNew();
    const change = ['usmUserAuthKeyChange', 'new', keyChange(bench, 'new')] as const;
    const before = bench.key('new');
    expect(bench.setAll([change, ['usmUserStatus', 'plain', value.integer(createAndGo)]])).toBe(
      'inconsistentValue 2',
    );
    expect(bench.key('new')).toBe(before);
    expect(bench.setAll([change, ['usmUserPublic', 'plain', value.octets('x')]])).toBe('done');
    expect(bench.key('new')).toBe('07'.repeat(32));
  });
});

describe('the columns for the user himself', () => {
  const usm = { securityModel: 3, securityName: 'new', securityLevel: 3 };
  const raw = (bench: UsmBench, part: 'auth' | 'priv') =>
    Buffer.from(keyChange(bench, 'new', part).value as string, 'latin1');

  it.each([
    ['usmUserOwnAuthKeyChange', 'auth', '07'.repeat(32)],
    ['usmUserOwnPrivKeyChange', 'priv', '08'.repeat(16)],
  ] as const)('%s changes his key', (column, part, wanted) => {
    const bench = benchWithNew();
    expect(bench.setBy(usm, 'new', column, raw(bench, part))).toBe('done');
    expect(bench.key('new', part)).toBe(wanted);
    expect(bench.setBy({ ...usm, securityLevel: 2 }, 'new', column, raw(bench, part))).toBe('done');
    expect(bench.setBy(usm, 'new', column, new Uint8Array(3))).toBe('wrongLength');
  });

  it.each([
    ['another user', { ...usm, securityName: 'template' }],
    ['a community of his name', { ...usm, securityModel: 2 }],
    ['somebody who says so without authentication', { ...usm, securityLevel: 1 }],
  ])('are not for %s', (_who, requester) => {
    const bench = benchWithNew();
    const before = bench.user('new');
    expect(bench.setBy(requester, 'new', 'usmUserOwnAuthKeyChange', raw(bench, 'auth'))).toBe('noAccess');
    expect(bench.setBy(requester, 'new', 'usmUserOwnPrivKeyChange', raw(bench, 'priv'))).toBe('noAccess');
    expect(bench.user('new')).toBe(before);
  });

  it('are written while the row is active only', () => {
    const bench = benchWithNew();
    bench.set('new', status(notInService));
    const change = raw(bench, 'auth');
    expect(bench.setBy(usm, 'new', 'usmUserOwnAuthKeyChange', change)).toBe('inconsistentValue');
    expect(bench.setBy({ ...usm, securityName: 'x' }, 'new', 'usmUserOwnAuthKeyChange', change)).toBe(
      'noAccess',
    );
  });

  it('are for a user without protocols, too, and do nothing then', () => {
    const bench = benchWithNew();
    const plain = { securityModel: 3, securityName: 'plain', securityLevel: 1 };
    expect(bench.setBy(plain, 'plain', 'usmUserOwnAuthKeyChange', new Uint8Array(1))).toBe('done');
  });

  it('tell by the PDU that a community is not the user', () => {
    const bench = benchWithNew();
    const change = { usmUserOwnAuthKeyChange: keyChange(bench, 'new') };
    expect(bench.set('new', { usmUserPublic: value.octets('x'), ...change })).toBe('noAccess 2');
  });
});

describe('usmUserStatus and usmUserStorageType', () => {
  it('take a user out of service and back', () => {
    const bench = benchWithNew();
    const usable = () => bench.users.find(ENGINE_ID, Buffer.from('new')) !== undefined;
    for (const [to, wanted] of [
      [notInService, false],
      [active, true],
      [destroy, false],
      [destroy, false],
    ] as const) {
      expect(bench.set('new', status(to))).toBe('done');
      expect(usable()).toBe(wanted);
    }
    expect(bench.user('new')).toBeUndefined();
  });

  it('remove no configured user, and change what may change', () => {
    const bench = benchWithNew();
    expect(bench.set('template', status(destroy))).toBe('inconsistentValue 1');
    expect(bench.set('template', { usmUserStorageType: value.integer(2) })).toBe('wrongValue 1');
    expect(bench.set('template', { usmUserAuthKeyChange: keyChange(bench, 'template') })).toBe('done');
    expect(bench.set('new', { usmUserStorageType: value.integer(STORAGE_TYPE.volatile) })).toBe('done');
    expect(bench.set('new', { usmUserStorageType: value.integer(STORAGE_TYPE.readOnly) })).toBe(
      'wrongValue 1',
    );
    expect(bench.users.snapshot()).toHaveLength(1);
  });

  it('refuse states that no one can ask for', () => {
    const bench = benchWithNew();
    expect(bench.set('new', status(notReady))).toBe('wrongValue 1');
    expect(bench.set('new', status(createAndGo))).toBe('inconsistentValue 1');
    expect(bench.set('nobody', status(active))).toBe('inconsistentValue 1');
    expect(bench.set('nobody', { usmUserPublic: value.octets('x') })).toBe('inconsistentName 1');
  });
});
