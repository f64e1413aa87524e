/**
 * Every error that a user can meet has a stable code, listed here and nowhere else.
 * A code that is retired is never used again for something different.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: 'the configuration cannot be used',
  DOMAIN_INVALID: 'a domain definition cannot be used',
  OPERATION_INVALID: 'the domain is not in a state that allows the operation',
  OPERATION_FAILED: 'the operation was allowed but did not succeed',
  UNREACHABLE: 'nobody answers at an address',
  DUPLICATE: 'an object of that name or UUID exists already',
  LISTEN_FAILED: 'a socket could not be opened',
  STATE_FAILED: 'the state folder could not be read or written',
  MODULE_INVALID: 'a MIB module and the code that serves it do not agree',
  NOT_FOUND: 'nothing has that name',
  REFUSED: 'a request was refused',
  SNAPSHOT_INVALID: 'a snapshot cannot be used',
  COMMAND_FAILED: 'an outside command did not succeed',
} as const;

/** One of the stable codes of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An expected failure: a stable code, and a message that says what was wrong and what would be right. */
export class VirtsnmpError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'VirtsnmpError';
    this.code = code;
  }
}

/** The text of anything that was thrown, without a stack. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
