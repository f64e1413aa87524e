import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

/** A place in a file; both numbers count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something that is wrong at a place in the text itself. */
interface SyntaxProblem extends Position {
  readonly message: string;
}

/** A YAML text as data that still knows where each value stands. */
export interface YamlSource {
  /** What the text says: mappings, lists, text, numbers, booleans, null. `undefined` when nothing. */
  readonly data: unknown;
  /** The place of the value at the path, or of the nearest one that it should be in. */
  position(path: readonly PropertyKey[]): Position;
  /** The place of the key of the value at the path. */
  keyPosition(path: readonly PropertyKey[]): Position;
}

/** What {@link readYaml} found: the source, or why there is none. */
export type YamlResult = { readonly source: YamlSource } | { readonly problems: readonly SyntaxProblem[] };

const MAX_ALIASES = 100;
const START: Position = { line: 1, column: 1 };

/** Own words for the parser's codes: its messages quote the text, which may hold a secret. */
const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  ALIAS_IN_ITSELF: 'an alias inside of what it stands for; expected the value written out',
  ALIAS_PROPS: 'an alias cannot have an anchor or a tag of its own',
  BAD_ALIAS: 'an alias to an anchor that is not there; expected an anchor of that name before it',
  BAD_COLLECTION_TYPE: 'a tag that does not fit its value',
  BAD_DIRECTIVE: 'a directive that YAML does not have; expected none or %YAML 1.2',
  BAD_DQ_ESCAPE: 'an escape that YAML does not have; expected a known one, or text in single quotes',
  BAD_INDENT:
    'wrong indentation, or a bracket that is not closed; expected the entries of a group in one column',
  BAD_PROP_ORDER: 'an anchor or tag in the wrong place; expected it right before its value',
  BAD_SCALAR_START: 'a character that plain text cannot begin with; expected text in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a group or list on the line of its key; expected it on the next line, indented',
  BLOCK_IN_FLOW: 'a block inside brackets; expected bracket style all the way',
  DUPLICATE_KEY: 'a key that its group has already; expected each key once',
  IMPOSSIBLE: 'text that cannot be read as YAML',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters',
  MANY_ALIASES: `more than ${MAX_ALIASES} aliases; expected the values written out`,
  MISSING_CHAR:
    'something is missing before this; expected a closing quote or bracket, a comma, or ": " after a key',
  MULTILINE_IMPLICIT_KEY: 'a key over several lines; expected ": " after a key, on its line',
  MULTIPLE_ANCHORS: 'more than one anchor; expected one at most',
  MULTIPLE_DOCS: 'a second document; expected one document in the file',
  MULTIPLE_TAGS: 'more than one tag; expected one at most',
  NON_STRING_KEY: 'a key that is not text',
  RESOURCE_EXHAUSTION: 'nested too deep, or too large; expected a plainer file',
  TAB_AS_INDENT: 'a tab in the indentation; expected spaces',
  TAG_RESOLVE_FAILED: 'a tag that is not known here; expected a value without a tag',
  UNEXPECTED_TOKEN: 'something that does not belong here; expected text with special characters in quotes',
};

/**
 * Reads a YAML 1.2 text (core schema) of one document.
 * Refused: syntax errors, duplicate keys, unknown tags, several documents, and aliases that multiply.
 */
export function readYaml(text: string): YamlResult {
  const lines = new LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? START : { line, column: col };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
      logLevel: 'error',
    });
    const found = [...document.errors, ...document.warnings, ...badAliases(document)];
    if (found.length === 0) return { source: sourceOf(document, at) };
    found.sort((a, b) => a.pos[0] - b.pos[0]);
    const problems = found.map(({ code, pos }) => ({
      ...at(pos[0]),
      message: SYNTAX_MESSAGES[code] ?? 'text that cannot be read as YAML',
    }));
    return { problems: problems.filter((one, i) => !isSamePlace(one, problems[i - 1])) };
  } catch (error) {
    // The parser refuses multiplying aliases only when values are read; what else it throws is the stack's end.
    const message =
      error instanceof ReferenceError
        ? 'aliases that multiply; expected the values written out'
        : 'groups and lists nested too deep to be read';
    return { problems: [{ ...START, message }] };
  }
}

/** Aliases to nothing and to something that they are in: the parser finds them only when values are read. */
function badAliases(document: Document): { code: string; pos: [number] }[] {
  const bad: { code: string; pos: [number] }[] = [];
  let count = 0;
  visit(document, {
    Alias(_key, alias, path) {
      if (++count > MAX_ALIASES) {
        bad.push({ code: 'MANY_ALIASES', pos: [alias.range?.[0] ?? 0] });
        return visit.BREAK;
      }
      const target = alias.resolve(document);
      const pos: [number] = [alias.range?.[0] ?? 0];
      if (target === undefined) bad.push({ code: 'BAD_ALIAS', pos });
      else if (path.includes(target)) bad.push({ code: 'ALIAS_IN_ITSELF', pos });
      return undefined;
    },
  });
  return bad;
}

function isSamePlace(a: Position, b: Position | undefined): boolean {
  return a.line === b?.line && a.column === b.column;
}

function sourceOf(document: Document, at: (offset: number) => Position): YamlSource {
  const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
  const start = (node: Node | null | undefined): Position | undefined => {
    const offset = node?.range?.[0];
    return offset === undefined ? undefined : at(offset);
  };
  const position = (path: readonly PropertyKey[]): Position => {
    for (let length = path.length; length >= 0; length--) {
      const found = start(nodeAt(document, path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return START;
  };
  const keyPosition = (path: readonly PropertyKey[]): Position => {
    const group = nodeAt(document, path.slice(0, -1));
    const key = isMap(group) ? group.items.find((pair) => keyName(pair.key) === path.at(-1))?.key : undefined;
    return start(key as Node | undefined) ?? position(path);
  };
  return { data, position, keyPosition };
}

function nodeAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  let node = document.contents as Node | null | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      node = node.items.find((pair) => keyName(pair.key) === key)?.value as Node | null | undefined;
    } else {
      node = isCollection(node) ? (node.items[Number(key)] as Node | undefined) : undefined;
    }
  }
  return node ?? undefined;
}

function keyName(key: unknown): string {
  return isScalar(key) ? String(key.value ?? '') : String(key);
}
