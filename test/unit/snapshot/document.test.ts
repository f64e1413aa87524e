import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSnapshot, readPictures } from '../../../agent/snapshot/document.ts';
import { replay } from '../../../agent/snapshot/replay.ts';
import { VirtsnmpError } from '../../../agent/util/errors.ts';
import { replaceFile } from '../../../agent/util/replace-file.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { pausedWeb } from './runs.ts';

const WHOLE = Buffer.concat(pausedWeb().snapshot());

/** The snapshot with its text changed, and a checksum that fits again. */
function forged(change: (text: string) => string): Buffer {
  const body = change(WHOLE.toString().replace(/[^\n]*\n$/, ''));
  const sha256 = createHash('sha256').update(body).digest('hex');
  return Buffer.from(`${body}${JSON.stringify({ sha256 })}\n`);
}

describe('a snapshot', () => {
  it('is read as it was written', () => {
    const { head, writes, pictures } = decodeSnapshot(WHOLE, 'it');
    expect(head).toMatchObject({ virtsnmpSnapshot: 1, instant: { atMs: 30_500 }, start: { seed: 7 } });
    expect(writes.map(({ at }) => at[0])).toEqual([0, 0, 20_000]);
    const [host, ...guests] = readPictures({ head, writes, pictures }, 'it');
    expect(host).toMatchObject({ host: 'one', values: { state: 'up', guests: 2 } });
    expect(guests.map(({ guest, values }) => [guest!.name, values['state']]).sort()).toEqual([
      ['db', 'SHUTOFF/UNKNOWN'],
      ['web', 'PAUSED/USER'],
    ]);
    expect(guests.find(({ guest }) => guest!.name === 'web')!.events).toEqual({ 'SUSPENDED/PAUSED': 1 });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'it is no snapshot: its first line would be {"virtsnmpSnapshot": ...}'],
    ['another file', Buffer.from('{"a": 1}\n'), 'it is no snapshot'],
    [
      'a half',
      WHOLE.subarray(0, WHOLE.length >> 1),
      /it has \d+ lines where its first says 8: it was cut off/,
    ],
    ['all but the last octet', WHOLE.subarray(0, -1), 'it was cut off'],
    ['two of them', Buffer.concat([WHOLE, WHOLE]), 'it has 16 lines where its first says 8: more follows on'],
    [
      'another format',
      Buffer.from(WHOLE.toString().replace('Snapshot":1', 'Snapshot":2')),
      /format 2, written by version .*this version reads format 1/,
    ],
    [
      'a changed digit',
      Buffer.from(WHOLE.toString().replace('30500', '30501')),
      /it is damaged: its SHA-256 is \w+, and should be/,
    ],
    [
      'a checksum that is none',
      Buffer.from(WHOLE.toString().replace('{"sha256', '{"sha512')),
      'line 8, its last, is no {"sha256": ...}',
    ],
    ['a forged head', forged((text) => text.replace('"seed":7', '"seed":"x"')), 'line 1: start.seed:'],
    [
      'a forged write',
      forged((text) => text.replace('"op":"add-host"', '"op":"blow-up"')),
      'line 2: write.op:',
    ],
  ])('is refused, and why is told: %s', (_, octets, why) => {
    expect(() => decodeSnapshot(octets, 'FILE')).toThrow(why);
    expect(() => decodeSnapshot(octets, 'FILE')).toThrow(/^FILE: /);
  });

  it('never breaks a reader, whatever of it is lost or altered', () => {
    const refused = (octets: Uint8Array) => {
      try {
        decodeSnapshot(octets, 'it');
        return false;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(VirtsnmpError);
        expect((thrown as VirtsnmpError).code).toBe('SNAPSHOT_INVALID');
        return true;
      }
    };
    const place = fc.nat(WHOLE.length - 1);
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, by) => {
        const octets = Buffer.from(WHOLE);
        octets[at]! ^= by;
        expect(refused(octets)).toBe(true);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(place, (end) => {
        expect(refused(WHOLE.subarray(0, end))).toBe(true);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(refused(octets)).toBe(true);
      }),
    );
  });

  it('whose lines are forged is refused by its replay, which never breaks', async () => {
    const values = fc.constantFrom('null', '""', '[]', '{"$host":"x"}', '{"$domain":5}', 'true');
    const { writes } = decodeSnapshot(WHOLE, 'it');
    const text = JSON.stringify(writes);
    const places = [...text.matchAll(/(?<=":)("[^"]*"|-?\d[\d.e+-]*)/g)];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), values, async (place, value) => {
        const end = place.index + place[0].length;
        const changed = JSON.parse(text.slice(0, place.index) + value + text.slice(end)) as typeof writes;
        const failure = await replay({ ...decodeSnapshot(WHOLE, 'it'), writes: changed }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        // What does not matter to anything may be altered; whatever does is found out.
        if (failure !== undefined) expect(failure).toMatchObject({ code: 'SNAPSHOT_INVALID' });
      }),
      { numRuns: 60 },
    );
  });

  it('that comes to another state is refused with what differs', async () => {
    const octets = forged((text) =>
      text.replace('"action":"suspend"', '"action":"resume"').replaceAll('"seed":7', '"seed":8'),
    );
    await expect(replay(decodeSnapshot(octets, 'it'))).rejects.toThrow(/change 3 of 3 fails: .*web/);
    const other = forged((text) => text.replaceAll('"seed":7', '"seed":8'));
    await expect(replay(decodeSnapshot(other, 'it'))).rejects.toThrow(
      /another state comes of it \(in the snapshot, now\):\n {2}one: /,
    );
  });

  it('is a file of its owner alone', () => {
    const file = join(temporaryFolder(), 'state.json');
    replaceFile(file, WHOLE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBe(WHOLE.length);
  });
});

describe('a replay', () => {
  it('ends when it is told to', async () => {
    const stop = new AbortController();
    stop.abort();
    const ended = replay(decodeSnapshot(endless(), 'it'), { signal: stop.signal });
    await expect(ended).rejects.toMatchObject({ code: 'OPERATION_FAILED' });
  });

  it('tells how far it has come', async () => {
    const told: number[] = [];
    await replay(decodeSnapshot(WHOLE, 'it'), { onProgress: (atMs) => told.push(atMs) });
    expect(told.at(-1)).toBe(30_500);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });
});

/** A run of a thousand days: more than one slice of a replay. */
function endless(): Buffer {
  return forged((text) => text.replace('"atMs":30500', '"atMs":86400000000'));
}
