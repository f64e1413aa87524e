import type { BondConfig, BondMode } from './bond-config.ts';
import type { Line } from './line.ts';
import type { UplinkConfig } from './net-config.ts';
import { type LinkSettings, Uplink, type UplinkCounter, type UplinkRecord } from './uplink.ts';

/** From a link that is up until LACP uses it: the aggregate wait of IEEE 802.1AX (assumed: the partner answers at once). */
const AGGREGATE_WAIT_MS = 2000;

/** A slave, and what the bond knows of it. */
interface Slave {
  readonly nic: Uplink;
  /** Whether the bond believes that its link is up. */
  up: boolean;
  /** When the bond will notice that it is otherwise; `undefined` while it need not. */
  dueMs: number | undefined;
}

/** A copy of a {@link Bond}. */
export interface BondRecord {
  readonly nics: readonly UplinkRecord[];
  readonly nowhere: UplinkRecord;
  readonly slaves: readonly Pick<Slave, 'up' | 'dueMs'>[];
  readonly active: number;
  readonly enabled: boolean;
  readonly powered: boolean;
}

/**
 * Several physical NICs that the host uses as one, as Linux's bonding driver does.
 *
 * It looks at the links each `miimon` ms and knows nothing in between: until it notices, what goes out on a slave
 * without a link is lost. The time is the caller's: {@link dueMs} tells when {@link settle} has something to notice.
 * Its counters are those of its slaves together, and frames that found no slave.
 */
export class Bond implements Line {
  readonly config: UplinkConfig;
  readonly nics: readonly Uplink[];
  readonly #bond: BondConfig;
  readonly #slaves: readonly Slave[];
  /** Takes what is sent while no slave can: a NIC that never has a link. */
  readonly #nowhere: Uplink;
  readonly #bootedMs: number;
  #active = -1;
  #enabled: boolean;
  #powered = true;

