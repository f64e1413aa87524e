import { describe, expect, it } from 'vitest';
import { ViewTree } from '../../../agent/access/view-tree.ts';

const IF_ENTRY = '1.3.6.1.2.1.2.2.1';

/** Families as `+subtree` or `-subtree`, with the mask in hexadecimal behind a slash as Net-SNMP writes it. */
function view(...families: string[]): (name: string) => boolean {
  const tree = new ViewTree(
    families.map((family) => {
      const [subtree = '', mask = ''] = family.slice(1).split('/');
      return {
        subtree: ids(subtree),
        mask: Buffer.from(mask, 'hex'),
        included: family.startsWith('+'),
      };
    }),
  );
  return (name) => tree.inView(ids(name), 0, ids(name).length);
}

function ids(dotted: string): number[] {
  return dotted === '' ? [] : dotted.split('.').map(Number);
}

describe('a view (RFC 3415 section 4, vacmViewTreeFamilyTable)', () => {
  it('holds nothing when it has no family', () => {
    expect(view()('1.3.6.1')).toBe(false);
  });

  it('holds the subtree itself and all below, and nothing beside or above', () => {
    const inView = view('+1.3.6.1.2.1.1');
    expect(inView('1.3.6.1.2.1.1')).toBe(true);
    expect(inView('1.3.6.1.2.1.1.5.0')).toBe(true);
    expect(inView('1.3.6.1.2.1.2.1.0')).toBe(false);
    expect(inView('1.3.6.1.2.1.11.1.0')).toBe(false);
    expect(inView('1.3.6.1.2.1')).toBe(false);
  });

  it('follows the family with the most sub-identifiers, whatever the order they came in', () => {
    const families = ['+1.3.6', '-1.3.6.1.6.3', '+1.3.6.1.6.3.10'];
    for (const inView of [view(...families), view(...families.toReversed())]) {
      expect(inView('1.3.6.1.2.1.1.1.0')).toBe(true);
      expect(inView('1.3.6.1.6.3.15.1.2.2.1.3')).toBe(false);
      expect(inView('1.3.6.1.6.3.10.2.1.1.0')).toBe(true);
    }
  });

  // The row of interface 5: the last but one of eleven sub-identifiers is the column.
  it('lets a 0 in the mask stand for any sub-identifier', () => {
    const inView = view(`+${IF_ENTRY}.0.5/ffa0`);
    expect(inView(`${IF_ENTRY}.1.5`)).toBe(true);
    expect(inView(`${IF_ENTRY}.22.5`)).toBe(true);
    expect(inView(`${IF_ENTRY}.22.6`)).toBe(false);
    expect(inView(`${IF_ENTRY}.22`)).toBe(false);
  });

  it('takes bits that the mask does not have for 1', () => {
    const short = view('+1.3.6.1.4/ef');
    expect(short('1.3.6.9.4.1')).toBe(true);
    const none = view('+1.3.6.1.2.1.1.1.1/fe');
    expect(none('1.3.6.1.2.1.1.99.1')).toBe(true);
    expect(none('1.3.6.1.2.1.1.99.2')).toBe(false);
  });

  it('ignores bits behind the subtree', () => {
    expect(view('+1.3/c00000')('1.3.6')).toBe(true);
  });

  it('follows the lexicographically greatest of families of the same length', () => {
    const lesserIncluded = view('+1.3.1.9/d0', '-1.3.2.9/d0');
    expect(lesserIncluded('1.3.7.9')).toBe(false);
    const greaterIncluded = view('-1.3.1.9/d0', '+1.3.2.9/d0');
    expect(greaterIncluded('1.3.7.9')).toBe(true);
  });

  it('reads the name out of a longer array', () => {
    const tree = new ViewTree([{ subtree: [1, 3, 6], mask: new Uint8Array(), included: true }]);
    expect(tree.inView([9, 1, 3, 6, 1, 9], 1, 5)).toBe(true);
    expect(tree.inView([9, 1, 3, 6, 1, 9], 1, 3)).toBe(false);
    expect(tree.inView([1, 3, 6, 1, 9], 1, 5)).toBe(false);
  });
});
