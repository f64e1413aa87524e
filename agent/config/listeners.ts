import { isIPv4 } from 'node:net';
import { addressAfter } from './address.ts';
import type { Config } from './schema.ts';

/** Where one simulated host listens. */
export interface HostListeners {
  readonly addresses: readonly string[];
  /** UDP port of all of them; 0 takes any free one. */
  readonly port: number;
}

/** True when the hosts after the first differ in address; always in port once an IPv6 address is among them. */
export function differByAddress({ agent, inventory }: Pick<Config, 'agent' | 'inventory'>): boolean {
  return inventory.addressing === 'address' && agent.listen.every((address) => isIPv4(address));
}

/**
 * Where a simulated host listens, by its index from 0: the configured addresses and port for the first one,
 * the next addresses or the next ports for those after it.
 * `undefined` when the addresses or ports don't go that far.
 */
export function hostListeners(
  config: Pick<Config, 'agent' | 'inventory'>,
  index: number,
): HostListeners | undefined {
  const { listen, port } = config.agent;
  if (!differByAddress(config)) {
    const own = port === 0 ? 0 : port + index;
    return own <= 65_535 ? { addresses: listen, port: own } : undefined;
  }
  const addresses = listen.map((address) => addressAfter(address, index));
  return addresses.every((address) => address !== undefined) ? { addresses, port } : undefined;
}
