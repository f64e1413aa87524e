import { describe, expect, it } from 'vitest';
import type { BaseSyntax } from '../../../agent/mib/definition.ts';
import { fromHex, toHex } from '../../support/hex.ts';
import { LAB } from '../../support/laboratory.ts';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { element, elements, WIRE } from '../../support/wire.ts';

/** What an object of this syntax, whose accessor gives `held`, looks like on the wire; `genErr` when it cannot. */
function wire(base: BaseSyntax, held: unknown): string {
  const module = syntheticModule({ root: LAB, scalars: { it: { at: 1, base, read: () => held } } });
  const answer = new TestAgent([module]).ask(WIRE.get, [`${LAB}.1.0`]);
  if (answer?.status !== 0) return answer?.status === 5 ? 'genErr' : `status ${answer?.status}`;
  let content = elements(answer.octets, true)[0]!.content;
  for (const at of [2, 3, 0, 1]) {
    const { tag, content: inner } = elements(content, true)[at]!;
    if (at === 1) return toHex(Uint8Array.from(element(tag, Array.from(inner))));
    content = inner;
  }
  return '';
}

/** Values and their encodings by X.690 section 8.3 and RFC 2578 section 7.1. */
const ENCODED: readonly (readonly [BaseSyntax, unknown, string])[] = [
  ['Integer32', 0, '02 01 00'],
  ['Integer32', -0, '02 01 00'],
  ['Integer32', 1, '02 01 01'],
  ['Integer32', -1, '02 01 ff'],
  ['Integer32', 127, '02 01 7f'],
  ['Integer32', 128, '02 02 00 80'],
  ['Integer32', -128, '02 01 80'],
  ['Integer32', -129, '02 02 ff 7f'],
  ['Integer32', 255, '02 02 00 ff'],
  ['Integer32', 256, '02 02 01 00'],
  ['Integer32', 32_767, '02 02 7f ff'],
  ['Integer32', 32_768, '02 03 00 80 00'],
  ['Integer32', -32_768, '02 02 80 00'],
  ['Integer32', -32_769, '02 03 ff 7f ff'],
  ['Integer32', 8_388_607, '02 03 7f ff ff'],
  ['Integer32', 8_388_608, '02 04 00 80 00 00'],
  ['Integer32', -8_388_608, '02 03 80 00 00'],
  ['Integer32', -8_388_609, '02 04 ff 7f ff ff'],
  ['Integer32', 2 ** 31 - 1, '02 04 7f ff ff ff'],
  ['Integer32', -(2 ** 31), '02 04 80 00 00 00'],
  ['Integer32', 2 ** 31, 'genErr'],
  ['Integer32', -(2 ** 31) - 1, 'genErr'],
  ['Gauge32', 0, '42 01 00'],
  ['Gauge32', 127, '42 01 7f'],
  ['Gauge32', 128, '42 02 00 80'],
  ['Gauge32', 32_768, '42 03 00 80 00'],
  ['Gauge32', 2 ** 23, '42 04 00 80 00 00'],
  ['Gauge32', 2 ** 31 - 1, '42 04 7f ff ff ff'],
  ['Gauge32', 2 ** 31, '42 05 00 80 00 00 00'],
  ['Gauge32', 2 ** 32 - 1, '42 05 00 ff ff ff ff'],
  // RFC 2578 section 7.1.7: a gauge stays at its maximum.
  ['Gauge32', 2 ** 32, '42 05 00 ff ff ff ff'],
  ['Gauge32', 2 ** 60, '42 05 00 ff ff ff ff'],
  ['Gauge32', -1, 'genErr'],
  ['Unsigned32', 2 ** 32 - 1, '42 05 00 ff ff ff ff'],
  ['Counter32', 2 ** 31, '41 05 00 80 00 00 00'],
  ['Counter32', 2 ** 32 - 1, '41 05 00 ff ff ff ff'],
  // Section 7.1.6 and 7.1.8: counters and ticks wrap.
  ['Counter32', 2 ** 32, '41 01 00'],
  ['Counter32', 2 ** 53 - 1, '41 05 00 ff ff ff ff'],
  ['Counter32', -1, 'genErr'],
  ['TimeTicks', 2 ** 32 + 5, '43 01 05'],
  ['TimeTicks', 2 ** 32 - 1, '43 05 00 ff ff ff ff'],
  ['TimeTicks', 1.5, 'genErr'],
  ['Counter64', 0, '46 01 00'],
  ['Counter64', 0n, '46 01 00'],
  ['Counter64', 127n, '46 01 7f'],
  ['Counter64', 128n, '46 02 00 80'],
  ['Counter64', 2n ** 31n - 1n, '46 04 7f ff ff ff'],
  ['Counter64', 2n ** 31n, '46 05 00 80 00 00 00'],
  ['Counter64', 2n ** 32n - 1n, '46 05 00 ff ff ff ff'],
  ['Counter64', 2n ** 32n, '46 05 01 00 00 00 00'],
  ['Counter64', 2 ** 32, '46 05 01 00 00 00 00'],
  ['Counter64', 2n ** 39n - 1n, '46 05 7f ff ff ff ff'],
  ['Counter64', 2n ** 39n, '46 06 00 80 00 00 00 00'],
  ['Counter64', 2n ** 47n, '46 07 00 80 00 00 00 00 00'],
  ['Counter64', 2 ** 53 - 1, '46 07 1f ff ff ff ff ff ff'],
  ['Counter64', 2 ** 53, '46 07 20 00 00 00 00 00 00'],
  ['Counter64', 2n ** 53n + 1n, '46 07 20 00 00 00 00 00 01'],
  ['Counter64', 2n ** 55n - 1n, '46 07 7f ff ff ff ff ff ff'],
  ['Counter64', 2n ** 55n, '46 08 00 80 00 00 00 00 00 00'],
  ['Counter64', 2n ** 63n - 1n, '46 08 7f ff ff ff ff ff ff ff'],
  ['Counter64', 2n ** 63n, '46 09 00 80 00 00 00 00 00 00 00'],
  ['Counter64', 2 ** 63, '46 09 00 80 00 00 00 00 00 00 00'],
  ['Counter64', 2n ** 64n - 1n, '46 09 00 ff ff ff ff ff ff ff ff'],
  // Section 7.1.10: Counter64 wraps.
  ['Counter64', 2n ** 64n, '46 01 00'],
  ['Counter64', 2n ** 64n + 7n, '46 01 07'],
  ['Counter64', 2 ** 64, '46 01 00'],
  ['Counter64', 2 ** 64 + 2 ** 12, '46 02 10 00'],
  ['Counter64', 1.5, 'genErr'],
  ['Counter64', -1, 'genErr'],
  ['Counter64', '1', 'genErr'],
  ['OctetString', '', '04 00'],
  ['OctetString', 'abc', '04 03 61 62 63'],
  ['OctetString', 'é€😀', '04 09 c3 a9 e2 82 ac f0 9f 98 80'],
  ['OctetString', 'abcé', '04 05 61 62 63 c3 a9'],
  ['OctetString', '\ud800', '04 03 ef bf bd'],
  ['OctetString', Uint8Array.of(0, 255), '04 02 00 ff'],
  ['OctetString', Buffer.from('x'), '04 01 78'],
  ['OctetString', 'x'.repeat(70_000), 'genErr'],
  ['OctetString', new Uint8Array(70_000), 'genErr'],
  ['OctetString', 5, 'genErr'],
  ['Bits', Uint8Array.of(0x80), '04 01 80'],
  ['Opaque', Uint8Array.of(0x9f, 0x78), '44 02 9f 78'],
  ['IpAddress', Uint8Array.of(10, 0, 0, 255), '40 04 0a 00 00 ff'],
  ['IpAddress', Uint8Array.of(10, 0, 0), 'genErr'],
  ['IpAddress', '10.0.0.1', 'genErr'],
  ['ObjectIdentifier', [0, 0], '06 01 00'],
  ['ObjectIdentifier', [1, 3, 6, 1], '06 03 2b 06 01'],
  ['ObjectIdentifier', [2, 47], '06 01 7f'],
  ['ObjectIdentifier', [2, 48], '06 02 81 00'],
  ['ObjectIdentifier', [2, 999, 3], '06 03 88 37 03'],
  ['ObjectIdentifier', [1, 3, 127, 128], '06 04 2b 7f 81 00'],
  ['ObjectIdentifier', [1, 3, 16_383, 16_384], '06 06 2b ff 7f 81 80 00'],
  ['ObjectIdentifier', [1, 3, 2 ** 28 - 1, 2 ** 28], '06 0a 2b ff ff ff 7f 81 80 80 80 00'],
  ['ObjectIdentifier', [1, 3, 2 ** 32 - 1], '06 06 2b 8f ff ff ff 7f'],
  ['ObjectIdentifier', [2, 2 ** 32 - 1], '06 05 90 80 80 80 4f'],
  ['ObjectIdentifier', [2, 2 ** 32 - 81], '06 05 8f ff ff ff 7f'],
  ['ObjectIdentifier', [1], 'genErr'],
  ['ObjectIdentifier', [], 'genErr'],
  ['ObjectIdentifier', [3, 1], 'genErr'],
  ['ObjectIdentifier', [1, 40], 'genErr'],
  ['ObjectIdentifier', [1, 3, -1], 'genErr'],
  ['ObjectIdentifier', [1, 3, 1.5], 'genErr'],
  ['ObjectIdentifier', [1, 3, 2 ** 32], 'genErr'],
  ['ObjectIdentifier', [1, 3, 'a'], 'genErr'],
  ['ObjectIdentifier', new Array(129).fill(1), 'genErr'],
  ['ObjectIdentifier', '1.3.6', 'genErr'],
];

describe('the value of an object on the wire', () => {
  it.each(ENCODED.map((row, i) => [i, ...row] as const))('%i: %s', (_i, base, held, octets) => {
    expect(wire(base, held)).toBe(octets);
  });

  it.each([0, 1, 126, 127, 128, 129, 255, 256, 257, 65_000])('OCTET STRING of %i octets', (length) => {
    for (const held of [new Uint8Array(length).fill(0x61), 'a'.repeat(length)]) {
      expect(fromHex(wire('OctetString', held))).toEqual(
        Uint8Array.from(element(WIRE.OctetString, new Array(length).fill(0x61))),
      );
    }
  });

  it('ObjectIdentifier of 128 sub-identifiers', () => {
    expect(wire('ObjectIdentifier', new Array(128).fill(1))).toMatch(/^06 7f 29 01 01/);
  });
});
