import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Journal } from '../../agent/notify/journal.ts';
import {
  decodeSegment,
  encodeRecord,
  type JournalRecord,
  SEGMENT_HEAD,
} from '../../agent/notify/journal-record.ts';
import type { PendingNotification } from '../../agent/notify/pending.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { runs } from '../support/runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const subid = fc.integer({ min: 0, max: 0xffff_ffff });
const id48 = fc.integer({ min: 1, max: 2 ** 48 - 2 });
const notification: fc.Arbitrary<PendingNotification> = fc.record({
  id: id48,
  eventSequence: fc.option(fc.integer({ min: 0, max: 2 ** 48 - 2 }), { nil: undefined }),
  oid: fc.array(subid, { minLength: 2, maxLength: 20 }),
  upTimeCentiseconds: subid,
  bindings: fc.uint8Array({ maxLength: 300 }),
  ownStart: fc.integer({ min: 0, max: 300 }),
  hasCounter64: fc.boolean(),
});
const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({
    type: fc.constant('target' as const),
    ref: subid,
    lost: subid,
    name: fc.string({ maxLength: 32 }),
  }),
  fc.record({ type: fc.constant('identifiers' as const), below: id48 }),
  fc.record({
    type: fc.constant('notification' as const),
    notification,
    refs: fc.array(subid, { maxLength: 5 }),
  }),
  fc.record({ type: fc.constant('done' as const), ref: subid, id: id48, lost: fc.boolean() }),
);

function segmentOf(records: readonly JournalRecord[]): Buffer {
  return Buffer.concat([SEGMENT_HEAD, ...records.map(encodeRecord)]);
}

it('reads back what was written', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const octets = segmentOf(records);
      expect(decodeSegment(octets)).toEqual({ records, readable: octets.length });
    }),
  );
});

it('reads of a segment that was cut or damaged what stands before that, and invents nothing', () => {
  const damage = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('cut' as const, 'flip' as const, 'zero' as const, 'noise' as const),
    noise: fc.uint8Array({ minLength: 1, maxLength: 50 }),
  });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 12 }), damage, (records, { at, how, noise }) => {
      const whole = segmentOf(records);
      const place = at % whole.length;
      const octets = how === 'cut' ? whole.subarray(0, place) : Buffer.from(whole);
      if (how === 'flip') octets[place]! ^= 1 + (noise[0]! % 255);
      if (how === 'zero') octets.fill(0, place);
      if (how === 'noise') octets.set(noise.subarray(0, octets.length - place), place);
      const read = decodeSegment(octets);
      expect(read.records).toEqual(records.slice(0, read.records.length));
      expect(read.readable).toBeLessThanOrEqual(octets.length);
      // All records that end before the damage are there.
      let end = SEGMENT_HEAD.length;
      const undamaged = records.filter((one) => {
        end += encodeRecord(one).length;
        return end <= place;
      });
      if (place >= SEGMENT_HEAD.length) expect(read.records.length).toBeGreaterThanOrEqual(undamaged.length);
    }),
    { numRuns: runs(200) },
  );
});

/** What a manager of journals does: sends to some of three targets, and hears of what arrived. */
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      to: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('done' as const),
      by: fc.constantFrom('a', 'b', 'c'),
      lost: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clear' as const), by: fc.constantFrom('a', 'b', 'c') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
);

interface Model {
  readonly pending: Record<string, number[]>;
  readonly lost: Record<string, number>;
}

it('has after any number of ends what a model of it has', () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 120 }),
      fc.integer({ min: 100, max: 2000 }),
      (actions, segmentOctets) => {
        const folder = join(temporaryFolder(), 'informs');
        const open = () => new Journal({ folder, logger: silentLogger, segmentOctets });
        let journal = open();
        const model: Model = { pending: { a: [], b: [], c: [] }, lost: { a: 0, b: 0, c: 0 } };
        let last = 0;
        for (const one of actions) {
          if (one.do === 'put') {
            const id = journal.newId();
            expect(id).toBeGreaterThan(last);
            last = id;
            journal.put(pendingOf(id), one.to);
            for (const target of one.to) model.pending[target]!.push(id);
          } else if (one.do === 'done') {
            const id = model.pending[one.by]!.shift();
            if (id === undefined) continue;
            journal.done(one.by, id, one.lost);
            if (one.lost) model.lost[one.by]!++;
          } else if (one.do === 'clear') {
            journal.clearLost(one.by);
            model.lost[one.by] = 0;
          } else {
            // As after kill -9: what was handed to the operating system is all there is.
            journal.flush();
            journal = open();
          }
        }
        journal.flush();
        expectRecovered(open(), model);
      },
    ),
    { numRuns: runs(30) },
  );
});

it('opens whatever became of its files, with nothing in it that was not there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      fc.nat(),
      (flips, cut) => {
        const folder = join(temporaryFolder(), 'informs');
        mkdirSync(folder);
        const journal = new Journal({ folder, logger: silentLogger, segmentOctets: 400 });
        const ids = Array.from({ length: 30 }, () => journal.newId());
        for (const id of ids) journal.put(pendingOf(id), ['a', 'b']);
        for (const id of ids.slice(0, 10)) journal.done('a', id);
        journal.flush();
        for (const name of readdirSync(folder)) {
          const octets = readFileSync(join(folder, name));
          for (const [at, octet] of flips) octets[at % octets.length] = octet;
          writeFileSync(join(folder, name), octets.subarray(0, octets.length - (cut % 40)));
        }
        for (const { pending } of new Journal({ folder, logger: silentLogger }).recovered.values()) {
          const found = pending.map(({ id }) => id);
          expect(found).toEqual(found.toSorted((a, b) => a - b));
          for (const one of pending) expect(one).toEqual(pendingOf(one.id));
          expect(ids).toEqual(expect.arrayContaining(found));
        }
      },
    ),
    { numRuns: runs(30) },
  );
});

function pendingOf(id: number): PendingNotification {
  return {
    id,
    eventSequence: id * 3,
    oid: [1, 3, 6, 1, id],
    upTimeCentiseconds: id,
    bindings: Uint8Array.from({ length: id % 40 }, (_, i) => (id + i) % 256),
    ownStart: id % 40,
    hasCounter64: id % 2 === 0,
  };
}

function expectRecovered(journal: Journal, { pending, lost }: Model): void {
  for (const target of ['a', 'b', 'c']) {
    const recovered = journal.recovered.get(target);
    expect(recovered?.pending.map(({ id }) => id) ?? []).toEqual(pending[target]);
    expect(recovered?.lost ?? 0).toBe(lost[target]);
    for (const one of recovered?.pending ?? []) expect(one).toEqual(pendingOf(one.id));
  }
}
