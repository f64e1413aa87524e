import { findMisfits } from '../emulation/inventory/fit-host.ts';
import { isWildcard } from './address.ts';
import { differByAddress, hostListeners } from './listeners.ts';
import type { Config } from './schema.ts';
import { hostConfig } from './simulated-host.ts';

/** Domains over all hosts together. */
const MAX_DOMAINS = 1_000_000;

/** An option that is right by itself but does not go with another one. */
export interface Conflict {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What does not go together in a configuration whose options are each in their limits. */
export function findConflicts(config: Config): Conflict[] {
  return [
    ...communityConflicts(config),
    ...userConflicts(config),
    ...engineConflicts(config),
    ...listenConflicts(config),
    ...countConflicts(config),
    ...listConflicts(config),
    ...misfitConflicts(config),
  ];
}

function communityConflicts({ communities }: Config): Conflict[] {
  const names = communities.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const message = `the same community as communities[${first}]; expected each one once, with all its sources`;
    return [{ path: ['communities', index, 'name'], message }];
  });
}

function userConflicts({ users }: Config): Conflict[] {
  const names = users.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const message = `the name of users[${first}]; expected another`;
    return [{ path: ['users', index, 'name'], message }];
  });
}

/** What depends on which engine this is: RFC 3414 sections 2.2 (boots and time) and 2.6 (localized keys). */
function engineConflicts({ agent, inventory, state, users }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  if (agent.engineId !== undefined) {
    const path = ['agent', 'engineId'];
    if (inventory.hosts > 1) {
      const message = `the same ID for ${inventory.hosts} hosts; expected none, so that each has its own`;
      conflicts.push({ path, message });
    } else if (state === undefined) {
      const message =
        'without a folder for its state, snmpEngineBoots would be 1 again at each start, and old messages could be replayed; expected state to be given as well';
      conflicts.push({ path, message });
    }
  }
  const unfit = localizedKeyProblem(inventory.hosts, state);
  if (unfit === undefined) return conflicts;
  users.forEach((user, index) => {
    for (const key of ['auth', 'priv'] as const) {
      if (user[key]?.secret.kind !== 'localizedKey') continue;
      conflicts.push({ path: ['users', index, key, 'localizedKey'], message: unfit });
    }
  });
  return conflicts;
}

/** Why no localized key can be right, if so. */
function localizedKeyProblem(hosts: number, state: string | undefined): string | undefined {
  if (hosts > 1)
    return `a key for one engine ID, and each of ${hosts} hosts has its own; expected a password`;
  if (state !== undefined) return undefined;
  return 'a key for one engine ID, which is a new one at each start; expected state to be given, or a password';
}

function listenConflicts(config: Config): Conflict[] {
  const { hosts } = config.inventory;
  const path = ['agent', 'listen'];
  const byAddress = differByAddress(config);
  if (hosts > 1 && byAddress && config.agent.listen.some(isWildcard)) {
    const message = `all addresses of the machine leave none for ${hosts - 1} more hosts; expected a single address, or inventory.addressing: port`;
    return [{ path, message }];
  }
  const taken = new Set<string>();
  for (let index = 0; index < hosts; index++) {
    const listeners = hostListeners(config, index);
    if (listeners === undefined) {
      const last = byAddress ? 'last IPv4 address' : 'last port, 65535';
      const message = `host ${index + 1} would be past the ${last}; expected fewer hosts or a lower start`;
      return [{ path: ['inventory', 'hosts'], message }];
    }
    for (const address of listeners.addresses) {
      const socket = `${address.toLowerCase()} port ${listeners.port}`;
      if (listeners.port !== 0 && taken.has(socket)) {
        const message = `host ${index + 1} would listen on ${socket} as well; expected each address once, with room for ${hosts} hosts`;
        return [{ path, message }];
      }
      taken.add(socket);
    }
  }
  return [];
}

function countConflicts({ inventory }: Config): Conflict[] {
  const total = inventory.hosts * inventory.guests;
  if (total <= MAX_DOMAINS) return [];
  const message = `${inventory.guests} guests on each of ${inventory.hosts} hosts are ${total}; expected at most ${MAX_DOMAINS} in all`;
  return [{ path: ['inventory', 'guests'], message }];
}

function listConflicts({ inventory }: Config): Conflict[] {
  const conflicts: Conflict[] = [];
  const names = new Map<string, number>();
  const uuids = new Map<string, number>();
  inventory.list.forEach(({ host, domain }, index) => {
    const at = (key: string) => ['inventory', 'list', index, key];
    if (host > inventory.hosts) {
      const message = `there is no host ${host}; expected at most ${inventory.hosts}, the value of inventory.hosts`;
      conflicts.push({ path: at('host'), message });
    }
    const sameName = names.get(`${host}/${domain.name}`);
    const sameUuid = uuids.get(domain.uuid);
    if (sameName !== undefined) {
      const message = `the name of inventory.list[${sameName}], which is on the same host; expected another`;
      conflicts.push({ path: at('name'), message });
    } else if (sameUuid !== undefined) {
      const message = `the UUID of inventory.list[${sameUuid}]; expected another (a UUID that isn't given is derived from the name)`;
      conflicts.push({ path: at('uuid'), message });
    }
    names.set(`${host}/${domain.name}`, sameName ?? index);
    uuids.set(domain.uuid, sameUuid ?? index);
  });
  return conflicts;
}

/** Listed domains that ask for what the simulated hosts do not have. */
function misfitConflicts({ inventory, host, emulation }: Config): Conflict[] {
  const made = hostConfig(host, emulation.profile);
  const pools = made.pools.map(({ name }) => name);
  return inventory.list.flatMap(({ domain }, index) => {
    const at = (...keys: PropertyKey[]) => ['inventory', 'list', index, ...keys];
    const conflicts = findMisfits(domain, made).map(({ part, message }) => ({
      path: at(part === 'numatune' ? 'numaNodes' : part),
      message,
    }));
    domain.disks.forEach(({ pool }, disk) => {
      if (pool === undefined || pools.includes(pool)) return;
      const message = `there is no pool ${JSON.stringify(pool)}; expected ${pools.join(', ')}`;
      conflicts.push({ path: at('disks', disk, 'pool'), message });
    });
    return conflicts;
  });
}
