import { describe, expect, it } from 'vitest';
import { PRESETS, type PresetName, presetAccess, presetFamilies } from '../../../agent/access/presets.ts';
import { type AccessRequest, Vacm } from '../../../agent/access/vacm.ts';
import {
  type AccessRow,
  FAMILY_RULES,
  type FamilyRow,
  type GroupRow,
  SECURITY_LEVEL,
  SECURITY_MODEL,
} from '../../../agent/access/vacm-rows.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import { parseOid } from '../../../agent/util/oid.ts';

const { noAuthNoPriv, authNoPriv, authPriv } = SECURITY_LEVEL;
const ACTIVE = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;

const member = (
  securityName: string,
  groupName: string,
  securityModel: number = SECURITY_MODEL.usm,
): GroupRow => ({
  securityModel,
  securityName,
  groupName,
  ...ACTIVE,
});

const right = (readView: string, fields: Partial<AccessRow> = {}): AccessRow => ({
  groupName: 'staff',
  contextPrefix: '',
  securityModel: SECURITY_MODEL.any,
  securityLevel: noAuthNoPriv,
  contextMatch: 'exact',
  readView,
  writeView: '',
  notifyView: '',
  ...ACTIVE,
  ...fields,
});

const family = (viewName: string, subtree = [1, 3]): FamilyRow => ({
  viewName,
  subtree,
  mask: new Uint8Array(0),
  included: true,
  ...ACTIVE,
});

const REQUEST: AccessRequest = {
  securityModel: SECURITY_MODEL.usm,
  securityName: 'ann',
  securityLevel: authPriv,
  viewType: 'read',
  contextName: '',
};

/** The four tables: `ann` is of the staff, and each right's view exists. */
function vacm(access: readonly AccessRow[], contexts = ['', 'disk', 'disk-1']): Vacm {
  const made = new Vacm();
  const names = new Set(
    access.flatMap(({ readView, writeView, notifyView }) => [readView, writeView, notifyView]),
  );
  names.delete('');
  made.configure({
    contexts,
    groups: [member('ann', 'staff')],
    access,
    families: Array.from(names, (n) => family(n)),
  });
  return made;
}

/** The name of the view chosen, or of the error. */
function decision(made: Vacm, request: Partial<AccessRequest> = {}): string | undefined {
  const decided = made.isAccessAllowed({ ...REQUEST, ...request });
  if ('error' in decided) return decided.error;
  return [...made.families].find(({ viewName }) => made.view(viewName) === decided.view)?.viewName;
}

describe('isAccessAllowed (RFC 3415 section 3.2)', () => {
  const made = vacm([right('r', { writeView: 'w', notifyView: 'n' })]);

  it('finds the view for each use', () => {
    const uses = ['read', 'write', 'notify'] as const;
    expect(uses.map((viewType) => decision(made, { viewType }))).toEqual(['r', 'w', 'n']);
  });

  it('goes through the tables in the order of the text', () => {
    const unknown = { contextName: 'tape', securityName: 'eve' };
    expect(decision(made, unknown)).toBe('noSuchContext');
    expect(decision(made, { ...unknown, contextName: 'disk' })).toBe('noGroupName');
    expect(decision(made, { contextName: 'disk' })).toBe('noAccessEntry');
    expect(decision(vacm([right('')]))).toBe('noSuchView');
  });

  it('knows a name only under its security model', () => {
    expect(decision(made, { securityModel: SECURITY_MODEL.v2c })).toBe('noGroupName');
  });

  it('takes a view without families for none', () => {
    const empty = new Vacm();
    empty.configure({ contexts: [''], groups: [member('ann', 'staff')], access: [right('r')], families: [] });
    expect(decision(empty)).toBe('noSuchView');
  });

  it('allows nothing without rows, in the default context', () => {
    expect(decision(new Vacm())).toBe('noGroupName');
    expect(decision(new Vacm(), { contextName: 'disk' })).toBe('noSuchContext');
  });

  it.each(['groups', 'access', 'families'] as const)('sees only active rows of %s, at once', (table) => {
    const changed = vacm([right('r')]);
    const rows = changed[table];
    const index = Array.from(indexesOf(changed)[table]);
    const before = changed.changes;
    for (const status of [ROW_STATUS.notInService, ROW_STATUS.active]) {
      const prepared = rows.prepare(index, { status });
      if ('refused' in prepared) throw new Error('refused');
      prepared.commit();
      expect(decision(changed) === 'r').toBe(status === ROW_STATUS.active);
    }
    expect(changed.changes).toBe(before + 2);
  });
});

function indexesOf(made: Vacm) {
  const [one] = [...made.families];
  return {
    groups: [3, 3, 97, 110, 110],
    access: [5, ...Buffer.from('staff'), 0, 0, 1],
    families: FAMILY_RULES.indexOf(one!),
  };
}

