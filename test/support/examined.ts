import { expect } from 'vitest';
import type { Diagnosis } from '../../agent/cli/doctor/diagnosis.ts';
import type { DoctorFlags } from '../../agent/cli/doctor/flag-types.ts';
import { doctor } from '../../agent/cli/doctor.ts';

/** Passwords of tests; none of them may be seen in anything that doctor prints. */
export const DOCTOR_AUTH = 'syrup of maple';
export const DOCTOR_PRIV = 'butter & pancakes';
const SECRETS = [DOCTOR_AUTH, DOCTOR_PRIV, 'a wrong password', 'unheard-of'];

/** What doctor found, for tests. */
export interface Examined {
  readonly exitCode: number;
  /** `ok`, `failed` or `skipped` of each step. */
  readonly status: Readonly<Record<string, string>>;
  /** The words of each step. */
  readonly says: Readonly<Record<string, string>>;
  /** The sentences about what to change, as one text. */
  readonly advice: string;
}

/** The flags that a user of SHA-256 and AES-128 gives. */
export const AUTH_PRIV: Partial<DoctorFlags> = {
  level: 'authPriv',
  authProtocol: 'SHA-256',
  authPassword: DOCTOR_AUTH,
  privProtocol: 'AES',
  privPassword: DOCTOR_PRIV,
};

/**
 * Runs doctor within the test and checks that it prints no secret. Without flags that say otherwise it asks once, as the user `viewer` of SNMPv3.
 */
export async function examine(
  address: string,
  flags: Partial<DoctorFlags> = {},
  oid?: string,
  env: Record<string, string> = {},
): Promise<Examined> {
  const lines: string[] = [];
  const given = {
    snmpVersion: '3',
    user: 'viewer',
    timeout: '5',
    retries: '0',
    trials: true,
    ...flags,
    json: true,
  };
  const exitCode = await doctor(address, oid, given, env, (line) => lines.push(line));
  const printed = lines.join('\n');
  for (const secret of SECRETS) expect(printed).not.toContain(secret);
  const { steps, advice } = JSON.parse(printed) as Diagnosis;
  return {
    exitCode,
    status: Object.fromEntries(steps.map(({ step, status }) => [step, status])),
    says: Object.fromEntries(steps.map(({ step, says }) => [step, says])),
    advice: advice.join('\n'),
  };
}

/** The steps that failed. */
export function failures({ status }: Examined): string[] {
  return Object.keys(status).filter((step) => status[step] === 'failed');
}
