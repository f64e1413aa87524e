import { addressAfter } from './address.ts';
import type { Config } from './schema.ts';

/** One socket of a simulated host. */
export interface Listener {
  readonly address: string;
  /** UDP port; 0 takes any free one. */
  readonly port: number;
}

/**
 * Where a simulated host listens, by its index from 0: the configured addresses and port for the first one,
 * and for the others as many addresses or ports further as `inventory.addressing` says.
 * `undefined` when the addresses or ports don't go that far.
 */
export function hostListeners(
  config: Pick<Config, 'agent' | 'inventory'>,
  index: number,
): readonly Listener[] | undefined {
  const { listen, port } = config.agent;
  const listeners: Listener[] = [];
  for (const first of listen) {
    const byPort = config.inventory.addressing === 'port';
    const address = byPort || index === 0 ? first : addressAfter(first, index);
    const ownPort = byPort && port !== 0 ? port + index : port;
    if (address === undefined || ownPort > 65_535) return undefined;
    listeners.push({ address, port: ownPort });
  }
  return listeners;
}