describe('the right that counts (RFC 3415 section 4, vacmAccessTable)', () => {
  const byModel = (readView: string, fields: Partial<AccessRow> = {}) =>
    right(readView, { securityModel: SECURITY_MODEL.usm, ...fields });
  const prefix = (contextPrefix: string) => ({ contextPrefix, contextMatch: 'prefix' }) as const;

  it.each<[string, AccessRow[], Partial<AccessRequest>, string]>([
    ['another group', [right('r', { groupName: 'guests' })], {}, 'noAccessEntry'],
    ['another model', [right('r', { securityModel: SECURITY_MODEL.v2c })], {}, 'noAccessEntry'],
    [
      'a level above',
      [right('r', { securityLevel: authPriv })],
      { securityLevel: authNoPriv },
      'noAccessEntry',
    ],
    ['the same level', [right('r', { securityLevel: authNoPriv })], { securityLevel: authNoPriv }, 'r'],
    ['a level below', [right('r', { securityLevel: authNoPriv })], {}, 'r'],
    ['an exact context', [right('r', { contextPrefix: 'disk' })], { contextName: 'disk' }, 'r'],
    [
      'one that only begins so',
      [right('r', { contextPrefix: 'disk' })],
      { contextName: 'disk-1' },
      'noAccessEntry',
    ],
    ['a prefix', [right('r', prefix('disk'))], { contextName: 'disk-1' }, 'r'],
    ['a prefix that is the whole name', [right('r', prefix('disk'))], { contextName: 'disk' }, 'r'],
    ['a prefix of none of it', [right('r', prefix('disk'))], {}, 'noAccessEntry'],
    ['an empty prefix', [right('r', prefix(''))], { contextName: 'disk' }, 'r'],
    ['(a) the very model before any', [byModel('m'), right('a', { securityLevel: authPriv })], {}, 'm'],
    [
      '(a) even with a shorter prefix and a lower level',
      [byModel('m', prefix('')), right('a', { contextPrefix: 'disk', securityLevel: authPriv })],
      { contextName: 'disk' },
      'm',
    ],
    [
      '(b) the whole name before what it begins with',
      [right('p', { ...prefix('dis'), securityLevel: authPriv }), right('e', { contextPrefix: 'disk' })],
      { contextName: 'disk' },
      'e',
    ],
    [
      '(c) the longer prefix before the higher level',
      [right('s', { ...prefix('d'), securityLevel: authPriv }), right('l', prefix('disk'))],
      { contextName: 'disk-1' },
      'l',
    ],
    [
      '(d) the highest level that the message has',
      [right('1'), right('2', { securityLevel: authNoPriv }), right('3', { securityLevel: authPriv })],
      { securityLevel: authNoPriv },
      '2',
    ],
  ])('%s', (_what, access, request, wanted) => {
    expect(decision(vacm(access), request)).toBe(wanted);
    expect(decision(vacm(access.toReversed()), request)).toBe(wanted);
  });
});

