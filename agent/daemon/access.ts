import { ROW_STATUS, STORAGE_TYPE } from '../access/managed-table.ts';
import { PRESETS, type PresetName, presetAccess, presetFamilies } from '../access/presets.ts';
import type { VacmConfiguration } from '../access/vacm.ts';
import { type GroupRow, SECURITY_LEVEL, SECURITY_MODEL } from '../access/vacm-rows.ts';
import type { Config } from '../config/schema.ts';
import type { CommunityConfig } from '../security/communities.ts';

const COMMUNITY_MODELS = [SECURITY_MODEL.v1, SECURITY_MODEL.v2c];

/** The communities as security knows them: by a security name that tells nothing of the secret. */
export function communityConfigs(config: Config): CommunityConfig[] {
  return config.communities.map(({ name, sources }, i) => ({ name, sources, securityName: securityName(i) }));
}

/** VACM's tables as a configuration wants them: each community in the group of its preset. */
export function vacmConfiguration(config: Config): VacmConfiguration {
  const groups = config.communities.flatMap(({ access }, i) =>
    COMMUNITY_MODELS.map((securityModel) => group(securityModel, securityName(i), access)),
  );
  const access = (Object.keys(PRESETS) as PresetName[]).flatMap((name) =>
    COMMUNITY_MODELS.map((securityModel) =>
      presetAccess(name, { securityModel, securityLevel: SECURITY_LEVEL.noAuthNoPriv }),
    ),
  );
  return { contexts: [''], groups, access, families: presetFamilies() };
}

function securityName(index: number): string {
  return `community-${index + 1}`;
}

function group(securityModel: number, name: string, groupName: PresetName): GroupRow {
  const storageType = STORAGE_TYPE.permanent;
  return { securityModel, securityName: name, groupName, storageType, status: ROW_STATUS.active };
}
