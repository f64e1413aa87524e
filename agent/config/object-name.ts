import { z } from 'zod';
import { isOid, type Oid } from '../util/oid.ts';
import { identifierRoot, unknownName } from './filter-subtree.ts';

const FORM = /^(?:[A-Za-z][\w-]*|\.?\d{1,10})(?:\.\d{1,10})*(?:\.\*)?$/;
const EXPECTED =
  'expected an instance such as sysUpTime.0, or all of an object such as libvirtGuestState.*; numbers do as well';

/** An instance of an object, or all whose names begin as it does. */
export interface ObjectName {
  readonly oid: Oid;
  readonly wildcard: boolean;
}

/** The schema of an {@link ObjectName}: a name or an object identifier, and `.*` behind it for all that begin so. */
export const objectName = named(readObjectName);

/** The schema of the name or object identifier of a notification; `none`, for none, is no identifier at all. */
export const notificationName = named((text): Oid | { readonly problem: string } => {
  if (text === 'none') return [];
  const expected = 'expected the name of a notification, such as mteTriggerFired, or its object identifier';
  const result = FORM.test(text) ? read(text, expected) : { problem: `is no identifier; ${expected}` };
  if ('problem' in result) return result;
  return result.wildcard ? { problem: `is no notification; ${expected}` } : result.oid;
});

/** Marked as whole, so that the text is not shown: what stands here by mistake may be a community. */
function named<T extends object>(convert: (text: string) => T | { readonly problem: string }) {
  return z.string({ error: 'a name or an object identifier, in quotes' }).transform((text, context): T => {
    const result = convert(text);
    if (!('problem' in result)) return result;
    context.issues.push({ code: 'custom', message: result.problem, input: text, params: { whole: true } });
    return z.NEVER;
  });
}

function readObjectName(text: string): ObjectName | { readonly problem: string } {
  if (!FORM.test(text)) return { problem: `is no identifier; ${EXPECTED}` };
  const result = read(text, EXPECTED);
  if ('problem' in result || result.wildcard || /\.|^\d/.test(text)) return result;
  return { problem: `names no instance; expected ${text}.0 where there is one, or ${text}.* for all` };
}

function read(text: string, expected: string): ObjectName | { readonly problem: string } {
  const wildcard = text.endsWith('.*');
  const [head = '', ...rest] = text.replace(/^\./, '').replace(/\.\*$/, '').split('.');
  const root = identifierRoot(head);
  if (!root) return { problem: unknownName(head, expected) };
  const oid = [...root, ...rest.map(Number)];
  return isOid(oid) ? { oid, wildcard } : { problem: `is no object identifier; ${expected}` };
}