describe('a snapshot', () => {
  function changed(): Vacm {
    const made = vacm([right('r')]);
    for (const prepared of [
      made.groups.prepare([3, 3, 0xe2, 0x82, 0xac], { groupName: 'staff', status: ROW_STATUS.createAndGo }),
      made.groups.prepare([3, 1, 98], { status: ROW_STATUS.createAndWait }),
      made.access.prepare([1, 103, 0, 0, 1], { readView: 'r', status: ROW_STATUS.createAndGo }),
      made.families.prepare([1, 118, 3, 1, 3, 6], {
        mask: Uint8Array.of(0xe0),
        included: false,
        status: ROW_STATUS.createAndGo,
      }),
      made.families.prepare([1, 114, 2, 1, 3], { included: false }),
    ]) {
      if ('refused' in prepared) throw new Error('refused');
      prepared.commit();
    }
    return made;
  }

  it('brings back all that managers did, through JSON and over the same configuration', () => {
    const before = changed();
    const after = vacm([right('r')]);
    after.restore(JSON.parse(JSON.stringify(before.snapshot())));
    for (const table of ['groups', 'access', 'families'] as const)
      expect([...after[table]]).toEqual([...before[table]]);
    expect([...after.groups].map(({ securityName }) => securityName)).toEqual(['b', 'ann', '€']);
    expect(after.snapshot()).toEqual(before.snapshot());
    expect(after.isAccessAllowed({ ...REQUEST, securityName: '€' })).toEqual({ view: after.view('r') });
  });

  it('holds nothing of a configuration that nobody changed', () => {
    expect(vacm([right('r')]).snapshot()).toEqual({ version: 1, groups: [], access: [], families: [] });
  });

  const sound = () => JSON.parse(JSON.stringify(changed().snapshot()));
  it.each<[string, (stored: ReturnType<typeof sound>) => unknown, string]>([
    ['no object', () => 'rows', 'the stored access control is not an object'],
    ['another version', (stored) => ({ ...stored, version: 2 }), 'version is damaged, it must be 1'],
    ['no list', (stored) => ({ ...stored, access: {} }), 'access is damaged, it must be a list'],
    ['a row that is none', (stored) => ({ ...stored, groups: [7] }), 'groups[0] is not an object'],
    [
      'an active row without a group',
      (stored) => edit(stored, 'groups', { status: 1, groupName: '' }),
      'groups[0]: groupName',
    ],
    [
      'a name too long',
      (stored) => edit(stored, 'groups', { securityName: '€'.repeat(11) }),
      'securityName is damaged',
    ],
    ['a model below 1', (stored) => edit(stored, 'groups', { securityModel: 0 }), 'a whole number from 1'],
    ['a level of 4', (stored) => edit(stored, 'access', { securityLevel: 4 }), 'access[0]: securityLevel'],
    [
      'a match of neither kind',
      (stored) => edit(stored, 'access', { contextMatch: 'any' }),
      'exact or prefix',
    ],
    ['a view that is no text', (stored) => edit(stored, 'access', { readView: null }), 'readView'],
    [
      'a subtree that is none',
      (stored) => edit(stored, 'families', { subtree: '1..3' }),
      'families[0]: subtree',
    ],
    [
      'a subtree too large',
      (stored) => edit(stored, 'families', { subtree: '1.4294967296' }),
      'subtree is damaged',
    ],
    [
      'a subtree too long',
      (stored) => edit(stored, 'families', { subtree: Array(120).fill(1).join('.') }),
      'subtree',
    ],
    ['a mask of half an octet', (stored) => edit(stored, 'families', { mask: 'fff' }), 'hexadecimal'],
    ['a mask of 17 octets', (stored) => edit(stored, 'families', { mask: 'ff'.repeat(17) }), 'mask'],
    ['a row that is volatile', (stored) => edit(stored, 'families', { storageType: 2 }), 'storageType'],
    ['a status of no row', (stored) => edit(stored, 'families', { status: 6 }), 'status'],
    ['a field missing', (stored) => edit(stored, 'groups', { groupName: undefined }), 'groupName'],
  ])('with %s is refused as a whole', (_what, damage, message) => {
    const made = vacm([right('r')]);
    const before = made.changes;
    expect(() => made.restore(damage(sound()))).toThrow(
      expect.objectContaining({ code: 'STATE_FAILED', message: expect.stringContaining(message) }),
    );
    expect(made.changes).toBe(before);
  });

  function edit(stored: ReturnType<typeof sound>, table: string, fields: object): unknown {
    const [first, ...rest] = stored[table];
    return { ...stored, [table]: [{ ...first, ...fields }, ...rest] };
  }
});

describe('the presets', () => {
  const names = Object.keys(PRESETS) as PresetName[];
  const made = new Vacm();
  made.configure({
    contexts: ['', 'other'],
    groups: names.map((name) => member(name, name)),
    access: names.map((name) =>
      presetAccess(name, { securityModel: SECURITY_MODEL.usm, securityLevel: authPriv }),
    ),
    families: presetFamilies(),
  });

  /** Which of the uses r, w and n a preset has of an object. */
  function uses(securityName: string, name: string): string {
    const ids = parseOid(name)!;
    return (['read', 'write', 'notify'] as const)
      .filter((viewType) => {
        const decided = made.isAccessAllowed({ ...REQUEST, securityName, viewType });
        return 'view' in decided && decided.view.inView(ids, 0, ids.length);
      })
      .map(([initial]) => initial)
      .join('');
  }

  it.each([
    ['sysContact.0', '1.3.6.1.2.1.1.4.0', ['rn', 'rn', 'rwn', 'rwn']],
    ['libvirtGuestState', '1.3.6.1.4.1.36957.1.1.1.3.1.2.3.4', ['rn', 'rwn', 'rwn', 'rwn']],
    ["this project's module", '1.3.6.1.4.1.8072.9999.9999.36957.1.1.0', ['rn', 'rwn', 'rwn', 'rwn']],
    ['snmpEngineBoots.0', '1.3.6.1.6.3.10.2.1.2.0', ['rn', 'rn', 'rwn', 'rwn']],
    ['usmStatsUnknownUserNames.0', '1.3.6.1.6.3.15.1.1.3.0', ['rn', 'rn', 'rwn', 'rwn']],
    ['usmUserSecurityName', '1.3.6.1.6.3.15.1.2.2.1.3.1', ['', '', '', 'rwn']],
    ['vacmGroupName', '1.3.6.1.6.3.16.1.2.1.3.3.1.97', ['', '', '', 'rwn']],
    ['snmpCommunityName', '1.3.6.1.6.3.18.1.1.1.2.1.97', ['', '', '', 'rwn']],
  ])('give %s to those who need it', (_what, name, wanted) => {
    expect(['read-only', 'operator', 'read-write', 'admin'].map((group) => uses(group, name))).toEqual(
      wanted,
    );
  });

  it('count in every context, and not below their level', () => {
    for (const securityName of names) {
      expect(decision(made, { securityName, contextName: 'other' })).not.toBe('noAccessEntry');
      expect(decision(made, { securityName, securityLevel: authNoPriv })).toBe('noAccessEntry');
    }
    expect(decision(made, { securityName: 'read-only', viewType: 'write' })).toBe('noSuchView');
  });
});
