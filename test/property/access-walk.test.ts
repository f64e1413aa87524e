import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ViewFamily, ViewTree } from '../../agent/access/view-tree.ts';
import { nearbyName, nextOracle, RANDOM_ROOT, type RandomMib, randomMib } from '../support/random-table.ts';
import { value, WIRE, type WireVarbind } from '../support/wire.ts';
import { ViewedAgent } from '../unit/access/viewed-agent.ts';

const ROUNDS = { numRuns: 200 };
const ids = (name: string) => name.split('.').map(Number);
const inView = (tree: ViewTree, name: string) => tree.inView(ids(name), 0, ids(name).length);

/** Families that cut a module up: at its objects, in the middle of its indexes, across them by masks, far off. */
function families(mib: RandomMib): fc.Arbitrary<ViewFamily[]> {
  const mask = fc.oneof(
    fc.constant(new Uint8Array(0)),
    // The random modules begin behind ten sub-identifiers; the masks leave open some of those behind them.
    fc.uint8Array({ minLength: 1, maxLength: 1 }).map(([bits]) => Uint8Array.of(0xff, 0xc0 | bits!)),
  );
  const subtree = fc.oneof(
    { weight: 5, arbitrary: nearbyName(mib).map(ids) },
    { weight: 1, arbitrary: fc.constantFrom([1], ids(RANDOM_ROOT)) },
  );
  const family = fc.record({ subtree, mask, included: fc.boolean() });
  return fc.uniqueArray(family, { selector: (one) => one.subtree.join('.'), maxLength: 6 });
}

const viewed = randomMib.chain((mib) =>
  families(mib).map((all) => ({ mib, tree: new ViewTree(all), agent: new ViewedAgent([mib.module]) })),
);
const viewedFromNames = viewed.chain((all) =>
  fc.tuple(fc.constant(all), fc.array(nearbyName(all.mib), { minLength: 1, maxLength: 6 })),
);
const shown = ({ mib, tree }: { mib: RandomMib; tree: ViewTree }) =>
  mib.instances.filter(({ oid }) => inView(tree, oid));

describe('any table through any view', () => {
  it('shows a walk the instances in the view, each once and in order', () => {
    let partial = 0;
    fc.assert(
      fc.property(viewed, (all) => {
        const wanted = shown(all);
        if (wanted.length > 0 && wanted.length < all.mib.instances.length) partial++;
        expect(all.agent.walk(all.tree)).toEqual(wanted);
      }),
      ROUNDS,
    );
    // Some of the random views must show some and hide some, or nothing was tested; how many is chance.
    expect(partial).toBeGreaterThan(0);
  });

  it('shows a walk of SNMPv1 those of them that are no Counter64', () => {
    fc.assert(
      fc.property(viewed, (all) => {
        const wanted = shown(all).filter((varbind) => varbind.value.tag !== WIRE.Counter64);
        expect(all.agent.walk(all.tree, 0)).toEqual(wanted);
      }),
      ROUNDS,
    );
  });

  it('answers GETNEXT from anywhere as the list of visible instances would', () => {
    fc.assert(
      fc.property(viewedFromNames, ([all, names]) => {
        const wanted = names.map((oid) => nextOracle(shown(all), oid) ?? { oid, value: value.endOfMibView });
        expect(all.agent.ask(all.tree, WIRE.getNext, names).varbinds).toEqual(wanted);
      }),
      ROUNDS,
    );
  });

  it('answers GETBULK as that many GETNEXTs', () => {
    fc.assert(
      fc.property(viewedFromNames, fc.integer({ min: 0, max: 5 }), ([all, names], repetitions) => {
        const wanted: WireVarbind[] = [];
        let row: readonly string[] = names;
        for (let i = 0; i < repetitions; i++) {
          const next = row.map((oid) => nextOracle(shown(all), oid) ?? { oid, value: value.endOfMibView });
          wanted.push(...next);
          row = next.map(({ oid }) => oid);
          if (next.every((varbind) => varbind.value.tag === WIRE.endOfMibView)) break;
        }
        const answer = all.agent.ask(all.tree, WIRE.getBulk, names, { fieldB: repetitions });
        expect(answer.varbinds).toEqual(wanted);
      }),
      ROUNDS,
    );
  });

  it('gives GET the value of a visible instance, and an exception for every other name', () => {
    fc.assert(
      fc.property(viewedFromNames, ([all, names]) => {
        const asked = [...names, ...all.mib.instances.map(({ oid }) => oid)];
        const answer = all.agent.ask(all.tree, WIRE.get, asked);
        for (const varbind of answer.varbinds) {
          const visible = shown(all).find(({ oid }) => oid === varbind.oid);
          if (visible) expect(varbind).toEqual(visible);
          else expect([WIRE.noSuchObject, WIRE.noSuchInstance]).toContain(varbind.value.tag);
        }
      }),
      ROUNDS,
    );
  });
});
