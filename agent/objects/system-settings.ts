import { VirtsnmpError } from '../util/errors.ts';
import type { DurablePart } from './durable-state.ts';
import { ManagedSettings } from './managed-settings.ts';

/** What a manager can set of SNMPv2-MIB. */
export interface SystemValues {
  readonly contact: string;
  readonly name: string;
  readonly location: string;
  /** snmpEnableAuthenTraps. */
  readonly authenTraps: boolean;
}

/**
 * The settable values of one agent's SNMPv2-MIB.
 *
 * What a manager has set wins over the configuration, also after a restart: RFC 3418 wants
 * snmpEnableAuthenTraps in non-volatile memory, and managers expect it of the others.
 */
export class SystemSettings extends ManagedSettings<SystemValues> implements DurablePart {
  /** What managers have set. */
  snapshot(): Partial<SystemValues> {
    return this.managed;
  }

  restore(stored: unknown): void {
    const values = soundValues(stored);
    if (!values)
      throw new VirtsnmpError(
        'STATE_FAILED',
        'contact, name and location are texts, authenTraps is true or false',
      );
    this.managed = values;
  }
}

/** What each value is. */
const TYPES: Readonly<Record<string, string>> = {
  contact: 'string',
  name: 'string',
  location: 'string',
  authenTraps: 'boolean',
};

function soundValues(stored: unknown): Partial<SystemValues> | undefined {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  const sound = Object.entries(stored).every(([key, value]) => typeof value === TYPES[key]);
  return sound ? stored : undefined;
}
