import type { Config } from '../config/schema.ts';
import type { Host } from '../emulation/host/host.ts';
import type { ResponseLimits } from '../engine/responder.ts';
import type { SystemValues } from '../objects/system-settings.ts';

/** UDP payload that a frame of 1,500 octets carries over IPv4 and over IPv6. */
const FRAME_PAYLOAD = { ipv4: 1472, ipv6: 1452 } as const;

/** What the configuration says of an agent's system group, and whether it tells of failed authentication. */
export function systemValues(config: Config, host: Host): SystemValues {
  const { contact, location, name } = config.agent.system;
  return { contact, location, name: name ?? host.name, authenTraps: config.traps.authentication };
}

/** How large answers may be: one that fits a frame over IPv4 is shortened where it may have to travel over IPv6. */
export function responseLimits({ agent, limits }: Config): ResponseLimits {
  const { listen, maxBulkResponseSize, maxResponseSize } = agent;
  const overIpv6 = listen.some((address) => address.includes(':'));
  const tooLarge = maxBulkResponseSize > FRAME_PAYLOAD.ipv6 && maxBulkResponseSize <= FRAME_PAYLOAD.ipv4;
  return {
    bulk: overIpv6 && tooLarge ? FRAME_PAYLOAD.ipv6 : maxBulkResponseSize,
    any: maxResponseSize,
    amplification: limits.amplificationLimit ?? Number.POSITIVE_INFINITY,
  };
}
