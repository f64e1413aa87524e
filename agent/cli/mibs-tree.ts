import { nearest } from '../config/nearest.ts';
import type { Bounds, MaxAccess, ObjectSyntax } from '../mib/definition.ts';
import { formatOid } from '../util/oid.ts';
import { allNames, type NamedNode, nodeNamed, nodesBelow } from './snmp/name-tree.ts';
import { UsageError } from './usage-error.ts';

/** MAX-ACCESS as `snmptranslate -Tp` draws it. */
const ACCESS: Readonly<Record<MaxAccess, string>> = {
  'not-accessible': '----',
  'accessible-for-notify': '---N',
  'read-only': '-R--',
  'read-write': '-RW-',
  'read-create': 'CR--',
};

/** A node of the tree as data. */
interface TreeData {
  readonly name: string;
  readonly module: string;
  readonly oid: string;
  readonly kind: NamedNode['kind'];
  readonly access?: MaxAccess;
  readonly syntax?: ObjectSyntax;
  readonly index?: readonly string[];
  readonly children: readonly TreeData[];
}

/** The node of a name such as `lvsGuestTable` or `SNMPv2-MIB::system`. Throws {@link UsageError} with the nearest. */
export function treeRoot(text: string): NamedNode {
  const [, module, name = ''] = /^(?:([\w-]+)::)?(.*)$/s.exec(text)!;
  const node = nodeNamed(name, module);
  if (node) return node;
  const like = nearest(name, allNames());
  throw new UsageError(`the name ${text} is not known here${like ? `; did you mean ${like}?` : ''}`);
}

/** The tree below a name, drawn as `snmptranslate -Tp` does: what may be done with each object, its type, its name. */
export function treeLines(root: NamedNode): string[] {
  return ['', headLine(root), ...below(root, '   ')];
}

/** The same as data. */
export function treeData(node: NamedNode): TreeData {
  const { name, module, oid, kind, definition, index } = node;
  return {
    name,
    module,
    oid: formatOid(oid),
    kind,
    ...(definition && { access: definition.access, syntax: definition.syntax }),
    ...(index && { index: index.map((part) => part.name) }),
    children: nodesBelow(node).map(treeData),
  };
}

function below(node: NamedNode, indent: string): string[] {
  const children = nodesBelow(node);
  return children.flatMap((child, i) => {
    const rail = i === children.length - 1 ? ' ' : '|';
    const deeper = `${indent}${rail}  `;
    const space = child.definition ? [] : [`${indent}|`];
    return [
      ...space,
      `${indent}${headLine(child)}`,
      ...details(child).map((line) => `${deeper}      ${line}`),
      ...below(child, deeper),
    ];
  });
}

function headLine({ name, oid, definition }: NamedNode): string {
  const label = `${name}(${oid.at(-1)})`;
  if (!definition) return `+--${label}`;
  const { base, enums } = definition.syntax;
  const type = base === 'Integer32' && enums ? 'EnumVal' : base;
  return `+-- ${ACCESS[definition.access]} ${type.padEnd(16)} ${label}`;
}

function details({ definition, index, kind }: NamedNode): string[] {
  if (kind === 'row') return [`Index: ${index!.map(({ name }) => name).join(', ')}`];
  if (!definition) return [];
  const { convention, enums, ranges, sizes } = definition.syntax;
  const values = enums && Object.entries(enums).map(([name, value]) => `${name}(${value})`);
  return [
    ...(convention === undefined ? [] : [`Textual Convention: ${convention}`]),
    ...(values ? [`Values: ${values.join(', ')}`] : []),
    ...(ranges ? [`Range: ${boundsText(ranges)}`] : []),
    ...(sizes ? [`Size: ${boundsText(sizes)}`] : []),
  ];
}

function boundsText(bounds: readonly Bounds[]): string {
  return bounds.map(([low, high]) => (low === high ? String(low) : `${low}..${high}`)).join(' | ');
}
