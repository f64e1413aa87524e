import { describe, expect, it } from 'vitest';
import type { IndexDefinition, ObjectSyntax } from '../../../agent/mib/definition.ts';
import { readDescriptions } from '../../../agent/mib/descriptions.ts';
import { indexText } from '../../../agent/mib/index-text.ts';
import { valueText } from '../../../agent/mib/value-text.ts';

const DATE_AND_TIME = '2d-1d-1d,1d:1d:1d.1d,1a1d:1d';
const UUID: ObjectSyntax = { base: 'OctetString', sizes: [[16, 16]], displayHint: '4x-2x-2x-2x-6x' };
const NAME: ObjectSyntax = { base: 'OctetString', sizes: [[0, 32]], displayHint: '255t' };

describe('a value as text', () => {
  it.each<[string, ObjectSyntax, Parameters<typeof valueText>[1], string]>([
    ['a named number', { base: 'Integer32', enums: { running: 1 } }, 1, 'running(1)'],
    ['a number without a name', { base: 'Integer32', enums: { running: 1 } }, 7, '7'],
    ['a large counter', { base: 'Counter64' }, 18_446_744_073_709_551_615n, '18446744073709551615'],
    ['time ticks', { base: 'TimeTicks' }, 8_640_000 + 366_101, '(9006101) 1:01:01:01.01'],
    ['an address', { base: 'IpAddress' }, Uint8Array.of(127, 0, 0, 1), '127.0.0.1'],
    ['an object identifier', { base: 'ObjectIdentifier' }, [1, 3, 6, 1], '1.3.6.1'],
    ['bits', { base: 'Bits', enums: { a: 0, b: 1, i: 8 } }, Uint8Array.of(0x80, 0x80), 'a(0) i(8)'],
    ['UTF-8', NAME, 'web-ü', 'web-ü'],
    ['octets without a hint', { base: 'OctetString' }, Uint8Array.of(0, 0xab), '00 ab'],
    ['a MAC address', { base: 'OctetString', displayHint: '1x:' }, Uint8Array.of(0x52, 0x54, 0), '52:54:00'],
    [
      'a date',
      { base: 'OctetString', displayHint: DATE_AND_TIME },
      Uint8Array.of(0x07, 0xea, 1, 5, 13, 4, 9, 0, 0x2b, 0, 0),
      '2026-1-5,13:4:9.0,+0:0',
    ],
    [
      'repetitions with a terminator',
      { base: 'OctetString', displayHint: '*1d./1d' },
      Uint8Array.of(2, 10, 20, 30),
      '10.20/30',
    ],
  ])('%s', (_what, syntax, value, text) => {
    expect(valueText(syntax, value)).toBe(text);
  });
});

describe('an index as text', () => {
  const part = (syntax: ObjectSyntax, implied = false): IndexDefinition => ({ name: 'i', implied, syntax });
  const uuid = [
    0x2d, 0x55, 0xb4, 0x37, 0x0b, 0x0b, 0x5b, 0x97, 0x89, 0xef, 0xbd, 0x19, 0x21, 0x9b, 0xee, 0xd4,
  ];

  it('takes fixed, counted and implied parts apart', () => {
    const number = part({ base: 'Unsigned32' });
    expect(indexText([part(UUID), number], [...uuid, 3])).toBe('2d55b437-0b0b-5b97-89ef-bd19219beed4, 3');
    expect(indexText([part(NAME), number], [2, 0x61, 0x62, 7])).toBe('ab, 7');
    expect(indexText([number, part(NAME, true)], [7, 0x61, 0x62])).toBe('7, ab');
    expect(indexText([part({ base: 'ObjectIdentifier' })], [3, 1, 3, 6])).toBe('1.3.6');
  });

  it('leaves what does not fit in numbers', () => {
    expect(indexText([part(NAME)], [9, 0x61])).toBe('9.97');
    expect(indexText([part({ base: 'Unsigned32' })], [1, 2])).toBe('1.2');
    expect(indexText([part({ base: 'Unsigned32' })], [])).toBe('');
  });
});

describe('descriptions of a module', () => {
  it('are found by name, without comments and revisions', () => {
    const text = `
      x MODULE-IDENTITY DESCRIPTION "The module." REVISION "2026" DESCRIPTION "First." ::= { y 1 }
      -- z OBJECT-TYPE DESCRIPTION "No."
      a OBJECT-TYPE SYNTAX INTEGER -- one
        DESCRIPTION "Two
                     lines." ::= { x 1 }`;
    expect([...readDescriptions(text)]).toEqual([
      ['x', 'The module.'],
      ['a', 'Two lines.'],
    ]);
  });
});
