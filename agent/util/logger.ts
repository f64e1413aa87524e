/** Details of one log line: plain values only, never a community, key or password. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * What every component logs through. It is passed in, one child per component.
 *
 * `debugEnabled` is a plain field, so that a hot path pays one property read when debug is off.
 */
export interface Logger {
  readonly debugEnabled: boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that says nothing: the default of every component. */
export const silentLogger: Logger = {
  debugEnabled: false,
  debug() {},
  info() {},
  warn() {},
  error() {},
};
