import { alarm } from './alarm.ts';
import { event } from './event.ts';
import type { ExpectationKind } from './expectation.ts';
import { http } from './http.ts';
import { notification } from './notification.ts';
import { snmp } from './snmp.ts';

/** Everything that can be expected, by its key. */
export const EXPECTATIONS = { notification, event, snmp, alarm, http } as const satisfies Record<
  string,
  ExpectationKind
>;

/** A name of {@link EXPECTATIONS}. */
export type ExpectationName = keyof typeof EXPECTATIONS;
/** Every name of {@link EXPECTATIONS}. */
export const EXPECTATION_NAMES = Object.keys(EXPECTATIONS) as ExpectationName[];
