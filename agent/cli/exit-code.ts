import type { ErrorCode } from '../util/errors.ts';

/** What the commands exit with; docs/CONTROL.md has the table. */
export const EXIT = {
  ok: 0,
  /** It could not be done: a port in use, a file or a value that cannot be used, an agent that is not well. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Nobody answers: no daemon, no agent. */
  unreachable: 3,
  /** There is no guest, host, fault or object of that name. */
  notFound: 4,
  /** The state does not allow it, or whoever asks may not do it. */
  refused: 5,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: EXIT.usage,
  UNREACHABLE: EXIT.unreachable,
  OPERATION_INVALID: EXIT.refused,
};

/** The exit code for an expected failure. */
export function exitCodeFor(code: ErrorCode): number {
  return BY_CODE[code] ?? EXIT.failed;
}

/** The exit code for a refusal of the control API, by its HTTP status. */
export function exitCodeForStatus(status: number): number {
  if (status === 404) return EXIT.notFound;
  return status === 400 || status >= 500 ? EXIT.failed : EXIT.refused;
}