  /** It is made at `nowMs` of slaves whose links are as `links` has them, and knows them. `config` is one with a bond. */
  constructor(config: UplinkConfig, nowMs: number, links: LinkSettings = new Map()) {
    this.config = config;
    this.#bond = config.bond!;
    this.#bootedMs = nowMs;
    this.#enabled = links.get(config.name)?.enabled ?? true;
    this.nics = this.#bond.slaves.map((slave) => new Uplink(slave, nowMs, links.get(slave.name)));
    // Without miimon the driver takes every link to be up.
    this.#slaves = this.nics.map((nic) => ({
      nic,
      up: this.#bond.miimonMs === 0 || nic.up,
      dueMs: undefined,
    }));
    this.#nowhere = new Uplink(config, nowMs);
    this.#nowhere.powerOff(nowMs);
    this.#choose();
  }

  get mode(): BondMode {
    return this.#bond.mode;
  }

  get up(): boolean {
    return this.#enabled && this.#powered && this.carrier;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Whether it is made of enough links that it believes to be up: min_links of 802.3ad, else one. */
  get carrier(): boolean {
    const { mode, minLinks } = this.#bond;
    const links = this.#slaves.reduce((count, { up }) => count + Number(up), 0);
    return links >= (mode === '802.3ad' ? Math.max(1, minLinks) : 1);
  }

  /** The slave that carries everything; `undefined` while there is none, and in modes that use all. */
  get active(): Uplink | undefined {
    return this.#slaves[this.#active]?.nic;
  }

  /** Of the slaves that it uses: the active one's rate, or the sum of those that share; 0 without any. */
  get lineRate(): number {
    return this.#used().reduce((sum, { lineRate }) => sum + lineRate, 0);
  }

  get txLanes(): readonly Uplink[] {
    const used = this.up ? this.#used() : [];
    return used.length > 0 ? used : [this.#nowhere];
  }

  /** The switch notices at once that a link is down, and uses those that are left of an aggregate. */
  get rxLanes(): readonly Uplink[] {
    return this.up ? this.#used().filter(({ up }) => up) : [];
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** Knows of its links what another knows, which is the same bond under another segment. */
  agreeWith(other: Bond): void {
    for (const [i, slave] of this.#slaves.entries()) {
      const { up, dueMs } = other.#slaves[i]!;
      slave.up = up;
      slave.dueMs = dueMs;
    }
    this.#active = other.#active;
  }

  powerOff(nowMs: number): void {
    this.#powered = false;
    for (const slave of this.#slaves) {
      slave.nic.powerOff(nowMs);
      slave.dueMs = undefined;
    }
  }

  /** A link has gone up or down: works out when the bond will notice. */
  watch(nowMs: number): void {
    const { miimonMs, upDelayMs, downDelayMs } = this.#bond;
    if (miimonMs === 0 || !this.#powered) return;
    for (const slave of this.#slaves) {
      const { up } = slave.nic;
      if (up === slave.up) slave.dueMs = undefined;
      else if (slave.dueMs === undefined) {
        const delay = up ? upDelayMs : downDelayMs;
        slave.dueMs =
          this.#nextLook(nowMs) + Math.floor(delay / miimonMs) * miimonMs + (up ? this.#negotiationMs : 0);
      }
    }
    this.#hurry(nowMs);
  }

  /** When the bond next notices something, in simulated ms; `undefined` for never. */
  get dueMs(): number | undefined {
    let due: number | undefined;
    for (const { dueMs } of this.#slaves)
      if (dueMs !== undefined && (due === undefined || dueMs < due)) due = dueMs;
    return due;
  }

  /** Notices what is due by now. */
  settle(nowMs: number): void {
    for (const slave of this.#slaves) {
      if (slave.dueMs === undefined || slave.dueMs > nowMs) continue;
      slave.up = slave.nic.up;
      slave.dueMs = undefined;
    }
    this.#hurry(nowMs);
    this.#choose();
  }

  read(counter: UplinkCounter, nowMs: number): number {
    return this.nics.reduce((sum, nic) => sum + nic.read(counter, nowMs), this.#nowhere.read(counter, nowMs));
  }

  left(counter: UplinkCounter, nowMs: number): number {
    return this.nics.reduce((sum, nic) => sum + nic.left(counter, nowMs), this.#nowhere.left(counter, nowMs));
  }

  begin(nowMs: number, spanMs: number): void {
    for (const nic of this.nics) nic.begin(nowMs, spanMs);
    this.#nowhere.begin(nowMs, spanMs);
  }

  /** A copy of everything, for {@link restore}. */
  snapshot(): BondRecord {
    return {
      nics: this.nics.map((nic) => nic.snapshot()),
      nowhere: this.#nowhere.snapshot(),
      slaves: this.#slaves.map(({ up, dueMs }) => ({ up, dueMs })),
      active: this.#active,
      enabled: this.#enabled,
      powered: this.#powered,
    };
  }

  /** Puts everything back as it was. */
  restore({ nics, nowhere, slaves, active, enabled, powered }: BondRecord): void {
    for (const [i, nic] of this.nics.entries()) nic.restore(nics[i]!);
    this.#nowhere.restore(nowhere);
    for (const [i, slave] of this.#slaves.entries()) Object.assign(slave, slaves[i]);
    this.#active = active;
    this.#enabled = enabled;
    this.#powered = powered;
  }

  /** How long LACP takes for a link that is up. */
  get #negotiationMs(): number {
    return this.#bond.mode === '802.3ad' ? AGGREGATE_WAIT_MS : 0;
  }

  /**
   * A bond without any link does not wait for one to prove itself: the first that is back is used from the next look
   * on. With LACP that goes on for each until one has agreed.
   */
  #hurry(nowMs: number): void {
    if (this.#slaves.some(({ up }) => up)) return;
    const back = this.#slaves.filter(({ nic, dueMs }) => nic.up && dueMs !== undefined);
    const soonest = this.#nextLook(nowMs) + this.#negotiationMs;
    for (const slave of this.#bond.mode === '802.3ad' ? back : back.slice(0, 1))
      slave.dueMs = Math.min(slave.dueMs!, soonest);
  }

  /** The first look at the links after an instant. */
  #nextLook(nowMs: number): number {
    const { miimonMs } = this.#bond;
    const looks = Math.floor((nowMs - this.#bootedMs) / miimonMs) + 1;
    return this.#bootedMs + looks * miimonMs;
  }

  /** The slaves that it would send on if it was on and had a carrier. */
  #used(): Uplink[] {
    if (this.#bond.mode === 'active-backup') return this.active ? [this.active] : [];
    return this.#slaves.filter(({ up }) => up).map(({ nic }) => nic);
  }

  /** Chooses the active slave: the primary, as `primary_reselect` has it, or the first that is up. */
  #choose(): void {
    const { mode, primary, primaryReselect } = this.#bond;
    if (mode !== 'active-backup') return;
    const slaves = this.#slaves;
    const active = slaves[this.#active];
    const preferred = slaves.findIndex(({ nic, up }) => up && nic.config.name === primary);
    if (active?.up) {
      if (preferred < 0 || primaryReselect === 'failure') return;
      const isBetter = slaves[preferred]!.nic.lineRate > active.nic.lineRate;
      if (primaryReselect === 'always' || isBetter) this.#active = preferred;
      return;
    }
    this.#active = preferred >= 0 ? preferred : slaves.findIndex(({ up }) => up);
  }
}
