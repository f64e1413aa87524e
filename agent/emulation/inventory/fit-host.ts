import { devicesRefusal } from '../devices/device-plan.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import type { HostConfig } from '../host/host-config.ts';

/** Parts of a definition that a host may not be able to give its domain. */
type MisfitPart = 'numatune' | 'cputune' | 'pool' | 'watchdog' | 'usb' | 'idmap';

/** A part of a definition that a host cannot give its domain. */
export interface Misfit {
  readonly part: MisfitPart;
  /** pool: the place of the disk in the definition. */
  readonly disk?: number;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/**
 * The parts of a definition that this host, or its era, does not have: nodes, processors, storage pools, a
 * watchdog's action, a port of its USB bus, user namespaces. A domain without them is one that the host can run.
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
  const pcpus = pcpuCount(host);
  const pin = pinsOf(config).find((pcpu) => pcpu >= pcpus);
  if (pin !== undefined) {
    const message = `there is no processor ${pin}; expected 0 to ${pcpus - 1}`;
    misfits.push({ part: 'cputune', message });
  }
  const pools = host.pools.map(({ name }) => name);
  config.disks.forEach(({ pool }, disk) => {
    if (pool === undefined || pools.includes(pool)) return;
    const message = `there is no pool ${JSON.stringify(pool)}; expected ${pools.join(', ')}`;
    misfits.push({ part: 'pool', disk, message });
  });
  for (const part of ['watchdog', 'usb'] as const) {
    const device = devices?.[part];
    const refusal = device && devicesRefusal({ ...config, devices: { [part]: device } }, host.profile);
    if (refusal) misfits.push({ part, message: refusal });
  }
  if (container?.idmap && host.profile === 'rhel6') {
    const message = 'user namespaces cannot be used in the profile rhel6; expected no <idmap>';
    misfits.push({ part: 'idmap', message });
  }
  return misfits;
}

/** How many processors a host has: any number, when it grows with its guests. */
function pcpuCount({ cpu, grows }: HostConfig): number {
  return grows ? Number.POSITIVE_INFINITY : cpu.sockets * cpu.cores * cpu.threads;
}

/** Every processor that a definition names. */
function pinsOf({ cputune }: DomainConfig): number[] {
  const { vcpupin = [], emulatorpin = [] } = cputune ?? {};
  return [...vcpupin.flatMap((pin) => pin ?? []), ...emulatorpin];
}

/** A definition without the parts that do not fit; itself when all of it fits. */
export function withoutMisfits(config: DomainConfig, misfits: readonly Misfit[]): DomainConfig {
  const fitting = misfits.reduce((rest, misfit) => WITHOUT[misfit.part](rest, misfit), config);
  return misfits.length === 0 ? config : Object.freeze(fitting);
}

const WITHOUT: Readonly<Record<MisfitPart, (config: DomainConfig, misfit: Misfit) => DomainConfig>> = {
  numatune: ({ numatune: _left, ...rest }) => rest,
  cputune: (config) => {
    const { vcpupin: _pins, emulatorpin: _pin, ...rest } = config.cputune ?? {};
    return { ...config, cputune: rest };
  },
  pool: (config, { disk }) => ({
    ...config,
    disks: config.disks.map((each, i) => {
      const { pool: _left, ...rest } = each;
      return i === disk ? rest : each;
    }),
  }),
  watchdog: (config) => {
    const { watchdog: _left, ...rest } = config.devices ?? {};
    return { ...config, devices: rest };
  },
  usb: (config) => {
    const { usb: _left, ...rest } = config.devices ?? {};
    return { ...config, devices: rest };
  },
  idmap: (config) => {
    const { idmap: _left, ...rest } = config.container ?? {};
    return { ...config, container: rest };
  },
};
