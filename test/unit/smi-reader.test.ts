import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModuleDefinition } from '../../agent/mib/definition.ts';
import { findDifferences, moduleFolders, renderModule } from '../../agent/mib/generate.ts';
import { loadModules } from '../../agent/mib/smi-modules.ts';
import { readModule } from '../../agent/mib/smi-reader.ts';

const FIXTURE = `TEST-EXTENSION-MIB DEFINITIONS ::= BEGIN
IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, Unsigned32, Opaque, enterprises FROM SNMPv2-SMI
    DisplayString, TruthValue, TestAndIncr, TEXTUAL-CONVENTION FROM SNMPv2-TC
    ifEntry, ifIndex, ifDescr FROM IF-MIB;   -- a comment; with FROM and a semicolon
testMIB MODULE-IDENTITY
    LAST-UPDATED "202601010000Z" ORGANIZATION "none" CONTACT-INFO "none"
    DESCRIPTION "IMPORTS nothing FROM ELSEWHERE-MIB; SYNTAX INTEGER ::= { no 1 }"
    ::= { enterprises 99999 }
Colour ::= TEXTUAL-CONVENTION
    STATUS current DESCRIPTION "Bits." SYNTAX BITS { red(0), dark-green(1),
        blue ( 2 ) }
Short ::= TEXTUAL-CONVENTION DISPLAY-HINT "d-2" STATUS current DESCRIPTION "Range." SYNTAX Integer32 (-10..10)
testExtTable OBJECT-TYPE SYNTAX SEQUENCE OF TestExtEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Beside ifTable." ::= { testMIB 1 }
testExtEntry OBJECT-TYPE SYNTAX TestExtEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Beside ifEntry." AUGMENTS { ifEntry } ::= { testExtTable 1 }
TestExtEntry ::= SEQUENCE { testExtColour Colour, testExtLevel Short }
testExtLevel OBJECT-TYPE SYNTAX Short UNITS "dB" MAX-ACCESS read-create STATUS deprecated
    DESCRIPTION "After its neighbour in OID order." DEFVAL { 3 } ::= { testExtEntry 2 }
testExtColour OBJECT-TYPE SYNTAX Colour MAX-ACCESS read-write STATUS current
    DESCRIPTION "Colours." DEFVAL { { red, blue } } ::= { testExtEntry 1 }
testNameTable OBJECT-TYPE SYNTAX SEQUENCE OF TestNameEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Named." ::= { testMIB 2 }
testNameEntry OBJECT-TYPE SYNTAX TestNameEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Named." INDEX { ifIndex, testNameKind,
        IMPLIED
        testNameName } ::= { testNameTable 1 }
TestNameEntry ::= SEQUENCE { testNameKind INTEGER, testNameName DisplayString, testNameBlob OCTET STRING,
    testNameNumber Unsigned32 }
testNameKind OBJECT-TYPE SYNTAX INTEGER { up(1), not-up (-2) } MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Kind." ::= { testNameEntry 1 }
testNameName OBJECT-TYPE SYNTAX DisplayString (SIZE(1..32)) MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Name." ::= { testNameEntry 2 }
testNameBlob OBJECT-TYPE SYNTAX OCTET STRING (SIZE (0 | 8
    | 32..64)) MAX-ACCESS read-only STATUS current DESCRIPTION "Blob -- no comment." ::= { testNameEntry 3 }
testNameNumber OBJECT-TYPE SYNTAX Unsigned32 ('0a'h..'FFFFFFFF'H) MAX-ACCESS read-only STATUS obsolete
    DESCRIPTION "Number." ::= { testNameEntry 4 }
testLock OBJECT-TYPE SYNTAX TestAndIncr MAX-ACCESS read-write STATUS current DESCRIPTION "." ::= { testMIB 3 }
testFlag OBJECT-TYPE SYNTAX TruthValue MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { testMIB 4 }
testOpaque OBJECT-TYPE SYNTAX Opaque (SIZE (7)) MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { testMIB 5 }
testSeldom OBJECT-TYPE SYNTAX Integer32 (-1 | 0..2147483647) MAX-ACCESS read-only STATUS current
    DESCRIPTION "." ::= { testMIB 6 }
testNotifications OBJECT IDENTIFIER ::= { testMIB 0 }
testHappened NOTIFICATION-TYPE OBJECTS { testExtColour, ifDescr } STATUS current DESCRIPTION "."
    ::= { testNotifications 1 }
END
`;

