import { z } from 'zod';
import { identifiersByName } from '../mib/served.ts';
import { isOid, type Oid } from '../util/oid.ts';
import { nearest } from './nearest.ts';

/** Sub-identifiers that the subtree of a filter may have (RFC 3413, snmpNotifyFilterSubtree as an index). */
const MAX_SUBIDS = 84;
const FORM = /^(?:[A-Za-z][\w-]*|\.?\d{1,10})(?:\.(?:\d{1,10}|\*))*$/;
const EXPECTED =
  'expected a name such as libvirtGuestNotif, or an object identifier such as 1.3.6.1.4.1.36957.*.1';

/** A family of subtrees. */
export interface FilterSubtree {
  readonly subtree: readonly number[];
  /** Places from 0 at which any sub-identifier will do. */
  readonly any: readonly number[];
}

const identifiers = identifiersByName();

/** The schema of a subtree: a name or an object identifier, with `*` for sub-identifiers that do not matter. */
export const filterSubtree = z
  .string({ error: 'a name or an object identifier, in quotes' })
  .transform((text, context): FilterSubtree => {
    const result = readSubtree(text);
    if ('subtree' in result) return result;
    context.issues.push({ code: 'custom', message: result.problem, input: text, params: { whole: true } });
    return z.NEVER;
  });

/** What the first part of a name or an object identifier stands for; `undefined` for a name that no module here has. */
export function identifierRoot(head: string): Oid | undefined {
  return /^\d/.test(head) ? [Number(head)] : identifiers.get(head);
}

/** What to say of a name that no module here has. */
export function unknownName(name: string, expected: string): string {
  const near = nearest(name, [...identifiers.keys()]);
  return `is no name of a module here; ${near ? `did you mean ${near}?` : expected}`;
}

function readSubtree(text: string): FilterSubtree | { readonly problem: string } {
  // The text is not shown: what stands here by mistake may be a community.
  if (!FORM.test(text)) return { problem: `is no identifier; ${EXPECTED}` };
  const [head = '', ...rest] = text.replace(/^\./, '').split('.');
  const root = identifierRoot(head);
  if (!root) return { problem: unknownName(head, EXPECTED) };
  const subtree = [...root, ...rest.map((part) => (part === '*' ? 0 : Number(part)))];
  const any = rest.flatMap((part, i) => (part === '*' ? [root.length + i] : []));
  // A single number is a subtree, too: 1 stands for all.
  const isRight = subtree.length === 1 ? subtree[0]! <= 2 : isOid(subtree);
  if (isRight && subtree.length <= MAX_SUBIDS) return { subtree, any };
  return { problem: `is no object identifier of at most ${MAX_SUBIDS} numbers; ${EXPECTED}` };
}
