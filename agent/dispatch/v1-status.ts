import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';

const { noSuchName, badValue, genErr } = ERROR_STATUS;

/** The SNMPv1 error-status that stands for each SNMPv2 one (RFC 3584 section 4.4). */
const V1_STATUS: Readonly<Record<ErrorStatus, ErrorStatus>> = {
  0: ERROR_STATUS.noError,
  1: ERROR_STATUS.tooBig,
  2: noSuchName,
  3: badValue,
  4: ERROR_STATUS.readOnly,
  5: genErr,
  [ERROR_STATUS.noAccess]: noSuchName,
  [ERROR_STATUS.wrongType]: badValue,
  [ERROR_STATUS.wrongLength]: badValue,
  [ERROR_STATUS.wrongEncoding]: badValue,
  [ERROR_STATUS.wrongValue]: badValue,
  [ERROR_STATUS.noCreation]: noSuchName,
  [ERROR_STATUS.inconsistentValue]: badValue,
  [ERROR_STATUS.resourceUnavailable]: genErr,
  [ERROR_STATUS.commitFailed]: genErr,
  [ERROR_STATUS.undoFailed]: genErr,
  [ERROR_STATUS.authorizationError]: noSuchName,
  [ERROR_STATUS.notWritable]: noSuchName,
  [ERROR_STATUS.inconsistentName]: noSuchName,
};

/** What an SNMPv1 requester is told instead of `status`. */
export function v1Status(status: ErrorStatus): ErrorStatus {
  return V1_STATUS[status];
}
