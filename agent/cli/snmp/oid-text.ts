import { nearest } from '../../config/nearest.ts';
import type { IndexDefinition } from '../../mib/definition.ts';
import { fixedSize } from '../../mib/syntax.ts';
import { isOid, type Oid, parseOid } from '../../util/oid.ts';
import { allModuleNames, allNames, type NamedNode, nodeNamed } from './name-tree.ts';

/** What a text was read as, or what is wrong with it and would be right. */
export type OidResult = { readonly oid: Oid } | { readonly problem: string; readonly change: string };

const NAMED = /^(?:([A-Za-z][\w-]*)::)?([A-Za-z][\w-]*)((?:\..*)?)$/s;
/** A part of an index: a quoted text, or what stands between two dots. */
const PART = /\.(?:"([^"]*)"|'([^']*)'|([^."']+))/gy;

/**
 * Reads an identifier in dotted decimal, or a name of one of this project's modules with an index behind it, as
 * these commands and Net-SNMP's print it: `sysUpTime.0`, `SNMPv2-MIB::sysUpTime.0`, `snmpTargetAddrTAddress."noc"`,
 * `lvsQueueOffered.'...'.0.0.rx` with its parts in numbers or by name.
 */
export function readOid(text: string): OidResult {
  const numeric = parseOid(text);
  if (numeric) return { oid: numeric };
  // What a walk of everything starts from; it cannot be asked for by itself.
  if (/^\.?[012]$/.test(text)) return { oid: [Number(text.replace('.', ''))] };
  const named = NAMED.exec(text);
  if (!named) {
    return {
      problem: `${JSON.stringify(text)} is not an OID`,
      change:
        'Give the OID as numbers with dots, such as 1.3.6.1.2.1.1.3.0, or as a name with an index, such as sysUpTime.0.',
    };
  }
  const [, module, name = '', index = ''] = named;
  const node = nodeNamed(name, module);
  if (!node) return unknownName(name, module);
  const parts = partsOf(index);
  const ids = parts && indexOf(parts, node);
  if (!ids) {
    return {
      problem: `${JSON.stringify(index)} is no index of ${name}`,
      change: `Give its parts as numbers with dots, texts in quotes, or the names of numbers${indexHelp(node)}.`,
    };
  }
  const oid = [...node.oid, ...ids];
  if (isOid(oid) || oid.length === 1) return { oid };
  return {
    problem: `${JSON.stringify(text)} has a number above 4294967295, or too many`,
    change: 'An OID has at most 128 numbers of 0 to 4294967295.',
  };
}

function unknownName(name: string, module: string | undefined): OidResult {
  if (module !== undefined && !allModuleNames().includes(module)) {
    const like = nearest(module, allModuleNames());
    return {
      problem: `the module ${module} is not known here`,
      change: like
        ? `Write ${like} if that is meant, or give the OID in numbers.`
        : `Known are ${allModuleNames().join(', ')}; or give the OID in numbers (snmptranslate -On).`,
    };
  }
  const elsewhere = nodeNamed(name);
  if (elsewhere) {
    return {
      problem: `${module} has no ${name}`,
      change: `Write ${elsewhere.module}::${name}, or ${name} alone.`,
    };
  }
  const like = nearest(name, allNames());
  return {
    problem: `the name ${name} is not known here`,
    change: like
      ? `Write ${like} if that is meant, or give the OID in numbers (snmptranslate -On).`
      : 'Give the OID in numbers (snmptranslate -On): only the names of virtsnmp’s own modules are known here.',
  };
}

interface Part {
  readonly text: string;
  readonly quoted: boolean;
}

function partsOf(index: string): Part[] | undefined {
  const parts: Part[] = [];
  PART.lastIndex = 0;
  let end = 0;
  for (let match = PART.exec(index); match; match = PART.exec(index)) {
    const [, double, single, plain] = match;
    parts.push({ text: double ?? single ?? plain!, quoted: plain === undefined });
    end = PART.lastIndex;
  }
  return end === index.length ? parts : undefined;
}

/** The sub-identifiers of an index; `undefined` where a part is none. */
function indexOf(parts: readonly Part[], { index = [] }: NamedNode): number[] | undefined {
  const ids: number[] = [];
  // Where a part is written out in numbers, those behind it cannot be told apart: only its start is looked for.
  let at = 0;
  for (const { text, quoted } of parts) {
    const definition = index[at];
    if (quoted) {
      if (definition?.syntax.base !== 'OctetString') return undefined;
      ids.push(...stringIndex(text, definition));
      at++;
    } else if (/^\d{1,10}$/.test(text)) {
      ids.push(Number(text));
      if (definition && isOneNumber(definition)) at++;
      else at = Number.POSITIVE_INFINITY;
    } else {
      const value = namedNumber(text, index, at);
      if (value === undefined) return undefined;
      ids.push(value);
      at++;
    }
  }
  return ids;
}

function stringIndex(text: string, { syntax, implied }: IndexDefinition): number[] {
  const octets = [...Buffer.from(text)];
  return implied || fixedSize(syntax) !== undefined ? octets : [octets.length, ...octets];
}

/** The number that a part names: of the object at its place, or of any of the index behind a part in numbers. */
function namedNumber(text: string, index: readonly IndexDefinition[], at: number): number | undefined {
  const candidates = Number.isFinite(at) ? index.slice(at, at + 1) : index;
  for (const { syntax } of candidates) if (syntax.enums?.[text] !== undefined) return syntax.enums[text];
  return undefined;
}

function isOneNumber({ syntax: { base } }: IndexDefinition): boolean {
  return base !== 'OctetString' && base !== 'ObjectIdentifier' && base !== 'IpAddress' && base !== 'Bits';
}

function indexHelp({ index }: NamedNode): string {
  return index ? `; it is made of ${index.map(({ name }) => name).join(', ')}` : '';
}
