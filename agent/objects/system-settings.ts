import { readFileSync } from 'node:fs';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { replaceFile } from '../util/replace-file.ts';

/** What a manager can set of SNMPv2-MIB. */
export interface SystemValues {
  readonly contact: string;
  readonly name: string;
  readonly location: string;
  /** snmpEnableAuthenTraps. */
  readonly authenTraps: boolean;
}

/**
 * The settable values of one agent's SNMPv2-MIB, kept in a file when there is a state folder.
 *
 * What a manager has set wins over the configuration, also after a restart: RFC 3418 wants
 * snmpEnableAuthenTraps in non-volatile memory, and managers expect it of the others.
 */
export class SystemSettings {
  #configured: SystemValues;
  #set: Partial<SystemValues> = {};
  readonly #file: string | undefined;

  /** Reads the file when it exists. Throws STATE_FAILED when it cannot be understood. */
  constructor(configured: SystemValues, file?: string) {
    this.#configured = configured;
    this.#file = file;
    if (file) this.#set = readSettings(file);
  }

  get values(): SystemValues {
    return { ...this.#configured, ...this.#set };
  }

  /** Takes over another configuration; what was set by a manager stays. */
  reconfigure(configured: SystemValues): void {
    this.#configured = configured;
  }

  /** Changes values and returns what takes the change back. Throws STATE_FAILED, with nothing changed. */
  change(values: Partial<SystemValues>): () => void {
    const before = this.#set;
    const after = { ...before, ...values };
    this.#store(after);
    this.#set = after;
    return () => {
      this.#store(before);
      this.#set = before;
    };
  }

  #store(values: Partial<SystemValues>): void {
    if (this.#file) replaceFile(this.#file, `${JSON.stringify(values, undefined, 2)}\n`);
  }
}

function readSettings(file: string): Partial<SystemValues> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new VirtsnmpError('STATE_FAILED', `${file} cannot be read: ${errorText(thrown)}`);
  }
  const values = parseSettings(text);
  if (!values) {
    throw new VirtsnmpError(
      'STATE_FAILED',
      `${file} is damaged: mend it, or delete it to start from the configuration`,
    );
  }
  return values;
}

function parseSettings(text: string): Partial<SystemValues> | undefined {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return undefined;
  const known: Record<string, string> = {
    contact: 'string',
    name: 'string',
    location: 'string',
    authenTraps: 'boolean',
  };
  const sound = Object.entries(values).every(([key, value]) => typeof value === known[key]);
  return sound ? values : undefined;
}
