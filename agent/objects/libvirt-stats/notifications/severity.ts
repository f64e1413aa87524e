import type { Severity } from '../../../emulation/alarm/alarm.ts';
import { LIBVIRT_STATS_MIB } from '../../../mib/generated/libvirt-stats-mib.ts';

/** How bad what a notification tells of is: a severity of X.733, or none at all. */
export type NotifiedSeverity = Severity | 'cleared' | 'informational';

/** Numbers of LvsNotifiedSeverity. */
export const NOTIFIED_SEVERITY: Readonly<Record<NotifiedSeverity, number>> =
  LIBVIRT_STATS_MIB.scalars.lvsEventSeverity.syntax.enums;
