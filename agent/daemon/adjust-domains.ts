import type { Domain } from '../emulation/domain/domain.ts';
import type { DomainConfig } from '../emulation/domain/domain-config.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { errorText } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { HostInventory } from './inventory.ts';

/** Defines, changes and removes domains until the host has those that are wanted; those that wait stay as they are. */
export function adjustDomains(
  hypervisor: Hypervisor,
  host: Host,
  { domains, waiting }: HostInventory,
  logger: Logger,
): void {
  // One domain that cannot be adjusted leaves the others to be.
  const attempt = (domain: string, adjust: () => void): void => {
    try {
      adjust();
    } catch (thrown) {
      logger.error('a domain could not be adjusted', { domain, error: errorText(thrown) });
    }
  };
  const uuids = new Set(domains.map(({ uuid }) => uuid));
  for (const domain of [...host.domains])
    if (!uuids.has(domain.uuid) && !waiting.has(domain.uuid))
      attempt(domain.name, () => removeDomain(hypervisor, domain));
  for (const config of domains) attempt(config.name, () => adjustDomain(hypervisor, host, config));
}

function removeDomain(hypervisor: Hypervisor, domain: Domain): void {
  if (domain.isActive) hypervisor.apply({ op: 'act', domain, action: 'destroy' }, 'config');
  hypervisor.apply({ op: 'undefine', domain }, 'config');
}

function adjustDomain(hypervisor: Hypervisor, host: Host, config: DomainConfig): void {
  const domain = host.domains.byUuid(config.uuid);
  if (!domain) addDomain(hypervisor, host, config);
  else if (JSON.stringify(domain.persistentConfig) !== JSON.stringify(config))
    hypervisor.apply({ op: 'update', domain, config }, 'config');
}

function addDomain(hypervisor: Hypervisor, host: Host, config: DomainConfig): void {
  hypervisor.apply({ op: 'define', host, config }, 'config');
  if (config.initialState === 'shutoff') return;
  const domain = host.domains.byUuid(config.uuid)!;
  const paused = config.initialState === 'paused';
  hypervisor.apply({ op: 'act', domain, action: 'start', paused }, 'config');
}
