import type { DomainConfig } from '../emulation/domain/domain-config.ts';
import type { HostConfig } from '../emulation/host/host-config.ts';
import { findMisfits, type Misfit } from '../emulation/inventory/fit-host.ts';
import { isParavirtual } from '../emulation/process/process-config.ts';
import { checkPvMemory, PV_LIMIT_GIB } from '../emulation/xen/pv-limit.ts';
import { globMatch } from '../util/glob.ts';
import { isLoopback, isWildcard } from './address.ts';
import { alarmConflicts } from './alarms.ts';
import { bondConflicts } from './bonds.ts';
import { hostNames } from './host-names.ts';
import { differByAddress, hostListeners } from './listeners.ts';
import { seenModuleConflicts } from './modules.ts';
import { nearest } from './nearest.ts';
import type { Config } from './schema.ts';
import { hostConfig } from './simulated-host.ts';
import { destinationName } from './traps.ts';
import { triggerConflicts } from './triggers.ts';
import { SECURITY_LEVELS } from './users.ts';

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
    ...moduleConflicts(config),
    ...engineConflicts(config),
    ...destinationConflicts(config),
    ...listenConflicts(config),
    ...controlConflicts(config),
    ...countConflicts(config),
    ...listConflicts(config),
    ...bondConflicts(config.host, config.emulation.profile),
    ...misfitConflicts(config),
    ...alarmConflicts(config.alarms),
    ...triggerConflicts(config.triggers),
    ...faultConflicts(config),
  ];
}

/** Whoever can ask the control API can do anything to the simulation. */
function controlConflicts({ control }: Config): Conflict[] {
  if (control.token !== undefined) return [];
  const open = control.listen.find((address) => !isLoopback(address));
  if (open === undefined) return [];
  const message = `${open} can be reached from elsewhere, and there is no token; expected control.token to be given, or loopback addresses alone`;
  return [{ path: ['control', 'listen'], message }];
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

/** Modules in what communities and users see that cannot be seen. */
function moduleConflicts({ communities, users, agent: { modules } }: Config): Conflict[] {
  return [
    ...communities.flatMap((each, index) => seenModuleConflicts(each, modules, ['communities', index])),
    ...users.flatMap((each, index) => seenModuleConflicts(each, modules, ['users', index])),
  ];
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

function destinationConflicts(config: Config): Conflict[] {
  const { destinations } = config.traps;
  const names = destinations.map(destinationName);
  return destinations.flatMap((destination, index) => {
    const at = (key: string) => ['traps', 'destinations', index, key];
    const conflicts = destinationUserConflicts(config, destination, at);
    const first = names.indexOf(names[index]!);
    if (first !== index) {
      const message = `the name of traps.destinations[${first}]; expected another`;
      conflicts.push({ path: at('name'), message });
    }
    return conflicts;
  });
}

/** In whose name SNMPv3 is sent, and whether that can be. */
function destinationUserConflicts(
  { users }: Config,
  { version, type, user: name, level }: Config['traps']['destinations'][number],
  at: (key: string) => PropertyKey[],
): Conflict[] {
  if (version !== 'v3') return [];
  const user = users.find((one) => one.name === name);
  if (!user) {
    const known = users.map((one) => JSON.stringify(one.name));
    const right = known.length === 0 ? 'one that users defines' : `one of ${known.slice(0, 10).join(', ')}`;
    return [{ path: at('user'), message: `there is no such user; expected ${right}` }];
  }
  const rank = (one: (typeof SECURITY_LEVELS)[number]) => SECURITY_LEVELS.indexOf(one);
  const highest = user.priv ? 'authPriv' : user.auth ? 'authNoPriv' : 'noAuthNoPriv';
  const wanted = level ?? user.level;
  const conflicts: Conflict[] = [];
  if (rank(wanted) > rank(highest) || rank(wanted) < rank(user.level)) {
    const range = highest === user.level ? highest : `${user.level} to ${highest}`;
    const message = `${wanted} does not go with the user ${JSON.stringify(name)}; expected ${range}`;
    conflicts.push({ path: at('level'), message });
  }
  const secrets = [user.auth?.secret, user.priv?.secret];
  if (type === 'inform' && secrets.some((secret) => secret?.kind === 'localizedKey')) {
    const message = `the user ${JSON.stringify(name)} has a key for this agent's engine alone, and an inform takes one for the receiver's; expected a user with passwords, or type: trap`;
    conflicts.push({ path: at('user'), message });
  }
  return conflicts;
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

/** Listed domains that ask for what the simulated hosts do not have, or could never start. */
function misfitConflicts({ inventory, host, emulation }: Config): Conflict[] {
  const made = hostConfig(host, emulation.profile);
  return inventory.list.flatMap(({ domain }, index) => {
    const at = (...keys: PropertyKey[]) => ['inventory', 'list', index, ...keys];
    const conflicts = findMisfits(domain, made).map((misfit) => ({
      path: at(...optionOf(misfit, domain, made)),
      message: misfit.message,
    }));
    const tooMuch = isParavirtual(domain) && checkPvMemory(domain.memoryKiB, PV_LIMIT_GIB.rhel6);
    if (tooMuch) conflicts.push({ path: at('memory'), message: tooMuch });
    return conflicts;
  });
}

/** Rules of faults that name what is not there. */
function faultConflicts({ faults, host, emulation, inventory }: Config): Conflict[] {
  const names = faults.map(({ name }) => name);
  const made = hostConfig(host, emulation.profile);
  const pools = made.pools.map(({ name }) => name);
  const sensors = made.sensors.map(({ name }) => name);
  const hosts = hostNames(inventory.hosts);
  const conflicts: Conflict[] = [];
  const demand = (path: PropertyKey[], what: string, name: string | undefined, known: readonly string[]) => {
    if (name === undefined || known.includes(name)) return;
    const near = nearest(name, known);
    const advice = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${near}?`;
    conflicts.push({ path, message: `there is no ${what} ${JSON.stringify(name)}; ${advice}` });
  };
  faults.forEach(({ name, when, parameters, target }, index) => {
    const at = (...keys: PropertyKey[]) => ['faults', index, ...keys];
    const first = names.indexOf(name);
    if (first !== index)
      conflicts.push({ path: at('name'), message: `the name of faults[${first}]; expected another` });
    if ('while' in when) demand(at('while'), 'rule', when.while, names);
    demand(at('parameters', 'pool'), 'pool', parameters.pool, pools);
    demand(at('parameters', 'sensor'), 'sensor', parameters.sensor, sensors);
    const { host: pattern } = target;
    if (pattern !== undefined && !hosts.some((known) => globMatch(pattern, known))) {
      const message = `fits no host; there ${hosts.length === 1 ? 'is' : 'are'} ${hosts[0]}${hosts.length > 1 ? ` to ${hosts.at(-1)}` : ''}`;
      conflicts.push({ path: at('target', 'host'), message });
    }
  });
  return conflicts;
}

/** The option to blame for a part that does not fit; none when there are several. */
function optionOf({ part, disk }: Misfit, { numatune }: DomainConfig, { memory }: HostConfig): PropertyKey[] {
  if (part === 'cputune') return [];
  if (part === 'pool') return ['disks', disk!, 'pool'];
  if (part === 'idmap') return ['container', 'idmap'];
  if (part !== 'numatune') return [part];
  const isBeyond = (node: number) => node >= memory.nodesKiB.length;
  const memnode = numatune!.memnodes.findIndex(({ nodeset }) => nodeset.some(isBeyond));
  return memnode < 0 ? ['numaNodes'] : ['memnodes', memnode, 'nodeset'];
}
