import type { ViewFamily } from '../access/view-tree.ts';
import { agrees, type FamilyPattern, ViewTree } from '../access/view-tree.ts';
import type { Oid } from '../util/oid.ts';
import type { Notification } from './notification.ts';

/** A filter of snmpNotifyFilterTable, ready to be asked. */
export interface CompiledFilter {
  /** Whether the notification passes (RFC 3413 section 6). */
  passes(notification: Notification): boolean;
}

/**
 * Compiles the families of one filter, which are chosen among as those of a view are (RFC 3413 section 6).
 *
 * A notification passes when a family that includes decides on its own name, and none that excludes on any variable
 * that it carries. What no family matches is excluded as a notification and does no harm as a variable.
 */
export function compileFilter(families: Iterable<ViewFamily>): CompiledFilter {
  const { patterns } = new ViewTree(families);
  return {
    passes({ oid, varbinds }) {
      if (decidingPattern(patterns, oid)?.included !== true) return false;
      for (const varbind of varbinds) {
        if (decidingPattern(patterns, varbind.oid)?.included === false) return false;
      }
      return true;
    },
  };
}

/** Patterns stand in the order in which they decide. */
function decidingPattern(patterns: readonly FamilyPattern[], oid: Oid): FamilyPattern | undefined {
  for (const pattern of patterns) {
    const { length } = pattern.ids;
    if (length <= oid.length && agrees(pattern, 0, length, oid, 0)) return pattern;
  }
  return undefined;
}
