import type { z } from 'zod';
import { hostDefaults } from '../emulation/host/host-config.ts';
import type { Profile } from '../emulation/lifecycle/story.ts';
import {
  BOND_DEFAULTS,
  BOND_MODES,
  type BondConfig,
  bondLine,
  HASH_POLICIES,
  PRIMARY_RESELECT,
} from '../emulation/net/bond-config.ts';
import type { UplinkConfig } from '../emulation/net/net-config.ts';
import { choice, type DeepReadonly, option, section } from './fields.ts';
import {
  type bridge,
  INTERFACE_NAME,
  interfaceName,
  LINE_OPTIONS,
  line,
  type lowerDevice,
  uplinkName,
  uplinkOf,
} from './host-parts.ts';
import { given, label, several, wholeNumber, word } from './optional.ts';

const MOST_SLAVES = 8;
const LONGEST_MS = 600_000;

/** An entry of `host.bonds[].slaves`. */
const slave = section({
  name: option(interfaceName(), { about: 'Its name.', expected: INTERFACE_NAME }),
  ...line,
});

/** An entry of `host.bonds`. */
export const bond = section({
  name: option(interfaceName(), {
    about: 'Its name, which a bridge gives as its uplink, or a NIC of the type direct as its source.',
    expected: INTERFACE_NAME,
  }),
  mode: option(choice(BOND_MODES), {
    about: 'How it uses its slaves: one, or all by a hash, with a switch that is told by hand or by LACP.',
    expected: `one of ${BOND_MODES.join(', ')}`,
  }),
  slaves: option(several(slave, MOST_SLAVES, 'slaves'), {
    about: 'Its NICs; the first is the active one unless there is a primary.',
    expected: 'a list of 1 to 8 slaves, each with a name',
  }),
  miimon: wholeNumber(
    0,
    LONGEST_MS,
    '`miimon`: ms between two looks at the links; 0 is never, so that a broken link is not noticed.',
    '100',
  ),
  updelay: wholeNumber(0, LONGEST_MS, '`updelay`: ms that a link has to be up before it is used.', '0'),
  downdelay: wholeNumber(0, LONGEST_MS, '`downdelay`: ms that it has to be down before it is left.', '0'),
  minLinks: wholeNumber(0, MOST_SLAVES, '`min_links` of 802.3ad: links without which it is down.', '0'),
  primary: label(15, '`primary` of active-backup: the slave that is preferred.', 'none'),
  primaryReselect: word(
    PRIMARY_RESELECT,
    '`primary_reselect`: when the primary takes over from a slave that works.',
    'always',
  ),
  xmitHashPolicy: word(
    HASH_POLICIES,
    '`xmit_hash_policy`, not of active-backup: what chooses the slave.',
    'layer2',
  ),
});

type Bond = z.output<typeof bond>;

/** A bond as its entry describes it. */
export function bondOf(from: DeepReadonly<Bond>): UplinkConfig {
  const { mode, miimon, updelay, downdelay, minLinks, primary, primaryReselect, xmitHashPolicy } = from;
  const config: BondConfig = {
    ...BOND_DEFAULTS,
    mode,
    slaves: from.slaves.map((each) => uplinkOf(each, each.name)),
    ...given({
      ...{ miimonMs: miimon, upDelayMs: updelay, downDelayMs: downdelay, minLinks },
      ...{ primary, primaryReselect, hashPolicy: xmitHashPolicy },
    }),
  };
  return bondLine(from.name, config);
}

type Issue = (path: readonly (string | number)[], message: string) => void;

/** What does not go together within a bond, by the rules of Linux's bonding driver. */
function checkBond(from: Bond, issue: Issue): void {
  const { mode, slaves, primary, minLinks, miimon = BOND_DEFAULTS.miimonMs } = from;
  const only = (key: 'minLinks' | 'primary' | 'primaryReselect' | 'xmitHashPolicy', modes: string[]) => {
    if (from[key] !== undefined && !modes.includes(mode))
      issue([key], `not an option of ${mode}; it is one of ${modes.join(' and ')}`);
  };
  only('minLinks', ['802.3ad']);
  only('primary', ['active-backup']);
  only('primaryReselect', ['active-backup']);
  only('xmitHashPolicy', ['balance-xor', '802.3ad']);
  if (primary !== undefined && !slaves.some(({ name }) => name === primary))
    issue(['primary'], `no slave ${primary}; expected one of ${slaves.map(({ name }) => name).join(', ')}`);
  if (minLinks !== undefined && minLinks > slaves.length)
    issue(['minLinks'], `${minLinks} of ${slaves.length} slaves; expected at most ${slaves.length}`);
  if (miimon === 0 && mode === '802.3ad')
    issue(['miimon'], '0 with 802.3ad, which has to know its links; expected 1 or more');
  for (const key of ['updelay', 'downdelay'] as const) {
    const delay = from[key];
    if (delay === undefined || (miimon > 0 && delay % miimon === 0)) continue;
    const expected =
      miimon === 0 ? 'no delay, for links are not looked at' : `a multiple of miimon, ${miimon}`;
    issue([key], `${delay} ms; expected ${expected}`);
  }
  const rates = slaves.map((each) => uplinkOf(each, each.name).lineRate);
  const other = rates.findIndex((rate) => rate !== rates[0]);
  if (mode === '802.3ad' && other > 0)
    issue(
      ['slaves', other, 'gigabits'],
      `not the rate of slave ${slaves[0]!.name}; expected one rate for all, for LACP aggregates no others`,
    );
}

