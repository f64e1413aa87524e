import { DISMAN_EVENT_MIB } from '../../mib/generated/disman-event-mib.ts';

/** FailureReason (RFC 2981 section 4): numbers above 0 are values of error-status. */
export const FAILURE = DISMAN_EVENT_MIB.scalars.mteFailedReason.syntax.enums;
