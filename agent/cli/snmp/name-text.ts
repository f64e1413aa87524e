import type { IndexDefinition } from '../../mib/definition.ts';
import { fixedSize } from '../../mib/syntax.ts';
import { formatOid, type Oid } from '../../util/oid.ts';
import { nodeAbove } from './name-tree.ts';
import type { OutputOptions } from './output-options.ts';

type Options = Pick<OutputOptions, 'numeric' | 'suffix' | 'plainIndex'>;

/** An identifier as Net-SNMP's tools print it: `SNMPv2-MIB::sysUpTime.0`, its index read by the INDEX clause. */
export function nameText(oid: Oid, { numeric, suffix, plainIndex }: Options): string {
  const node = numeric ? undefined : nodeAbove(oid);
  if (!node) return `.${formatOid(oid)}`;
  const rest = oid.slice(node.oid.length);
  const index = node.index && !plainIndex ? indexTexts(rest, node.index) : rest.map(String);
  const name = suffix || node.name === 'iso' ? node.name : `${node.module}::${node.name}`;
  return [name, ...index].join('.');
}

/** The parts of an index; what is left over, or does not fit, as numbers. */
function indexTexts(ids: Oid, index: readonly IndexDefinition[]): string[] {
  const parts: string[] = [];
  let rest = ids;
  for (const { syntax, implied } of index) {
    if (rest.length === 0) break;
    const length = lengthOf(rest, syntax, implied);
    if (length === undefined || length > rest.length) break;
    parts.push(partText(rest.slice(0, length), syntax, implied));
    rest = rest.slice(length);
  }
  return [...parts, ...rest.map(String)];
}

/** How many sub-identifiers a part of an index takes (RFC 2578 section 7.7). */
function lengthOf(ids: Oid, syntax: IndexDefinition['syntax'], implied: boolean): number | undefined {
  switch (syntax.base) {
    case 'OctetString':
    case 'Bits':
      return implied ? ids.length : (fixedSize(syntax) ?? ids[0]! + 1);
    case 'ObjectIdentifier':
      return implied ? ids.length : ids[0]! + 1;
    case 'IpAddress':
      return 4;
    case 'Counter64':
    case 'Opaque':
      return undefined;
    default:
      return 1;
  }
}

function partText(ids: Oid, syntax: IndexDefinition['syntax'], implied: boolean): string {
  const { base, enums } = syntax;
  if (base === 'OctetString') {
    if (implied || fixedSize(syntax) !== undefined) return `'${charactersOf(ids)}'`;
    return `"${charactersOf(ids.slice(1))}"`;
  }
  const name = base === 'Integer32' && enums && Object.keys(enums).find((key) => enums[key] === ids[0]);
  return name || ids.join('.');
}

/** A dot stands for what cannot be printed. */
function charactersOf(ids: Oid): string {
  return ids.map((id) => (id >= 0x20 && id < 0x7f ? String.fromCharCode(id) : '.')).join('');
}
