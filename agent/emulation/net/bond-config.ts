import type { UplinkConfig } from './net-config.ts';

/** How a bond uses its slaves; names as Linux's bonding driver has them. */
export const BOND_MODES = ['active-backup', 'balance-xor', '802.3ad'] as const;
/** A name of {@link BOND_MODES}. */
export type BondMode = (typeof BOND_MODES)[number];

/** By what of a frame a bond chooses the slave (`xmit_hash_policy`). */
export const HASH_POLICIES = ['layer2', 'layer2+3', 'layer3+4'] as const;
/** A name of {@link HASH_POLICIES}. */
export type HashPolicy = (typeof HASH_POLICIES)[number];

/** When the primary slave takes over from another one that works (`primary_reselect`). */
export const PRIMARY_RESELECT = ['always', 'better', 'failure'] as const;
/** A name of {@link PRIMARY_RESELECT}. */
export type PrimaryReselect = (typeof PRIMARY_RESELECT)[number];

/** A bond, as far as it is more than a NIC; options are the bonding driver's. */
export interface BondConfig {
  readonly mode: BondMode;
  /** Its NICs, in the order in which they were enslaved; at least one, each with a name of its own. */
  readonly slaves: readonly UplinkConfig[];
  /** ms between two looks at the slaves' links (`miimon`); 0 for never. */
  readonly miimonMs: number;
  /** ms that a link has to be up before its slave is used (`updelay`). */
  readonly upDelayMs: number;
  /** ms that a link has to be down before its slave is left (`downdelay`). */
  readonly downDelayMs: number;
  /** Links that must be up for the bond to be (`min_links`); 0 counts as 1. 802.3ad alone. */
  readonly minLinks: number;
  /** Name of the slave that is preferred. active-backup alone. */
  readonly primary?: string;
  readonly primaryReselect: PrimaryReselect;
  /** Not for active-backup. */
  readonly hashPolicy: HashPolicy;
}

/** What the driver does without options, but for `miimon`, for which its documentation recommends 100. */
export const BOND_DEFAULTS: Readonly<Omit<BondConfig, 'mode' | 'slaves'>> = {
  miimonMs: 100,
  upDelayMs: 0,
  downDelayMs: 0,
  minLinks: 0,
  primaryReselect: 'always',
  hashPolicy: 'layer2',
};

/** The line that a bond is: what its slaves are together. */
export function bondLine(name: string, bond: BondConfig): UplinkConfig {
  const { slaves } = bond;
  const sum = (value: (slave: UplinkConfig) => number) =>
    slaves.reduce((total, slave) => total + value(slave), 0);
  const mean = (value: (slave: UplinkConfig) => number) => sum(value) / slaves.length;
  return {
    name,
    lineRate: sum(({ lineRate }) => lineRate),
    queueFrames: sum(({ queueFrames }) => queueFrames),
    rxChecksum: slaves.every(({ rxChecksum }) => rxChecksum),
    corruptShare: mean(({ corruptShare }) => corruptShare),
    fcsErrorShare: mean(({ fcsErrorShare }) => fcsErrorShare),
    multicastShare: mean(({ multicastShare }) => multicastShare),
    bond,
  };
}
