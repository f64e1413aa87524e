import type { Oid } from '../util/oid.ts';
import { formatOid } from '../util/oid.ts';
import type { IndexDefinition } from './definition.ts';
import { fixedSize } from './syntax.ts';
import { valueText } from './value-text.ts';

/**
 * An index for people: each of its objects as its own syntax has it, by comma; in dotted decimal what cannot be taken
 * apart (RFC 2578 section 7.7).
 */
export function indexText(index: readonly IndexDefinition[], ids: Oid): string {
  const parts: string[] = [];
  let at = 0;
  for (const { syntax, implied } of index) {
    const { base } = syntax;
    if (base === 'OctetString' || base === 'Bits' || base === 'ObjectIdentifier' || base === 'IpAddress') {
      const fixed = base === 'IpAddress' ? 4 : fixedSize(syntax);
      const length = fixed ?? (implied ? ids.length - at : ids[at++]);
      if (length === undefined || at + length > ids.length) return formatOid(ids);
      const value = ids.slice(at, at + length);
      at += length;
      parts.push(valueText(syntax, base === 'ObjectIdentifier' ? value : Uint8Array.from(value)));
    } else {
      if (at === ids.length) return formatOid(ids);
      parts.push(valueText(syntax, ids[at++]!));
    }
  }
  return at === ids.length ? parts.join(', ') : formatOid(ids);
}
