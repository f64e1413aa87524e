import { XMLParser } from 'fast-xml-parser';
import { dictionary } from '../../../util/dictionary.ts';
import { errorText } from '../../../util/errors.ts';
import type { XmlElement } from './element.ts';
import { refusal, type SourceText } from './source-text.ts';
import { checkWellFormed, MAX_DEPTH } from './well-formed.ts';

const ATTRIBUTES = ':@';
const TEXT = '#text';
const CDATA = '#cdata';
const PREFIX = '@';

/** What the parser gives for one node in document order: one key for its name, one for its attributes. */
type ParsedNode = Record<string, unknown>;

const METADATA = XMLParser.getMetaDataSymbol() as unknown as string;

const PREDEFINED = dictionary<string>({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" });

/**
 * Reads one XML document into a tree of elements that know their place.
 *
 * @throws VirtsnmpError DOMAIN_INVALID for anything but one well-formed document without a DTD.
 */
export function readXml(source: SourceText): XmlElement {
  checkWellFormed(source);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: PREFIX,
    textNodeName: TEXT,
    cdataPropName: CDATA,
    captureMetaData: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: MAX_DEPTH + 1,
    jPath: false,
  });
  let nodes: ParsedNode[];
  try {
    nodes = parser.parse(withoutQuotesInInstructions(source.text)) as ParsedNode[];
  } catch (error) {
    throw refusal(source, 0, errorText(error));
  }
  const root = nodes.find((node) => nodeName(node) !== undefined);
  if (root === undefined) throw refusal(source, 0, 'there is no XML element; a definition is one <domain>');
  return element(root, nodeName(root)!, source, '');
}

/**
 * The parser looks for quotes inside processing instructions, where XML gives them no meaning, and would skip
 * over elements to find the other one. Blanks in their place keep every offset.
 */
function withoutQuotesInInstructions(text: string): string {
  return text.replace(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>/g, (piece) =>
    piece.startsWith('<?') ? piece.replace(/["']/g, ' ') : piece,
  );
}

function nodeName(node: ParsedNode): string | undefined {
  for (const key of Object.keys(node)) {
    if (key !== ATTRIBUTES && key !== TEXT && key !== CDATA) return key;
  }
  return undefined;
}

function element(node: ParsedNode, parsedName: string, source: SourceText, inherited: string): XmlElement {
  const attributes = new Map<string, string>();
  let namespace = inherited;
  for (const [key, value] of Object.entries((node[ATTRIBUTES] as Record<string, string>) ?? {})) {
    const name = key.slice(PREFIX.length);
    if (name === 'xmlns') namespace = value;
    else if (!name.includes(':')) attributes.set(name, decode(normalized(value)));
  }
  const children: XmlElement[] = [];
  let text = '';
  for (const each of node[parsedName] as ParsedNode[]) {
    const name = nodeName(each);
    if (name !== undefined) {
      const inner = element(each, name, source, namespace);
      text += inner.text;
      if (!isForeign(name, each, namespace)) children.push(inner);
    } else if (CDATA in each) {
      for (const part of each[CDATA] as ParsedNode[]) text += String(part[TEXT] ?? '');
    } else {
      text += decode(String(each[TEXT] ?? ''));
    }
  }
  const offset = (node as Record<string, { startIndex?: number }>)[METADATA]?.startIndex ?? 0;
  return { name: parsedName, attributes, children, text, source, offset };
}

/** Whether an element is in a namespace, and so none of libvirt's. */
function isForeign(name: string, node: ParsedNode, inherited: string): boolean {
  if (name.includes(':')) return true;
  const own = (node[ATTRIBUTES] as Record<string, string> | undefined)?.[`${PREFIX}xmlns`];
  return (own ?? inherited) !== '';
}

/** XML 1.0 section 3.3.3: a blank of any kind in an attribute's value is a space. */
function normalized(value: string): string {
  return value.replace(/[\t\n\r]/g, ' ');
}

function decode(value: string): string {
  if (!value.includes('&')) return value;
  return value.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(\w+));/g, (_, hexadecimal, decimal, name) => {
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10));
    return PREDEFINED[name]!;
  });
}
