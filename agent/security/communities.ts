import { BlockList, isIP } from 'node:net';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../access/vacm-rows.ts';
import { type CommunityVersion, VERSION } from '../message/constants.ts';
import type { Principal } from './principal.ts';

/** One community as it is configured. */
export interface CommunityConfig {
  readonly name: string;
  /** What VACM knows it by: the name itself is a secret (RFC 3584 section 5.3, snmpCommunitySecurityName). */
  readonly securityName: string;
  /** Networks (CIDR) or addresses that may use it. */
  readonly sources: readonly string[];
}

/** A community that a message may use. */
export interface Community {
  readonly octets: Uint8Array;
  /** Who it is to access control, by the message's version. */
  readonly principals: Readonly<Record<CommunityVersion, Principal>>;
  readonly sources: BlockList;
}

/** Addresses whose verdicts are remembered; when full, the memory is emptied and starts again. */
const MAX_REMEMBERED = 1024;

/**
 * The communities of an agent and who may use them (RFC 1157 section 3.2.5: authentication by community).
 *
 * A community used from a source that is not allowed is treated as one that does not exist, as Net-SNMP does,
 * so that a stranger learns nothing.
 */
export class CommunityTable {
  readonly #communities: readonly Community[];
  /** BOUNDED by MAX_REMEMBERED. Source address to the communities it may use. */
  readonly #allowed = new Map<string, readonly Community[]>();

  constructor(communities: readonly CommunityConfig[]) {
    this.#communities = communities.map(({ name, securityName, sources }) => ({
      octets: Buffer.from(name, 'utf8'),
      principals: {
        [VERSION.V1]: principal(SECURITY_MODEL.v1, securityName),
        [VERSION.V2C]: principal(SECURITY_MODEL.v2c, securityName),
      },
      sources: blockList(sources),
    }));
  }

  /** The community with this name that `address` may use; the first when several fit. */
  match(name: Uint8Array, address: string): Community | undefined {
    let found: Community | undefined;
    for (const community of this.#allowedFrom(address)) {
      if (equalOctets(community.octets, name)) found ??= community;
    }
    return found;
  }

  #allowedFrom(address: string): readonly Community[] {
    const known = this.#allowed.get(address);
    if (known) return known;
    const plain = plainAddress(address);
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    const allowed = this.#communities.filter(({ sources }) => sources.check(plain, family));
    if (this.#allowed.size >= MAX_REMEMBERED) this.#allowed.clear();
    this.#allowed.set(address, allowed);
    return allowed;
  }
}

/** An address without zone index, and an IPv4 address out of its IPv6-mapped form (RFC 4291 section 2.5.5.2). */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = zone < 0 ? address : address.slice(0, zone);
  return /^::ffff:\d+\./i.test(bare) ? bare.slice(7) : bare;
}

/** A community message proves nothing, hides nothing, and is about the default context (RFC 3584 section 5.2.1). */
function principal(securityModel: number, securityName: string): Principal {
  return { securityModel, securityName, securityLevel: SECURITY_LEVEL.noAuthNoPriv, contextName: '' };
}

function blockList(sources: readonly string[]): BlockList {
  const list = new BlockList();
  for (const source of sources) {
    const [address = '', prefix] = source.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // The time does not depend on where the octets differ.
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
