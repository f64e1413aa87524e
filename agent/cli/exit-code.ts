import type { ErrorCode } from '../util/errors.ts';

/** What the commands exit with. */
export const EXIT = {
  ok: 0,
  /** It could not be done: a port in use, a file refused, a connection failed. */
  failed: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
} as const;

/** The exit code for an expected failure. */
export function exitCodeFor(code: ErrorCode): number {
  return code === 'CONFIG_INVALID' ? EXIT.usage : EXIT.failed;
}
