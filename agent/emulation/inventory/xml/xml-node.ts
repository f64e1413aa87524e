/** An element that is to be written. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Attributes;
  /** Text, or elements. */
  readonly content: string | readonly XmlNode[];
}

/** Attributes in the order in which they are written; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element of attributes and elements; those that are undefined are left out. */
export function node(
  name: string,
  attributes: Attributes = {},
  content: readonly (XmlNode | undefined)[] = [],
): XmlNode {
  return { name, attributes, content: content.filter((each) => each !== undefined) };
}

/** An element with text; `undefined` where there is none to write. */
export function textNode(
  name: string,
  text: string | number | undefined,
  attributes: Attributes = {},
): XmlNode | undefined {
  return text === undefined ? undefined : { name, attributes, content: String(text) };
}

/** The element, unless it says nothing. */
export function unlessEmpty(element: XmlNode): XmlNode | undefined {
  const isEmpty =
    element.content.length === 0 && Object.values(element.attributes).every((each) => each === undefined);
  return isEmpty ? undefined : element;
}

/** An element as virsh prints it: two blanks for each level, attributes in single quotes, a newline at the end. */
export function printXml(root: XmlNode): string {
  const lines: string[] = [];
  print(root, '', lines);
  return `${lines.join('\n')}\n`;
}

function print({ name, attributes, content }: XmlNode, indent: string, lines: string[]): void {
  let tag = name;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}='${escapeAttribute(String(value))}'`;
  }
  if (typeof content === 'string') lines.push(`${indent}<${tag}>${escapeText(content)}</${name}>`);
  else if (content.length === 0) lines.push(`${indent}<${tag}/>`);
  else {
    lines.push(`${indent}<${tag}>`);
    for (const each of content) print(each, `${indent}  `, lines);
    lines.push(`${indent}</${name}>`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Characters that no XML document may hold (XML 1.0 section 2.2), not even as references. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** A carriage return as such would be read as a line feed (XML 1.0 section 2.11). */
function escapeText(text: string): string {
  return text.replace(FORBIDDEN, '\uFFFD').replace(/[<>&\r]/g, reference);
}

/** Blanks other than spaces would be read as spaces (XML 1.0 section 3.3.3). */
function escapeAttribute(text: string): string {
  return text.replace(FORBIDDEN, '\uFFFD').replace(/[<>&"'\t\n\r]/g, reference);
}

function reference(character: string): string {
  return ESCAPES[character] ?? `&#${character.charCodeAt(0)};`;
}