describe('a module with everything that SMIv2 allows', () => {
  let folder: string;
  let module: ModuleDefinition;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'virtsnmp-mibs-'));
    writeFileSync(join(folder, 'TEST-EXTENSION-MIB.txt'), FIXTURE);
    module = readModule(
      loadModules([folder, ...moduleFolders()], ['TEST-EXTENSION-MIB']),
      'TEST-EXTENSION-MIB',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const read = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.txt`), text);
    return () => readModule(loadModules([folder, ...moduleFolders()], [name]), name);
  };

  test('takes the index of the augmented row, with its module', () => {
    const { index, augments, entry } = module.tables['testExtTable']!;
    expect(augments).toBe('ifEntry');
    expect(entry).toEqual([1, 3, 6, 1, 4, 1, 99999, 1, 1]);
    expect(index).toEqual([
      {
        name: 'ifIndex',
        module: 'IF-MIB',
        implied: false,
        syntax: {
          base: 'Integer32',
          convention: 'InterfaceIndex',
          ranges: [[1, 2147483647]],
          displayHint: 'd',
        },
      },
    ]);
  });

  test('reads an index of foreign, enumerated and implied objects', () => {
    expect(module.tables['testNameTable']!.index).toMatchObject([
      { name: 'ifIndex', module: 'IF-MIB', implied: false },
      { name: 'testNameKind', implied: false, syntax: { base: 'Integer32', enums: { up: 1, 'not-up': -2 } } },
      { name: 'testNameName', implied: true, syntax: { convention: 'DisplayString', sizes: [[1, 32]] } },
    ]);
  });

  test('resolves BITS, ranges, sizes and named numbers through conventions', () => {
    const tables = Object.values(module.tables);
    const syntaxes = Object.fromEntries(
      [...Object.entries(module.scalars), ...tables.flatMap((table) => Object.entries(table.columns))].map(
        ([name, { syntax }]) => [name, syntax],
      ),
    );
    expect(syntaxes).toMatchObject({
      testExtColour: { base: 'Bits', convention: 'Colour', enums: { red: 0, 'dark-green': 1, blue: 2 } },
      testExtLevel: { base: 'Integer32', convention: 'Short', ranges: [[-10, 10]], displayHint: 'd-2' },
      testNameBlob: {
        base: 'OctetString',
        sizes: [
          [0, 0],
          [8, 8],
          [32, 64],
        ],
      },
      testNameNumber: { base: 'Unsigned32', ranges: [[10, 4294967295]] },
      testLock: { base: 'Integer32', convention: 'TestAndIncr', ranges: [[0, 2147483647]] },
      testFlag: { base: 'Integer32', convention: 'TruthValue', enums: { true: 1, false: 2 } },
      testOpaque: { base: 'Opaque', sizes: [[7, 7]] },
      testSeldom: {
        base: 'Integer32',
        ranges: [
          [-1, -1],
          [0, 2147483647],
        ],
      },
    });
  });

  test('keeps access, status, units and the order of the OIDs', () => {
    const columns = module.tables['testExtTable']!.columns;
    expect(Object.keys(columns)).toEqual(['testExtColour', 'testExtLevel']);
    expect(columns['testExtLevel']).toMatchObject({
      access: 'read-create',
      status: 'deprecated',
      units: 'dB',
    });
    expect(module.notifications['testHappened']).toEqual({
      oid: [1, 3, 6, 1, 4, 1, 99999, 0, 1],
      objects: ['testExtColour', 'ifDescr'],
      status: 'current',
    });
    expect(module).toMatchObject({ oid: [1, 3, 6, 1, 4, 1, 99999], lastUpdated: '202601010000Z' });
  });

  test('gives the same text each time, and a changed line is told', () => {
    const text = renderModule(module);
    expect(renderModule(structuredClone(module))).toBe(text);
    expect(text).toContain("'dark-green': 1");
    const out = mkdtempSync(join(folder, 'out-'));
    writeFileSync(join(out, 'a.ts'), text.replace('read-create', 'read-only'));
    writeFileSync(join(out, 'stray.ts'), '');
    expect(
      findDifferences(
        out,
        new Map([
          ['a.ts', text],
          ['b.ts', text],
        ]),
      ),
    ).toEqual([
      expect.stringMatching(/^stray\.ts: belongs to no served module/),
      expect.stringMatching(/^a\.ts:\d+\n- +access: 'read-only',\n\+ +access: 'read-create',$/),
      'b.ts: missing',
    ]);
  });

  test.each([
    [
      'NO-SUCH-PARENT-MIB',
      (text: string) => text.replace('{ testMIB 3 }', '{ testElsewhere 3 }'),
      /testLock.*parent is unknown/,
    ],
    [
      'NO-SUCH-TYPE-MIB',
      (text: string) => text.replace('SYNTAX TruthValue', 'SYNTAX Truth'),
      /Truth is neither defined nor imported/,
    ],
    [
      'NO-SUCH-INDEX-MIB',
      (text: string) => text.replace('INDEX { ifIndex', 'INDEX { ifIndices'),
      /ifIndices is neither/,
    ],
    [
      'NO-SUCH-IMPORT-MIB',
      (text: string) => text.replace('FROM IF-MIB', 'FROM IG-MIB'),
      /IG-MIB.*imported by NO-SUCH-IMPORT-MIB/,
    ],
    [
      'OLD-ACCESS-MIB',
      (text: string) => text.replace('MAX-ACCESS read-create', 'MAX-ACCESS write-only'),
      /testExtLevel: MAX-ACCESS is write-only/,
    ],
    [
      'BAD-RANGE-MIB',
      (text: string) => text.replace('-10..10', 'MIN..10'),
      /bound MIN is not a whole number/,
    ],
    ['CIRCLE-MIB', (text: string) => text.replace('FROM IF-MIB', 'FROM CIRCLE-MIB'), /imports itself/],
  ])('refuses %s and says why', (name, change, message) => {
    expect(read(name, change(FIXTURE.replace('TEST-EXTENSION-MIB', name)))).toThrow(message);
  });

  test('refuses a file that is named after another module', () => {
    expect(read('OTHER-MIB', FIXTURE)).toThrow(/defines TEST-EXTENSION-MIB; the file name must be/);
  });
});
