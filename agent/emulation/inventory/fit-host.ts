import { devicesRefusal } from '../devices/device-plan.ts';
import type { DomainConfig } from '../domain-config.ts';
import type { HostConfig } from '../host-config.ts';

/** A part of a definition that a host cannot give its domain. */
export interface Misfit {
  readonly part: 'numatune' | 'watchdog' | 'idmap';
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/**
 * The parts of a definition that this host, or its era, does not have: nodes, a watchdog's action, user
 * namespaces. A domain without them is one that the host can run.
 */
export function findMisfits(config: DomainConfig, host: HostConfig): Misfit[] {
  const { numatune, devices, container } = config;
  const misfits: Misfit[] = [];
  const last = host.memory.nodesKiB.length - 1;
  const sets = numatune ? [numatune.nodeset, ...numatune.memnodes.map(({ nodeset }) => nodeset)] : [];
  const beyond = sets.flat().find((node) => node > last);
  if (beyond !== undefined) {
    const right = last === 0 ? 'only node 0' : `nodes 0 to ${last}`;
    misfits.push({ part: 'numatune', message: `there is no NUMA node ${beyond}; expected ${right}` });
  }
  if (devices?.watchdog) {
    const refusal = devicesRefusal({ ...config, devices: { watchdog: devices.watchdog } }, host.profile);
    if (refusal !== undefined) misfits.push({ part: 'watchdog', message: refusal });
  }
  if (container?.idmap && host.profile === 'rhel6') {
    const message = 'user namespaces cannot be used in the profile rhel6; expected no <idmap>';
    misfits.push({ part: 'idmap', message });
  }
  return misfits;
}

/** A definition without the parts that do not fit; itself when all of it fits. */
export function withoutMisfits(config: DomainConfig, misfits: readonly Misfit[]): DomainConfig {
  let fitting = config;
  for (const { part } of misfits) {
    if (part === 'numatune') {
      const { numatune: _left, ...rest } = fitting;
      fitting = rest;
    } else if (part === 'watchdog') {
      const { watchdog: _left, ...rest } = fitting.devices ?? {};
      fitting = { ...fitting, devices: rest };
    } else {
      const { idmap: _left, ...rest } = fitting.container ?? {};
      fitting = { ...fitting, container: rest };
    }
  }
  return misfits.length === 0 ? config : Object.freeze(fitting);
}
