/** Who or what makes something happen. */
export const CAUSES = [
  /** A management station. */
  'manager',
  /** The configuration, at the start or read again. */
  'config',
  /** A person or program, by command or API. */
  'control',
  'scenario',
  'fault',
  /** The guest itself, or a device of it. */
  'guest',
  /** What the models of the last tick have come to. */
  'model',
  /** The host, on its way down or up. */
  'host',
] as const;
/** A name of {@link CAUSES}. */
export type Cause = (typeof CAUSES)[number];
