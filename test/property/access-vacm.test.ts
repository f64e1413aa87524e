import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessRequest, Vacm } from '../../agent/access/vacm.ts';
import { type AccessRow, SECURITY_MODEL, type SecurityLevel } from '../../agent/access/vacm-rows.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';

const CONTEXTS = ['', 'a', 'ab', 'abc', 'b'];
const ROW = { storageType: STORAGE_TYPE.volatile, status: ROW_STATUS.active } as const;
const level = fc.constantFrom<SecurityLevel>(1, 2, 3);
const prefix = fc.constantFrom(...CONTEXTS);

/** Rights of two groups, each with a view of its own. */
const rights: fc.Arbitrary<AccessRow[]> = fc
  .uniqueArray(
    fc.record({
      groupName: fc.constantFrom('staff', 'guests'),
      contextPrefix: prefix,
      securityModel: fc.constantFrom(SECURITY_MODEL.any, SECURITY_MODEL.v2c, SECURITY_MODEL.usm),
      securityLevel: level,
      contextMatch: fc.constantFrom('exact' as const, 'prefix' as const),
    }),
    {
      selector: (row) => [row.groupName, row.contextPrefix, row.securityModel, row.securityLevel].join(),
      maxLength: 12,
    },
  )
  .map((rows) =>
    rows.map((row, i) => ({ ...row, readView: `view${i}`, writeView: '', notifyView: '', ...ROW })),
  );
const request: fc.Arbitrary<AccessRequest> = fc.record({
  securityModel: fc.constantFrom(SECURITY_MODEL.v1, SECURITY_MODEL.v2c, SECURITY_MODEL.usm),
  securityName: fc.constantFrom('ann', 'eve'),
  securityLevel: level,
  viewType: fc.constant('read'),
  contextName: fc.constantFrom(...CONTEXTS, 'unknown'),
});

/** The text of vacmAccessTable (RFC 3415 section 4), set by set. */
function oracle(rows: readonly AccessRow[], asked: AccessRequest): string {
  let left = rows
    .filter((row) => row.groupName === 'staff')
    .filter(
      (row) =>
        row.contextPrefix === asked.contextName ||
        (row.contextMatch === 'prefix' && asked.contextName.startsWith(row.contextPrefix)),
    )
    .filter((row) => [asked.securityModel, SECURITY_MODEL.any].includes(row.securityModel as 0))
    .filter((row) => row.securityLevel <= asked.securityLevel);
  const prefer = (better: (row: AccessRow) => boolean) => {
    if (left.some(better)) left = left.filter(better);
  };
  prefer((row) => row.securityModel === asked.securityModel);
  prefer((row) => row.contextPrefix === asked.contextName);
  const longest = Math.max(...left.map((row) => row.contextPrefix.length));
  prefer((row) => row.contextPrefix.length === longest);
  const highest = Math.max(...left.map((row) => row.securityLevel));
  prefer((row) => row.securityLevel === highest);
  expect(left.length).toBeLessThanOrEqual(1);
  return left[0]?.readView ?? 'noAccessEntry';
}

describe('any rights', () => {
  it('lead to the view that the text of RFC 3415 leads to', () => {
    let allowed = 0;
    fc.assert(
      fc.property(rights, request, (access, asked) => {
        const vacm = new Vacm();
        const member = { groupName: 'staff', securityName: 'ann', ...ROW };
        vacm.configure({
          contexts: CONTEXTS,
          groups: [SECURITY_MODEL.v2c, SECURITY_MODEL.usm].map((securityModel) => ({
            ...member,
            securityModel,
          })),
          access,
          families: access.map(({ readView }) => ({
            viewName: readView,
            subtree: [1],
            mask: new Uint8Array(0),
            included: true,
            ...ROW,
          })),
        });
        const decided = vacm.isAccessAllowed(asked);
        const known = asked.securityName === 'ann' && asked.securityModel !== SECURITY_MODEL.v1;
        if (asked.contextName === 'unknown') expect(decided).toEqual({ error: 'noSuchContext' });
        else if (!known) expect(decided).toEqual({ error: 'noGroupName' });
        else {
          const wanted = oracle(access, asked);
          if (wanted === 'noAccessEntry') expect(decided).toEqual({ error: wanted });
          else {
            allowed++;
            expect('view' in decided && decided.view === vacm.view(wanted)).toBe(true);
          }
        }
      }),
      { numRuns: 3000 },
    );
    expect(allowed).toBeGreaterThan(50);
  });
});
