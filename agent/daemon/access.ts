import { PRESETS, type PresetName, presetAccess, presetFamilies } from '../access/presets.ts';
import type { VacmConfiguration } from '../access/vacm.ts';
import { type AccessRow, type GroupRow, SECURITY_LEVEL, SECURITY_MODEL } from '../access/vacm-rows.ts';
import type { Config } from '../config/schema.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../mib/managed-table.ts';
import type { CommunityConfig } from '../security/communities.ts';
import { authProtocolByName } from '../security/usm/auth-protocols.ts';
import type { KeyDerivation } from '../security/usm/keys.ts';
import { privProtocolByName } from '../security/usm/priv-protocols.ts';
import { createUser, type UsmUser } from '../security/usm/user.ts';

type User = Config['users'][number];
type KeySecret = NonNullable<User['auth']>['secret'];

const COMMUNITY_MODELS = [SECURITY_MODEL.v1, SECURITY_MODEL.v2c];
const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

/** The communities as security knows them: by a security name that tells nothing of the secret. */
export function communityConfigs(config: Config): CommunityConfig[] {
  return config.communities.map(({ name, sources }, i) => ({
    name,
    sources,
    securityName: communityName(i),
  }));
}

/** The communities that go out with notifications and open nothing here. */
export function trapCommunities({ communities, traps }: Config): string[] {
  const own = new Set(communities.map(({ name }) => name));
  const sent = traps.destinations.flatMap(({ version, community }) => (version === 'v3' ? [] : community));
  return Array.from(new Set(sent)).filter((name) => !own.has(name));
}

/** The users with their keys for one engine. Takes about a millisecond for each password that is new. */
export function usmUsers(config: Config, engineId: Uint8Array, keys: KeyDerivation): UsmUser[] {
  return config.users.map((user) => usmUser(user, engineId, keys));
}

/**
 * A user of the configuration with keys for another engine than the agent's; `undefined` when there is none, or it has
 * no passwords to make such keys from. Cheap once the agent's own keys were made: passwords are hashed once.
 */
export function usmUserAt(
  config: Config,
  name: string,
  engineId: Uint8Array,
  keys: KeyDerivation,
): UsmUser | undefined {
  const user = config.users.find((one) => one.name === name);
  const secrets = [user?.auth?.secret, user?.priv?.secret];
  if (!user || secrets.some((secret) => secret?.kind === 'localizedKey')) return undefined;
  return usmUser(user, engineId, keys);
}

function usmUser({ name, auth, priv }: User, engineId: Uint8Array, keys: KeyDerivation): UsmUser {
  return createUser(
    {
      name,
      storageType: STORAGE_TYPE.permanent,
      ...(auth && { auth: { protocol: authProtocolByName(auth.protocol)!, key: keySource(auth.secret) } }),
      ...(priv && { priv: { protocol: privProtocolByName(priv.protocol)!, key: keySource(priv.secret) } }),
    },
    engineId,
    keys,
  );
}

/** VACM's tables as a configuration wants them: communities and users in the groups of their presets. */
export function vacmConfiguration(config: Config): VacmConfiguration {
  const communities = config.communities.flatMap(({ access }, i) =>
    COMMUNITY_MODELS.map((securityModel) => group(securityModel, communityName(i), access)),
  );
  // Who gets traps is told what a reader of the agent could read.
  const receivers = trapCommunities(config).flatMap((_, i) =>
    COMMUNITY_MODELS.map((securityModel) => group(securityModel, trapCommunityName(i), 'read-only')),
  );
  const users = config.users.map((user) => group(SECURITY_MODEL.usm, user.name, userGroup(user)));
  return {
    contexts: [''],
    groups: [...communities, ...receivers, ...users],
    access: [...communityRights(), ...userRights(config.users)],
    families: presetFamilies(),
  };
}

function communityRights(): AccessRow[] {
  return PRESET_NAMES.flatMap((name) =>
    COMMUNITY_MODELS.map((securityModel) =>
      presetAccess(name, { securityModel, securityLevel: SECURITY_LEVEL.noAuthNoPriv }),
    ),
  );
}

/** One right for each preset and least level that users have. */
function userRights(users: readonly User[]): AccessRow[] {
  const rights = new Map<string, AccessRow>();
  for (const user of users) {
    const scope = { securityModel: SECURITY_MODEL.usm, securityLevel: SECURITY_LEVEL[user.level] };
    const groupName = userGroup(user);
    rights.set(groupName, { ...presetAccess(user.access, scope), groupName });
  }
  return Array.from(rights.values());
}

function userGroup({ access, level }: User): string {
  return `${access}-${level}`;
}

/** What access control knows one of the agent's communities by. */
export function communityName(index: number): string {
  return `community-${index + 1}`;
}

/** What access control knows a community by that only goes out. */
export function trapCommunityName(index: number): string {
  return `trap-community-${index + 1}`;
}

function group(securityModel: number, securityName: string, groupName: string): GroupRow {
  return {
    securityModel,
    securityName,
    groupName,
    storageType: STORAGE_TYPE.permanent,
    status: ROW_STATUS.active,
  };
}

function keySource({ kind, value }: KeySecret): { password: string } | { localizedKey: string } {
  return kind === 'password' ? { password: value } : { localizedKey: value };
}
