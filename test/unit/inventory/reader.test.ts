import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readXml } from '../../../agent/emulation/inventory/xml/reader.ts';
import {
  MAX_DEFINITION_LENGTH,
  MAX_DEPTH,
  MAX_ELEMENTS,
} from '../../../agent/emulation/inventory/xml/well-formed.ts';
import { messageOf } from './fixtures.ts';

const read = (text: string) => readXml({ file: 'f.xml', text });
const refusalOf = (text: string) => messageOf(() => read(text));

describe('what is not XML', () => {
  test.each([
    ['', '1:1: there is no XML element'],
    ['   ', '1:1: there is no XML element'],
    ['a', '1:1: text is not allowed outside'],
    ['<a>', '1:1: <a> is never closed'],
    ['<a></b>', '1:4: </b> where </a> was expected'],
    ['</a>', '1:1: </a> closes nothing'],
    ['<a/><a/>', '1:5: a second root element'],
    ['<a/>x', '1:5: text is not allowed outside'],
    ['<a/><![CDATA[x]]>', '1:5: text is not allowed outside'],
    ['<a b/>', '1:3: <a> is not a well-formed tag'],
    ['<a b=c/>', '1:3: <a> is not a well-formed tag'],
    ['<a b="1"c="2"/>', '1:9: <a> is not a well-formed tag'],
    ['<a b="1" b="2"/>', '1:9: attribute b is given twice'],
    ['<a b="<"/>', '1:3: <a> is not a well-formed tag'],
    ['<a', '1:3: <a> is not a well-formed tag'],
    ['<1/>', '1:1: an element name must follow'],
    ['< a/>', '1:1: an element name must follow'],
    ['<a>]]></a>', '1:4: ]]> is not allowed in text'],
    ['<a>\u0001</a>', '1:4: the character U+0001'],
    ['<a>\ud800</a>', '1:4: the character U+D800'],
    ['<a>&#0;</a>', '1:4: &#0; refers to a character'],
    ['<a>&#xD800;</a>', '1:4: &#xD800; refers'],
    ['<a>&#99999999999999999999;</a>', '1:4: &#99999999999999999999; refers'],
    ['<a>&</a>', '1:4: & starts no reference'],
    ['<a b="&;"/>', '1:7: & starts no reference'],
    ['<a>&nbsp;</a>', '1:4: entity &nbsp; is not read'],
    ['<a><!-- a -- b --></a>', '1:11: two hyphens'],
    ['<a><!-- a </a>', '1:4: this comment is never closed'],
    ['<a><![CDATA[ </a>', '1:4: this CDATA section is never closed'],
    ['<a><?p </a>', '1:4: this processing instruction is never closed'],
    ['<a><?xml x?></a>', '1:4: an XML declaration is allowed only'],
    [' <?xml version="1.0"?><a/>', '1:2: an XML declaration is allowed only'],
    ['<?xml version="2.0"?><a/>', '1:1: this is not an XML declaration'],
    ['<!DOCTYPE a><a/>', '1:1: document types'],
    ['<a><!DOCTYPE a></a>', '1:4: document types'],
    ['<a><__proto__/></a>', '1:1: '],
  ])('%j', (text, expected) => {
    expect(refusalOf(text).slice(0, 'f.xml:'.length + expected.length)).toBe(`f.xml:${expected}`);
  });
});

describe('what is XML', () => {
  test('keeps attributes, text and places', () => {
    const text = `\uFEFF<?xml version='1.0' encoding='utf-8' standalone='no' ?>\r\n<a b='1&#10;2\t3&amp;"' c = "'"><!-- it's -->\r\n<d>x<e>y</e><![CDATA[<&>]]>&#x41;&lt;</d></a>\n<?end it's?>`;
    const root = read(text);
    expect([...root.attributes]).toEqual([
      ['b', '1\n2 3&"'],
      ['c', "'"],
    ]);
    expect(root.children[0]!.text).toBe('xy<&>A<');
    expect(text.slice(root.children[0]!.offset).startsWith('<d>')).toBe(true);
  });

  test('a quote in a processing instruction hides nothing', () => {
    const root = read("<a><?p don't?><b/><?p don't?><c/></a>");
    expect(root.children.map(({ name }) => name)).toEqual(['b', 'c']);
  });

  test('elements and attributes of a namespace are left out', () => {
    const root = read("<a xmlns:x='u' x:y='1' z='2'><x:b/><c xmlns='u'><d/></c><e xmlns=''/></a>");
    expect(root.children.map(({ name }) => name)).toEqual(['e']);
    expect([...root.attributes.keys()]).toEqual(['z']);
  });

  test('an element called like a method of every object is an element', () => {
    expect(read('<a><toString/><hasOwnProperty/><b/></a>').children).toHaveLength(3);
  });
});

describe('entities', () => {
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-xml-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('an entity bomb is refused, its entities unread', () => {
    const entities = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
    expect(refusalOf(`<!DOCTYPE a [<!ENTITY e0 "x">${entities.join('')}]><a>&e30;</a>`)).toMatch(
      /1:1: document types/,
    );
  });

  test('an external entity is never read', () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'a secret');
    for (const text of [
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file://${secret}">]><a>&x;</a>`,
      `<!DOCTYPE a SYSTEM "file://${secret}"><a/>`,
      `<!DOCTYPE a [<!ENTITY % p SYSTEM "file://${secret}"> %p;]><a/>`,
    ]) {
      expect(refusalOf(text)).toMatch(/^f\.xml:1:1: document types and their entities are not read/);
    }
  });
});

describe('bounds', () => {
  test('length', () => {
    const frame = '<a></a>'.length;
    expect(refusalOf(`<a>${'x'.repeat(MAX_DEFINITION_LENGTH - frame)}</a>`)).toBe('');
    expect(refusalOf(`<a>${'x'.repeat(MAX_DEFINITION_LENGTH - frame + 1)}</a>`)).toContain('at most');
  });

  test('depth', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
    expect(refusalOf(nested(MAX_DEPTH))).toBe('');
    expect(refusalOf(nested(MAX_DEPTH + 1))).toContain(`deeper than ${MAX_DEPTH}`);
    expect(refusalOf('<a>'.repeat(100_000))).toContain(`deeper than ${MAX_DEPTH}`);
  });

  test('elements', () => {
    expect(refusalOf(`<a>${'<b/>'.repeat(MAX_ELEMENTS)}</a>`)).toContain(`more than ${MAX_ELEMENTS}`);
  });

  test('attributes', () => {
    const many = Array.from({ length: 2000 }, (_, i) => ` a${i}="x"`).join('');
    expect(refusalOf(`<a${many}/>`)).toContain('attributes');
  });
});
