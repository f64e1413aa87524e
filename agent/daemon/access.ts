import { createHash } from 'node:crypto';
import { type ModuleRights, ModuleViews } from '../access/module-views.ts';
import {
  PRESETS,
  type PresetName,
  type PresetScope,
  presetAccess,
  presetFamilies,
} from '../access/presets.ts';
import type { VacmConfiguration } from '../access/vacm.ts';
import { type AccessRow, type GroupRow, SECURITY_LEVEL, SECURITY_MODEL } from '../access/vacm-rows.ts';
import type { Config } from '../config/schema.ts';
import { ALL_MODULES } from '../mib/generated/all-modules.ts';
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

/** Hexadecimal digits that tell names apart: `community-` or `long-user-` with them and `-notify` fits a view's name. */
const DIGEST_DIGITS = 12;
/** Octets of a user's name with which `user-NAME-notify` fits the 32 of a view's name (RFC 3415, vacmViewTreeFamilyViewName). */
const MAX_SHOWN_USER = 20;

/** The communities as security knows them: by a security name that does not show the secret. */
export function communityConfigs(config: Config): CommunityConfig[] {
  return config.communities.map(({ name, sources }) => ({
    name,
    sources,
    securityName: communityName(name),
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
  const communities = config.communities.flatMap(({ name, access, modules }) =>
    COMMUNITY_MODELS.map((securityModel) =>
      group(securityModel, communityName(name), modules ? communityName(name) : access),
    ),
  );
  // Who gets traps is told what a reader of the agent could read.
  const receivers = trapCommunities(config).flatMap((name) =>
    COMMUNITY_MODELS.map((securityModel) => group(securityModel, trapCommunityName(name), 'read-only')),
  );
  const users = config.users.map((user) =>
    group(SECURITY_MODEL.usm, user.name, user.modules ? ownGroup(user.name) : userGroup(user)),
  );
  const narrowed = moduleRights(config);
  return {
    contexts: [''],
    groups: [...communities, ...receivers, ...users],
    access: [...communityRights(), ...userRights(config.users), ...narrowed.flatMap(({ access }) => access)],
    families: [...presetFamilies(), ...narrowed.flatMap(({ families }) => families)],
  };
}

/** The rights of communities and users that see some modules only: each has a group of its own. */
function moduleRights({ communities, users }: Config): ModuleRights[] {
  if (![...communities, ...users].some(({ modules }) => modules)) return [];
  const views = new ModuleViews(ALL_MODULES);
  return [
    ...communities.flatMap(({ name, access, modules }) =>
      modules ? views.rights(communityName(name), access, modules, COMMUNITY_MODELS.map(communityScope)) : [],
    ),
    ...users.flatMap(({ name, access, level, modules }) =>
      modules ? views.rights(ownGroup(name), access, modules, [userScope(level)]) : [],
    ),
  ];
}

function communityRights(): AccessRow[] {
  return PRESET_NAMES.flatMap((name) =>
    COMMUNITY_MODELS.map((securityModel) => presetAccess(name, communityScope(securityModel))),
  );
}

function communityScope(securityModel: number): PresetScope {
  return { securityModel, securityLevel: SECURITY_LEVEL.noAuthNoPriv };
}

function userScope(level: User['level']): PresetScope {
  return { securityModel: SECURITY_MODEL.usm, securityLevel: SECURITY_LEVEL[level] };
}

/** One right for each preset and least level that users have. */
function userRights(users: readonly User[]): AccessRow[] {
  const rights = new Map<string, AccessRow>();
  for (const user of users) {
    const groupName = userGroup(user);
    rights.set(groupName, { ...presetAccess(user.access, userScope(user.level)), groupName });
  }
  return Array.from(rights.values());
}

function userGroup({ access, level }: User): string {
  return `${access}-${level}`;
}

/**
 * What access control knows one of the agent's communities by, and the group of one that sees some modules only.
 *
 * What managers change of rows by this name stays when another configuration is taken over, so the name is the
 * community's own, wherever in the file it stands; and it does not show it.
 */
export function communityName(community: string): string {
  return `community-${digest(community)}`;
}

/** What access control knows a community by that only goes out. */
export function trapCommunityName(community: string): string {
  return `trap-community-${digest(community)}`;
}

/** The group of a user that sees some modules only, by a name that is no other user's; see {@link communityName}. */
function ownGroup(user: string): string {
  return Buffer.byteLength(user) <= MAX_SHOWN_USER ? `user-${user}` : `long-user-${digest(user)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGEST_DIGITS);
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
