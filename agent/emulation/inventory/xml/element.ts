import { quoted, refusal, type SourceText } from './source-text.ts';

/** One element of a definition. Elements and attributes of a namespace are left out: libvirt does not see them. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text below it in document order, as XPath's string() gives it; blanks kept. */
  readonly text: string;
  readonly source: SourceText;
  /** Where its start tag begins in the source. */
  readonly offset: number;
}

/** Refuses the definition at an element. */
export function refuse(element: XmlElement, reason: string): never {
  throw refusal(element.source, element.offset, reason);
}

/** The first child of that name. Where libvirt wants one element, it takes the first. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((each) => each.name === name);
}

/** All children of that name, in document order. */
export function children(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((each) => each.name === name) ?? [];
}

/** The first descendant along a path of names such as `os/type`, as XPath finds it. */
export function descendant(element: XmlElement | undefined, path: string): XmlElement | undefined {
  let found: readonly XmlElement[] = element === undefined ? [] : [element];
  for (const name of path.split('/')) found = found.flatMap((each) => children(each, name));
  return found[0];
}

/** An attribute of an element that may be absent itself. */
export function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attributes.get(name);
}

/** An attribute that libvirt insists on; `why` says in which case. */
export function requiredAttribute(element: XmlElement, name: string, why = ''): string {
  const value = element.attributes.get(name);
  if (value === undefined) refuse(element, `<${element.name}> has no ${name}=; it must have one${why}`);
  return value;
}

/** Refuses an attribute's value; `expected` says what would be right. */
export function refuseAttribute(element: XmlElement, name: string, expected: string): never {
  const value = element.attributes.get(name) ?? '';
  return refuse(element, `${name}=${quoted(value)} of <${element.name}> is wrong; it must be ${expected}`);
}
