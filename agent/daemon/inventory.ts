import { hostNames } from '../config/host-names.ts';
import type { Config } from '../config/schema.ts';
import { hostConfig } from '../config/simulated-host.ts';
import type { DomainConfig } from '../emulation/domain/domain-config.ts';
import type { HostConfig } from '../emulation/host/host-config.ts';
import { findMisfits, withoutMisfits } from '../emulation/inventory/fit-host.ts';
import { generateDomains } from '../emulation/inventory/generated.ts';
import { readDomainFiles } from '../emulation/inventory/xml-folder.ts';
import { VirtsnmpError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';

/** What one simulated host is to have. */
export interface HostInventory {
  readonly name: string;
  /** What it is made of. */
  readonly config: HostConfig;
  readonly domains: readonly DomainConfig[];
  /** UUIDs of listed domains that have to wait for another host: one that is not what the configuration describes. */
  readonly waiting: ReadonlySet<string>;
}

/**
 * The hosts and domains that a configuration asks for: made up from counts, listed, or read from libvirt's
 * domain XML. Files that are refused are logged and left out, and so is what of a file's domain does not fit the host.
 *
 * Throws DOMAIN_INVALID when `strict` is set and a file is refused, DUPLICATE when two domains of a host share
 * a name or UUID.
 */
export function assembleInventory(config: Config, logger: Logger): HostInventory[] {
  const { inventory, emulation } = config;
  const { domains: fromFiles, refused } = readDomainFiles(inventory.domains);
  for (const { message } of refused) logger.warn(`left out: ${message}`);
  if (inventory.strict && refused.length > 0) {
    const messages = refused.map(({ message }) => message).join('\n');
    throw new VirtsnmpError('DOMAIN_INVALID', `refused, and --strict is set:\n${messages}`);
  }
  const made = hostConfig(config.host, emulation.profile);
  return hostNames(inventory.hosts).map((name, hostIndex) => {
    const generated = generateDomains({
      hostName: name,
      hostIndex,
      guests: inventory.guests,
      seed: emulation.seed,
    });
    const listed = inventory.list.filter(({ host }) => host === hostIndex + 1).map(({ domain }) => domain);
    const waiting = listed.filter((domain) => hasToWait(domain, made, logger));
    const domains = [
      ...(hostIndex === 0 ? fromFiles.map((domain) => fitted(domain, made, logger)) : []),
      ...listed,
      ...generated.map((domain) => withoutMisfits(domain, findMisfits(domain, made))),
    ];
    refuseDuplicates(name, domains);
    return {
      name,
      config: made,
      domains: domains.filter((domain) => !waiting.includes(domain)),
      waiting: new Set(waiting.map(({ uuid }) => uuid)),
    };
  });
}

/** A domain that was defined for another host, without what this one has not. */
function fitted(domain: DomainConfig, host: HostConfig, logger: Logger): DomainConfig {
  const misfits = findMisfits(domain, host);
  for (const { part, message } of misfits) {
    logger.warn(`domain ${domain.name}: ${part} is left out: ${message}`);
  }
  return withoutMisfits(domain, misfits);
}

/** Whether a listed domain is for the host that the next start makes, and not for the one that runs. */
function hasToWait(domain: DomainConfig, host: HostConfig, logger: Logger): boolean {
  const misfits = findMisfits(domain, host);
  for (const { part, message } of misfits)
    logger.warn(`domain ${domain.name} waits for the next start: ${part}: ${message}`);
  return misfits.length > 0;
}

function refuseDuplicates(host: string, domains: readonly DomainConfig[]): void {
  const seen = new Map<string, DomainConfig>();
  for (const domain of domains) {
    for (const key of [`name ${domain.name}`, `UUID ${domain.uuid}`]) {
      const other = seen.get(key);
      if (other) {
        const message = `${host}: ${domain.name} and ${other.name} have the same ${key}: give each domain its own`;
        throw new VirtsnmpError('DUPLICATE', message);
      }
      seen.set(key, domain);
    }
  }
}
