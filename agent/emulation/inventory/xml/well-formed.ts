import { refusal, type SourceText } from './source-text.ts';

/**
 * The largest definition that is read, in UTF-16 units: libvirt's own bound for one string of a remote call,
 * so no larger one can reach a libvirt daemon.
 */
export const MAX_DEFINITION_LENGTH = 4 * 1024 * 1024;

/** The deepest nesting of elements that is read. */
export const MAX_DEPTH = 256;

/** The most attributes of one element that are read. */
export const MAX_ATTRIBUTES = 1000;

/** The largest number of elements in one definition that is read. */
export const MAX_ELEMENTS = 100_000;

const NAME_START =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const NAME = `[${NAME_START}][${NAME_START}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`;
const SPACE = '[ \\t\\r\\n]';

const CHARACTER_BAD = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const DECLARATION = new RegExp(
  `<\\?xml${SPACE}+version${SPACE}*=${SPACE}*(["'])1\\.[0-9]+\\1(?:${SPACE}+encoding${SPACE}*=${SPACE}*(["'])[A-Za-z][A-Za-z0-9._-]*\\2)?(?:${SPACE}+standalone${SPACE}*=${SPACE}*(["'])(?:yes|no)\\3)?${SPACE}*\\?>`,
  'y',
);
const TAG_NAME = new RegExp(NAME, 'uy');
const ATTRIBUTE = new RegExp(`${SPACE}+(${NAME})${SPACE}*=${SPACE}*(?:"([^<"]*)"|'([^<']*)')`, 'uy');
const TAG_END = new RegExp(`${SPACE}*(/?)>`, 'y');
const INSTRUCTION = new RegExp(`<\\?(${NAME})(?:\\?>|${SPACE})`, 'uy');
const REFERENCE = /&(?:#([0-9]+)|#x([0-9a-fA-F]+)|([^;&<\s]{1,40}));/y;
const PREDEFINED = new Set(['lt', 'gt', 'amp', 'quot', 'apos']);

/**
 * Checks that a text is one well-formed XML document as XML 1.0 (5th edition) defines it, without a DTD.
 *
 * The tree is built by a lenient parser; this stands before it, so that nothing reaches that parser which two
 * readers could understand differently. A document type and every entity but the five predefined ones are
 * refused unread: there is nothing to expand and nothing to fetch.
 *
 * @throws VirtsnmpError DOMAIN_INVALID at the first character that is wrong.
 */
export function checkWellFormed(source: SourceText): void {
  const { text } = source;
  if (text.length > MAX_DEFINITION_LENGTH) {
    throw refusal(
      source,
      0,
      `the definition has ${text.length} characters; at most ${MAX_DEFINITION_LENGTH} are read`,
    );
  }
  const bad = CHARACTER_BAD.exec(text.startsWith('\uFEFF') ? text.slice(1) : text);
  if (bad !== null) {
    const code = bad[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const offset = bad.index + (text.startsWith('\uFEFF') ? 1 : 0);
    throw refusal(source, offset, `the character U+${code} is not allowed in XML`);
  }
  new Scanner(source).document();
}

class Scanner {
  readonly #source: SourceText;
  readonly #text: string;
  /** Names and places of the elements that are open. */
  readonly #open: { name: string; offset: number }[] = [];
  #at = 0;
  #elements = 0;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
  }

  document(): void {
    const text = this.#text;
    if (text.startsWith('\uFEFF')) this.#at = 1;
    if (/^<\?xml[ \t\r\n]/.test(text.slice(this.#at, this.#at + 6)) && this.#match(DECLARATION) === null) {
      this.#fail(
        'this is not an XML declaration; write <?xml version="1.0" encoding="UTF-8"?> or leave it out',
      );
    }
    while (this.#at < text.length) {
      if (text[this.#at] === '<') this.#markup();
      else this.#content();
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) this.#fail(`<${unclosed.name}> is never closed`, unclosed.offset);
    if (this.#elements === 0) this.#fail('there is no XML element; a definition is one <domain>', 0);
  }

  #markup(): void {
    const text = this.#text;
    const at = this.#at;
    if (text.startsWith('<!--', at)) this.#comment();
    else if (text.startsWith('<![CDATA[', at)) this.#cdata();
    else if (text.startsWith('<!', at)) {
      this.#fail('document types and their entities are not read; take the <!DOCTYPE ...> out');
    } else if (text.startsWith('<?', at)) this.#instruction();
    else if (text.startsWith('</', at)) this.#endTag();
    else this.#startTag();
  }

  #comment(): void {
    const end = this.#text.indexOf('--', this.#at + 4);
    if (end < 0) this.#fail('this comment is never closed; a comment ends with -->');
    if (this.#text[end + 2] !== '>') this.#fail('two hyphens are not allowed inside a comment', end);
    this.#at = end + 3;
  }

  #cdata(): void {
    if (this.#open.length === 0) this.#fail('text is not allowed outside the root element');
    const end = this.#text.indexOf(']]>', this.#at + 9);
    if (end < 0) this.#fail('this CDATA section is never closed; it ends with ]]>');
    this.#at = end + 3;
  }

  #instruction(): void {
    const start = this.#at;
    const match = this.#match(INSTRUCTION);
    if (match === null) this.#fail('a processing instruction starts with <? and a name');
    if (match[1]!.toLowerCase() === 'xml') {
      this.#fail('an XML declaration is allowed only at the very start of the document', start);
    }
    const end = this.#text.indexOf('?>', start + 2);
    if (end < 0) this.#fail('this processing instruction is never closed; it ends with ?>', start);
    this.#at = end + 2;
  }

  #startTag(): void {
    const start = this.#at;
    if (this.#open.length === 0 && this.#elements > 0) {
      this.#fail('a second root element; a file holds exactly one <domain>');
    }
    this.#elements += 1;
    if (this.#elements > MAX_ELEMENTS) this.#fail(`more than ${MAX_ELEMENTS} elements; that many are read`);
    this.#at += 1;
    const name = this.#match(TAG_NAME)?.[0];
    if (name === undefined)
      this.#fail('an element name must follow <; write &lt; for the character itself', start);
    const seen = new Set<string>();
    for (;;) {
      const before = this.#at;
      const match = this.#match(ATTRIBUTE);
      if (match === null) break;
      if (seen.has(match[1]!)) this.#fail(`attribute ${match[1]} is given twice in <${name}>`, before);
      seen.add(match[1]!);
      if (seen.size > MAX_ATTRIBUTES)
        this.#fail(`<${name}> has more than ${MAX_ATTRIBUTES} attributes`, before);
      const value = match[2] ?? match[3]!;
      this.#references(this.#at - 1 - value.length, this.#at - 1);
    }
    const end = this.#match(TAG_END);
    if (end === null)
      this.#fail(`<${name}> is not a well-formed tag; attributes are NAME="VALUE", the tag ends with >`);
    if (end[1] === '/') return;
    this.#open.push({ name, offset: start });
    if (this.#open.length > MAX_DEPTH) this.#fail(`elements are nested deeper than ${MAX_DEPTH}`, start);
  }

  #endTag(): void {
    const start = this.#at;
    this.#at += 2;
    const name = this.#match(TAG_NAME)?.[0];
    const open = this.#open.pop();
    if (open === undefined) this.#fail(`</${name ?? ''}> closes nothing`, start);
    if (name !== open.name) this.#fail(`</${name ?? ''}> where </${open.name}> was expected`, start);
    const end = this.#match(TAG_END);
    if (end === null || end[1] === '/') this.#fail(`</${name}> is not a well-formed end tag`, start);
  }

  #content(): void {
    const start = this.#at;
    const next = this.#text.indexOf('<', start);
    const end = next < 0 ? this.#text.length : next;
    const piece = this.#text.slice(start, end);
    if (this.#open.length === 0) {
      const stray = /[^ \t\r\n]/.exec(piece);
      if (stray !== null) this.#fail('text is not allowed outside the root element', start + stray.index);
    }
    const closing = piece.indexOf(']]>');
    if (closing >= 0) this.#fail(']]> is not allowed in text; write ]]&gt;', start + closing);
    this.#references(start, end);
    this.#at = end;
  }

  /** Every & between two places must start a reference to a character or a predefined entity. */
  #references(start: number, end: number): void {
    for (let at = this.#text.indexOf('&', start); at >= 0 && at < end; at = this.#text.indexOf('&', at + 1)) {
      REFERENCE.lastIndex = at;
      const match = REFERENCE.exec(this.#text);
      if (match === null || REFERENCE.lastIndex > end)
        this.#fail('& starts no reference; write &amp; for the character', at);
      const [, decimal, hexadecimal, name] = match;
      if (name !== undefined) {
        if (!PREDEFINED.has(name)) {
          this.#fail(`entity &${name}; is not read; only &lt; &gt; &amp; &quot; and &apos; are`, at);
        }
        continue;
      }
      const digits = decimal ?? hexadecimal!;
      const code =
        digits.length > 12
          ? Number.POSITIVE_INFINITY
          : Number.parseInt(digits, decimal !== undefined ? 10 : 16);
      if (code > 0x10ffff || CHARACTER_BAD.test(String.fromCodePoint(code))) {
        this.#fail(`${match[0]} refers to a character that is not allowed in XML`, at);
      }
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #fail(reason: string, offset: number = this.#at): never {
    throw refusal(this.#source, offset, reason);
  }
}
