/** The flags of `virtsnmp doctor`, as text. */
export interface DoctorFlags {
  readonly snmpVersion: string;
  readonly user?: string;
  readonly level?: string;
  readonly authProtocol?: string;
  readonly authPassword?: string;
  readonly authPasswordFile?: string;
  readonly authKey?: string;
  readonly privProtocol?: string;
  readonly privPassword?: string;
  readonly privPasswordFile?: string;
  readonly privKey?: string;
  readonly context?: string;
  readonly contextEngineId?: string;
  readonly engineId?: string;
  readonly community?: string;
  readonly timeout: string;
  readonly retries: string;
  readonly trials: boolean;
}

/** What is wrong with a flag, and what would be right. */
export interface FlagProblem {
  readonly what: string;
  readonly change: string;
}

/** Takes down a problem; `undefined` stands for what could not be read. */
export type Problem = (what: string, change: string) => undefined;

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;
