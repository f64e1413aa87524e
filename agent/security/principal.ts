import type { SecurityLevel } from '../access/vacm-rows.ts';

/** Who sends a request, as its security model found out (RFC 3411 section 4.2). */
export interface Principal {
  /** SnmpSecurityModel: 1, 2 or 3. */
  readonly securityModel: number;
  readonly securityName: string;
  readonly securityLevel: SecurityLevel;
  readonly contextName: string;
}