/** Of the section `host`, what is about its links. */
interface Bonded {
  readonly bonds?: readonly Bond[] | undefined;
  readonly bridges?: readonly z.output<typeof bridge>[] | undefined;
  readonly lowerDevices?: readonly z.output<typeof lowerDevice>[] | undefined;
}

/** What does not go together among bonds, bridges and lower devices: no interface has two masters. */
export function checkBonds({ bonds = [], bridges, lowerDevices = [] }: Bonded, issue: Issue): void {
  /** What each name of a bond or slave is, for messages. */
  const known = new Map<string, string>();
  const masters = new Map<string, string>();
  const take = (name: string, what: string, path: readonly (string | number)[]) => {
    const taken = known.get(name);
    if (taken === undefined) known.set(name, what);
    else issue(path, `the name of ${taken}; expected another`);
  };
  for (const [i, { name }] of (bridges ?? []).entries()) known.set(name, `bridges[${i}]`);
  bonds.forEach((each, i) => {
    take(each.name, `bonds[${i}]`, ['bonds', i, 'name']);
    each.slaves.forEach(({ name }, j) => {
      const master = masters.get(name);
      const path = ['bonds', i, 'slaves', j, 'name'];
      if (master === undefined) take(name, `a slave of ${each.name}`, path);
      else issue(path, `a slave of ${master} already; expected a NIC for one bond alone`);
      masters.set(name, each.name);
    });
    checkBond(each, (path, message) => issue(['bonds', i, ...path], message));
  });
  const isBond = (name: string) => bonds.some((each) => each.name === name);
  const ports = new Map<string, string>();
  const checkUse = (
    name: string,
    path: readonly (string | number)[],
    key: string,
    entry: Readonly<Record<string, unknown>>,
  ) => {
    const master = masters.get(name);
    if (master !== undefined) issue([...path, key], `${name} is a slave of ${master}; expected ${master}`);
    if (!isBond(name)) return;
    const bridgeOn = ports.get(name);
    if (bridgeOn !== undefined)
      issue([...path, key], `${name} is the uplink of ${bridgeOn}; expected another`);
    for (const own of LINE_OPTIONS)
      if (entry[own] !== undefined)
        issue([...path, own], `beside the bond ${name}; expected it at its slaves`);
  };
  bridges?.forEach((each, i) => {
    if (each.isolated) return;
    const name = uplinkName(each, i);
    checkUse(name, ['bridges', i], each.uplink === undefined ? 'name' : 'uplink', each);
    ports.set(name, each.name);
  });
  for (const [i, each] of lowerDevices.entries()) checkUse(each.name, ['lowerDevices', i], 'name', each);
}

/** Names of bonds and slaves that a host of the era has taken, which without a word about bridges has its usual one. */
export function bondConflicts({ bonds = [], bridges }: DeepReadonly<Bonded>, profile: Profile) {
  if (bridges !== undefined) return [];
  const known = new Map<string, string>();
  for (const { name, uplink } of hostDefaults(profile).segments) {
    known.set(name, 'the usual bridge');
    if (uplink) known.set(uplink.name, 'the uplink of the usual bridge');
  }
  return bonds.flatMap((each, i) =>
    [
      { name: each.name, path: ['name'] },
      ...each.slaves.map(({ name }, j) => ({ name, path: ['slaves', j, 'name'] })),
    ].flatMap(({ name, path }) => {
      const what = known.get(name);
      if (what === undefined) return [];
      const message = `${name} is ${what}; expected another, or bridges to be given, such as one with the uplink ${each.name}`;
      return [{ path: ['host', 'bonds', i, ...path], message }];
    }),
  );
}
