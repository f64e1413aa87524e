import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeXml } from '../../../agent/emulation/inventory/xml/decode.ts';
import { parseDomainXml } from '../../../agent/emulation/inventory/xml/parse-domain.ts';
import { FIXTURES, readTable } from './fixtures.ts';

const SEEDS = readTable(`${FIXTURES}expected.tsv`).map((row) =>
  readFileSync(`${FIXTURES}${row['file']}`, 'utf8'),
);

/** Pieces that mean something to XML or to libvirt, to be put where they do not belong. */
const PIECES = [
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '=',
  ' ',
  '\0',
  '\uD800',
  ']]>',
  '<!--',
  '-->',
  '<![CDATA[',
  '<?x ',
  '?>',
  '<!DOCTYPE d [',
  '<!ENTITY e "x">',
  '&e;',
  '&amp;',
  '&#x41;',
  '&#xFFFF;',
  '-1',
  '0',
  '18446744073709551616',
  '1e9',
  '',
  '^',
  ',',
  '4294967295',
  '<domain type="kvm">',
  '</domain>',
  '<memory/>',
  '<vcpu>',
  '<name>a/b</name>',
  '__proto__',
  'constructor',
  'xmlns="u"',
  'x:y',
];

interface Place {
  readonly at: number;
  readonly length: number;
  /** The elements around it, from the root on, and the attribute whose value it is. */
  readonly path: string;
}

/** The words of a definition, each with where it stands. */
function placesOf(text: string): Place[] {
  const places: Place[] = [];
  const open: string[] = [];
  let end = 0;
  for (const { 0: tag, index } of text.matchAll(/<[^>]*>/g)) {
    const content = text.slice(end, index);
    if (/^[^"'\n]+$/.test(content)) places.push({ at: end, length: content.length, path: open.join('/') });
    end = index + tag.length;
    const name = /^<([\w:]+)/.exec(tag)?.[1];
    if (name !== undefined) {
      open.push(name);
      for (const { 1: attribute, 2: value, index: from, 0: all } of tag.matchAll(/([\w:]+)='([^']+)'/g)) {
        const at = index + from + all.length - 1 - value!.length;
        places.push({ at, length: value!.length, path: `${open.join('/')}@${attribute}` });
      }
    }
    if (tag.startsWith('</') || (name !== undefined && tag.endsWith('/>'))) open.pop();
  }
  return places;
}

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat({ max: 40 }),
  insert: fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 6 })),
});

/** Either a usable domain or a refusal with its place; a thrown anything else fails. */
function parsesOrRefuses(parse: () => ReturnType<typeof parseDomainXml>): void {
  try {
    const domain = parse();
    expect(domain.name.length).toBeGreaterThan(0);
    expect(domain.memoryKiB).toBeGreaterThan(0);
    expect(domain.currentMemoryKiB).toBeLessThanOrEqual(domain.memoryKiB);
    expect(domain.vcpus).toBeLessThanOrEqual(domain.maxVcpus);
    expect(domain.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  } catch (error) {
    expect(error).toMatchObject({ name: 'VirtsnmpError', code: 'DOMAIN_INVALID' });
    expect((error as Error).message).toMatch(/^f:\d+:\d+: ./s);
  }
}

describe('definitions that were tampered with', () => {
  test('text that was edited at random', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEEDS),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (seed, edits) => {
          let text = seed;
          for (const { at, remove, insert } of edits) {
            const start = Math.floor(at * text.length);
            text = text.slice(0, start) + insert + text.slice(start + remove);
          }
          parsesOrRefuses(() => parseDomainXml(text, 'f'));
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('a number or word replaced by another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEEDS), fc.nat(), fc.constantFrom(...PIECES), (seed, choice, piece) => {
        const values = [...seed.matchAll(/(?<=['>])[^<>'"\n]+(?=['<])/g)];
        const value = values[choice % values.length]!;
        const text = seed.slice(0, value.index) + piece + seed.slice(value.index + value[0].length);
        parsesOrRefuses(() => parseDomainXml(text, 'f'));
      }),
      { numRuns: 1500 },
    );
  });

  // What every object has: an object, and a function.
  test.each(['__proto__', 'constructor'])('any word replaced by %s', (word) => {
    const seen = new Set<string>();
    for (const seed of SEEDS) {
      for (const { at, length, path } of placesOf(seed)) {
        if (seen.has(path)) continue;
        seen.add(path);
        parsesOrRefuses(() => parseDomainXml(seed.slice(0, at) + word + seed.slice(at + length), 'f'));
      }
    }
    expect(seen.size).toBeGreaterThan(600);
  });

  test('octets that are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        parsesOrRefuses(() => parseDomainXml(decodeXml(octets, 'f'), 'f'));
      }),
      { numRuns: 500 },
    );
  });
});
