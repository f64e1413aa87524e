import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Journal, type OpenedJournal, openJournal } from '../../agent/util/journal.ts';
import { JOURNAL_MAGIC } from '../../agent/util/journal-format.ts';
import { runs } from '../support/runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HEAD = 8;
const records = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 });

type Damage = (file: Buffer, at: number) => Buffer;
const damages: Record<string, fc.Arbitrary<Damage>> = {
  'cut off': fc.constant((file, at) => file.subarray(0, at)),
  'with bits turned': fc.integer({ min: 1, max: 255 }).map((mask) => (file, at) => {
    const altered = Buffer.from(file);
    if (at < altered.length) altered[at]! ^= mask;
    return altered;
  }),
  'overwritten to the end': fc
    .constantFrom(0x00, 0xff)
    .map((octet) => (file, at) => Buffer.from(file).fill(octet, at)),
  'with octets put in': fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((octets) => (file, at) => Buffer.concat([file.subarray(0, at), octets, file.subarray(at)])),
  'with octets left out': fc
    .integer({ min: 1, max: 80 })
    .map((count) => (file, at) => Buffer.concat([file.subarray(0, at), file.subarray(at + count)])),
  'with a part twice': fc
    .integer({ min: 1, max: 80 })
    .map((count) => (file, at) => Buffer.concat([file.subarray(0, at + count), file.subarray(at)])),
};

function open(file: string): OpenedJournal {
  const onError = (error: Error) => expect.unreachable(error.message);
  return openJournal({ file, sync: 'never', onError });
}

function appendAll(journal: Journal, contents: readonly Uint8Array[]): void {
  for (const content of contents) expect(journal.append(content)).toBe(true);
}

/** As text, for messages that can be read. */
function hex(contents: Iterable<Uint8Array>): string[] {
  return Array.from(contents, (content) => Buffer.from(content).toString('hex'));
}

/** How many of the records end before the first octet that differs. */
function intact(contents: readonly Uint8Array[], before: Buffer, after: Buffer): number {
  const same = before.findIndex((octet, at) => octet !== after[at]);
  const good = same < 0 ? before.length : same;
  let end = JOURNAL_MAGIC.length;
  return contents.filter((content) => {
    end += HEAD + content.length;
    return end <= good;
  }).length;
}

describe('A journal whose file is', () => {
  it.each(Object.keys(damages))('%s keeps all records before that, and no others', async (kind) => {
    const folder = temporaryFolder();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(records, records, damages[kind]!, fc.nat(400), async (contents, more, damage, at) => {
        const file = join(folder, `${round++}.journal`);
        const first = open(file);
        appendAll(first.journal, contents);
        await first.journal.close();
        const before = readFileSync(file);
        const after = damage(before, at);
        writeFileSync(file, after);

        const second = open(file);
        const kept = intact(contents, before, after);
        expect(hex(second.records)).toEqual(hex(contents.slice(0, kept)));
        if (second.damage) {
          expect(second.damage.goodOctets + second.damage.lostOctets).toBe(after.length);
          expect(readFileSync(second.damage.keptIn!)).toEqual(after.subarray(second.damage.goodOctets));
        }
        appendAll(second.journal, more);
        await second.journal.close();

        const third = open(file);
        expect(third.damage).toBeUndefined();
        expect(hex(third.records)).toEqual(hex([...contents.slice(0, kept), ...more]));
        await third.journal.close();
      }),
      { numRuns: runs(60) },
    );
  });
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ append: fc.uint8Array({ maxLength: 40 }) }) },
  { weight: 1, arbitrary: fc.constant('flush' as const) },
  { weight: 1, arbitrary: fc.constant('turn' as const) },
  { weight: 1, arbitrary: fc.constant('compact' as const) },
  { weight: 1, arbitrary: fc.constant('compacted' as const) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
);

describe('A journal', () => {
  it('holds the snapshot and what came after it, whatever the order of appending, compacting and reopening', async () => {
    const folder = temporaryFolder();
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const file = join(folder, `${round++}.journal`);
        let { journal } = open(file);
        // What the owner of the journal still wants of it: a compaction leaves the last five.
        let wanted: Uint8Array[] = [];
        let compacting: Promise<boolean> | undefined;
        for (const one of steps) {
          if (typeof one === 'object') {
            journal.append(one.append);
            wanted.push(one.append);
          } else if (one === 'flush') {
            expect(journal.flush()).toBe(true);
            const onDisk = hex(open(copyOf(file)).records);
            // Until the compaction has ended the file has more: a crash before it loses nothing.
            expect(onDisk.slice(onDisk.length - wanted.length)).toEqual(hex(wanted));
          } else if (one === 'turn') {
            await new Promise(setImmediate);
          } else if (one === 'compact' && !compacting) {
            wanted = wanted.slice(-5);
            compacting = journal.compact(wanted);
          } else if (one === 'compacted') {
            if (compacting) expect(await compacting).toBe(true);
            compacting = undefined;
          } else if (one === 'reopen') {
            expect(await journal.close()).toBe(true);
            compacting = undefined;
            const reopened = open(file);
            expect(reopened.damage).toBeUndefined();
            expect(hex(reopened.records)).toEqual(hex(wanted));
            expect(statSync(file).mode & 0o777).toBe(0o600);
            journal = reopened.journal;
          }
        }
        await journal.close();
        expect(hex(open(file).records)).toEqual(hex(wanted));
      }),
      { numRuns: runs(60) },
    );
  });
});

/** What a crash at this moment would leave. */
function copyOf(file: string): string {
  const copy = `${file}.crash`;
  writeFileSync(copy, readFileSync(file));
  return copy;
}
