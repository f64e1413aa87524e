import type { CommunityVersion, VERSION } from '../../message/constants.ts';
import type { SecurityLevel } from '../../message/v3-constants.ts';
import type { AuthProtocol } from '../../security/usm/auth-protocols.ts';
import type { KeySource } from '../../security/usm/keys.ts';
import type { PrivProtocol } from '../../security/usm/priv-protocols.ts';
import type { Oid } from '../../util/oid.ts';

/** The user of SNMPv3 that the failing request is made for. Holds secrets: never to be printed. */
export interface V3Security {
  readonly version: typeof VERSION.V3;
  /** 1 to 32 octets of UTF-8. */
  readonly userName: string;
  /** What the request asks for; what follows may allow more. */
  readonly level: SecurityLevel;
  readonly auth?: { readonly protocol: AuthProtocol; readonly key: KeySource };
  /** Only beside `auth`. */
  readonly priv?: { readonly protocol: PrivProtocol; readonly key: KeySource };
  /** Empty for the default context. */
  readonly contextName: string;
  /** The engine whose context it is; the agent's own when absent. */
  readonly contextEngineId?: Uint8Array;
  /** The engine ID that the request is made with instead of the agent's own. */
  readonly engineId?: Uint8Array;
}

/** The community of SNMPv1 or SNMPv2c. A secret: never to be printed. */
export interface CommunitySecurity {
  readonly version: CommunityVersion;
  readonly community: string;
}

/** A request that fails, as its flags describe it. */
export interface DoctorRequest {
  /** An address or a name. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The only family to use; absent for any. */
  readonly family?: 4 | 6;
  /** How long one try waits for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** How often a request is repeated when no answer comes. */
  readonly retries: number;
  /** Whether other protocols and passwords may be tried when the given ones fail. */
  readonly trials: boolean;
  /** The instance that is asked for. */
  readonly oid: Oid;
  /** Name and number of an instance, for people. */
  readonly nameOf: (oid: Oid) => string;
  readonly security: V3Security | CommunitySecurity;
}
