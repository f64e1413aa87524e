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

/** Texts and values of attributes. */
const WORDS = /(?<=['>])[^<>'"\n]+(?=['<])/g;

/** The elements around a place of a document, from the root on, and the attribute whose value is there. */
function placeOf(text: string, at: number): string {
  const before = text.slice(0, at).replace(/<[?!][^>]*>/g, '');
  const open: string[] = [];
  for (const [tag] of before.matchAll(/<[^>]*>?/g)) {
    if (tag.startsWith('</')) open.pop();
    else if (!tag.endsWith('/>')) open.push(tag);
  }
  const attribute = /([\w:]+)='$/.exec(before)?.[1] ?? '';
  return [...open.map((tag) => /^<([\w:]+)/.exec(tag)![1]), attribute].join('/');
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
        const values = [...seed.matchAll(WORDS)];
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
      for (const value of seed.matchAll(WORDS)) {
        const place = placeOf(seed, value.index);
        if (seen.has(place)) continue;
        seen.add(place);
        const text = seed.slice(0, value.index) + word + seed.slice(value.index + value[0].length);
        parsesOrRefuses(() => parseDomainXml(text, 'f'));
      }
    }
    expect(seen.size).toBeGreaterThan(500);
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
