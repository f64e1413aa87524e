/** Log levels, the most important first; a level includes the ones before it. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The parts of the program that log under a name and have a level of their own. */
export const LOG_COMPONENTS = [
  'agent',
  'config',
  'transport',
  'dispatch',
  'access',
  'objects',
  'emulation',
  'inventory',
  'notify',
  'eventlog',
  'control',
] as const;
/** One of {@link LOG_COMPONENTS}. */
export type LogComponent = (typeof LOG_COMPONENTS)[number];

/** What is logged and where to. */
export interface LogOptions {
  /** Level of every component that `levels` does not name. */
  readonly level: LogLevel;
  /** Levels of single components. */
  readonly levels: Readonly<Partial<Record<LogComponent, LogLevel | undefined>>>;
  /** Readable lines on standard error. */
  readonly console: boolean;
  /** Path of a file that JSON lines are appended to; none when absent. */
  readonly file?: string | undefined;
}
