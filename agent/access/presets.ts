import { ROW_STATUS, STORAGE_TYPE } from '../mib/managed-table.ts';
import type { Oid } from '../util/oid.ts';
import type { AccessRow, FamilyRow, SecurityLevel } from './vacm-rows.ts';

/**
 * Views that come with the agent, as subtrees to show and to hide.
 *
 * `monitoring` leaves out who may do what and who is told what, which is nobody's business but an administrator's
 * (RFC 3414 section 11.2, RFC 3415 section 6.3, RFC 3584 section 9: the users, the views, the communities; RFC 3413
 * section 5: the targets). Whoever could make a target would have the community of any security name sent there.
 */
export const PRESET_VIEWS = {
  everything: { show: [[1]], hide: [] },
  monitoring: {
    show: [[1]],
    hide: [
      // snmpUsmDHObjectsMIB, snmpTargetAddrTable, snmpTargetParamsTable, snmpNotificationMIB, snmpUsmMIB's users (not its
      // counters), snmpVacmMIB, snmpCommunityMIB.
      [1, 3, 6, 1, 3, 101],
      [1, 3, 6, 1, 6, 3, 12, 1, 2],
      [1, 3, 6, 1, 6, 3, 12, 1, 3],
      [1, 3, 6, 1, 6, 3, 13],
      [1, 3, 6, 1, 6, 3, 15, 1, 2],
      [1, 3, 6, 1, 6, 3, 16],
      [1, 3, 6, 1, 6, 3, 18],
    ],
  },
  lifeCycle: {
    // LIBVIRT-MIB, and this project's own module under Net-SNMP's arc for experiments.
    show: [
      [1, 3, 6, 1, 4, 1, 36957],
      [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 36957],
    ],
    hide: [],
  },
} as const;

/** Name of one of the {@link PRESET_VIEWS}. */
export type PresetView = keyof typeof PRESET_VIEWS;

/** What a group may do: the view for each use, '' for none. */
export interface Preset {
  readonly read: PresetView;
  readonly write: PresetView | '';
  readonly notify: PresetView;
}

/**
 * Groups that come with the agent, by the name of the group.
 *
 * `read-write` is for communities: it may set all that monitoring shows, so that a name sent in clear text
 * does not open the keys of others.
 */
export const PRESETS = {
  'read-only': { read: 'monitoring', write: '', notify: 'monitoring' },
  operator: { read: 'monitoring', write: 'lifeCycle', notify: 'monitoring' },
  'read-write': { read: 'monitoring', write: 'monitoring', notify: 'monitoring' },
  admin: { read: 'everything', write: 'everything', notify: 'everything' },
} as const satisfies Record<string, Preset>;
/** Name of one of the {@link PRESETS}. */
export type PresetName = keyof typeof PRESETS;

/** To whom a preset's right is given. */
export interface PresetScope {
  /** SnmpSecurityModel, 0 for any. */
  readonly securityModel: number;
  /** The least level of the messages that it is given to. */
  readonly securityLevel: SecurityLevel;
}

const CONFIGURED = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;

/** The rows of vacmViewTreeFamilyTable that make the preset views; managers can change, but not remove them. */
export function presetFamilies(): FamilyRow[] {
  return (Object.keys(PRESET_VIEWS) as PresetView[]).flatMap((name) =>
    presetSubtrees(name).map(({ subtree, included }) => configuredFamily(name, subtree, included)),
  );
}

/** The subtrees of one preset view, each with whether it is shown. */
export function presetSubtrees(name: PresetView): { readonly subtree: Oid; readonly included: boolean }[] {
  const { show, hide } = PRESET_VIEWS[name];
  return [
    ...show.map((subtree) => ({ subtree, included: true })),
    ...hide.map((subtree) => ({ subtree, included: false })),
  ];
}

/** The row of vacmAccessTable that gives a preset's views to the group of its name, in every context. */
export function presetAccess(name: PresetName, { securityModel, securityLevel }: PresetScope): AccessRow {
  const { read, write, notify } = PRESETS[name];
  return {
    groupName: name,
    contextPrefix: '',
    securityModel,
    securityLevel,
    contextMatch: 'prefix',
    readView: read,
    writeView: write,
    notifyView: notify,
    ...CONFIGURED,
  };
}

/** A row of vacmViewTreeFamilyTable that managers can change, but not remove. */
export function configuredFamily(viewName: string, subtree: Oid, included: boolean): FamilyRow {
  return { viewName, subtree, mask: new Uint8Array(0), included, ...CONFIGURED };
}
