import type { Domain } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { HostResources } from '../../emulation/host/host-resources.ts';
import type { Bond } from '../../emulation/net/bond.ts';
import type { Line } from '../../emulation/net/line.ts';
import type { Segment } from '../../emulation/net/segment.ts';
import type { Uplink } from '../../emulation/net/uplink.ts';
import type { InterfaceNumbers } from '../interface-numbers.ts';
import {
  type BondInterface,
  type Bridge,
  bondInterface,
  bridge,
  type Interface,
  loopback,
  lowerAt,
  lowerCount,
  operStatus,
  type PhysicalNic,
  physicalNic,
  STATUS,
  type Tap,
  tap,
} from './interface.ts';
import { type InterfaceIndexes, LOOPBACK_INDEX } from './interface-indexes.ts';
import { InterfaceOrder } from './interface-order.ts';

/** What a NIC or a bond of one name is the uplink of. */
interface Use<T> {
  readonly lines: T[];
  readonly segments: Segment[];
}

/**
 * The network interfaces of a host: lo, its NICs, bonds and bridges, and the taps of active guests, each with an
 * ifIndex.
 *
 * Kept up to date by {@link hear}; reading costs nothing but the search. An interface is stacked on the ones that
 * its frames go through next: a tap on its bridge, a bridge on its NIC or bond, a bond on its slaves.
 */
export class Interfaces implements InterfaceNumbers {
  readonly #host: Host;
  readonly #indexes: InterfaceIndexes;
  readonly #nowMs: () => number;
  readonly #gone: (one: Interface) => void;
  readonly #byName = new Map<string, Interface>();
  readonly #all = new InterfaceOrder();
  readonly #tops = new InterfaceOrder();
  readonly #nics = new Map<string, PhysicalNic>();
  readonly #bonds = new Map<string, BondInterface>();
  readonly #bridges = new Map<string, Bridge>();
  readonly #taps = new Map<Domain, Tap[]>();
  #resources: HostResources | undefined;
  #segmentChanges = -1;
  #lastChangeMs: number;
  #stackChangeMs: number;
  #changed: Interface[] = [];

  /** Takes up all that there is. `gone` is told of each that goes. */
  constructor(
    host: Host,
    indexes: InterfaceIndexes,
    nowMs: () => number,
    gone: (one: Interface) => void = () => {},
  ) {
    this.#host = host;
    this.#indexes = indexes;
    this.#nowMs = nowMs;
    this.#gone = gone;
    this.#add(loopback(LOOPBACK_INDEX, nowMs()));
    this.hear(host.domains);
    this.#lastChangeMs = nowMs();
    this.#stackChangeMs = nowMs();
  }

  /** Ascending by index. */
  get all(): InterfaceOrder {
    return this.#all;
  }

  /** Those with nothing stacked on them, ascending by index. */
  get tops(): InterfaceOrder {
    return this.#tops;
  }

  /** When one last came or went, in simulated ms. */
  get lastChangeMs(): number {
    return this.#lastChangeMs;
  }

  /** When what is stacked on what last changed, in simulated ms. */
  get stackChangeMs(): number {
    return this.#stackChangeMs;
  }

  indexOf(name: string): number | undefined {
    return this.#byName.get(name)?.index;
  }

  /** The tap that a NIC of a guest is plugged in by, by the NIC's place; `undefined` when there is none. */
  tapOf(domain: Domain, place: number): Tap | undefined {
    return this.#taps.get(domain)?.find((each) => each.place === place);
  }

  /** Takes up what has changed of the host and of these of its domains; returns whose status is another. */
  hear(domains: Iterable<Domain>): readonly Interface[] {
    this.#changed = [];
    const size = this.#byName.size;
    const resources = this.#host.engine.host;
    if (resources !== this.#resources || resources.segmentChanges !== this.#segmentChanges)
      this.#readSegments(resources);
    for (const each of this.#nics.values()) this.#refresh(each);
    for (const each of this.#bonds.values()) this.#refresh(each);
    for (const domain of domains) if (domain.host === this.#host) this.#review(domain);
    for (const each of this.#bridges.values()) this.#refresh(each);
    if (this.#byName.size > size) this.#indexes.settle(this.#byName);
    return this.#changed;
  }

  /** NICs, bonds and bridges; those that are known stay what they are. */
  #readSegments(resources: HostResources): void {
    const isReboot = this.#resources !== undefined && this.#resources !== resources;
    this.#resources = resources;
    this.#segmentChanges = resources.segmentChanges;
    const nics = new Map<string, Use<Uplink>>();
    const bonds = new Map<string, Use<Bond>>();
    const bridges = new Map<string, Segment>();
    for (const segment of resources.segments) {
      const { uplink, bond } = segment;
      for (const nic of uplink?.nics ?? []) use(nics, nic, segment);
      if (bond) use(bonds, bond, segment);
      if (segment.config.kind === 'bridge') bridges.set(segment.config.name, segment);
    }
    this.#removeOthers(this.#bridges, bridges);
    this.#removeOthers(this.#bonds, bonds);
    this.#removeOthers(this.#nics, nics);
    for (const [name, each] of nics) this.#keepNic(name, each, isReboot);
    for (const [name, each] of bonds) this.#keepBond(name, each, isReboot);
    for (const segment of bridges.values()) this.#keepBridge(segment, isReboot);
  }

  #removeOthers(known: Map<string, Interface>, present: ReadonlyMap<string, unknown>): void {
    for (const [name, each] of known) {
      if (present.has(name)) continue;
      known.delete(name);
      this.#remove(each);
    }
  }

  #keepNic(name: string, { lines: uplinks, segments }: Use<Uplink>, isReboot: boolean): void {
    const known = this.#nics.get(name);
    if (known) {
      known.uplinks = uplinks;
      known.segments = segments;
      if (isReboot) known.sinceMs = this.#nowMs();
      return;
    }
    const uses = { uplinks, segments };
    const one = physicalNic(this.#indexes.take(name), name, this.#host.name, uses, this.#nowMs());
    this.#nics.set(name, one);
    this.#add(one);
  }

  #keepBond(name: string, { lines: bonds, segments }: Use<Bond>, isReboot: boolean): void {
    const known = this.#bonds.get(name);
    if (known) {
      known.bonds = bonds;
      known.segments = segments;
      if (isReboot) known.sinceMs = this.#nowMs();
      return;
    }
    const slaves = bonds[0]!.nics
      .map(({ config }) => this.#nics.get(config.name)!)
      .sort((a, b) => a.index - b.index);
    const uses = { bonds, segments };
    const one = bondInterface(this.#indexes.take(name), this.#host.name, slaves, uses, this.#nowMs());
    this.#bonds.set(name, one);
    this.#add(one);
  }

  /** The interface of what a segment reaches others by. */
  #lineOf({ config: { uplink } }: Segment): PhysicalNic | BondInterface | undefined {
    if (!uplink) return undefined;
    return uplink.bond ? this.#bonds.get(uplink.name) : this.#nics.get(uplink.name);
  }

  #keepBridge(segment: Segment, isReboot: boolean): void {
    const { name } = segment.config;
    const known = this.#bridges.get(name);
    if (known) {
      known.segment = segment;
      if (isReboot) known.sinceMs = this.#nowMs();
      return;
    }
    const one = bridge(this.#indexes.take(name), this.#host.name, segment, this.#nowMs());
    this.#bridges.set(name, one);
    this.#add(one, this.#lineOf(segment));
  }

  /** The taps of a guest are those of its present process. */
  #review(domain: Domain): void {
    const known = this.#taps.get(domain);
    const isHere = this.#host.domains.byUuid(domain.uuid) === domain;
    const process = isHere ? domain.process : undefined;
    if (!known && !process) return;
    const taps = (known ?? []).filter((each) => {
      const place = process?.nics.findIndex(
        ({ device, port, segment }) =>
          device === each.name && port === each.nic.port && segment === each.nic.segment,
      );
      if (process?.number !== each.process.number || place === undefined || place < 0) {
        this.#remove(each);
        return false;
      }
      each.process = process;
      each.place = place;
      each.nic = process.nics[place]!;
      return true;
    });
    process?.nics.forEach(({ device, segment }, place) => {
      if (device === undefined || taps.some((each) => each.name === device)) return;
      // A name that another guest has taken already is no second interface.
      if (this.#byName.has(device)) return;
      const one = tap(this.#indexes.take(device), domain, process, place, this.#nowMs());
      const { kind, name } = segment.config;
      this.#add(one, kind === 'bridge' ? this.#bridges.get(name) : this.#lineOf(segment));
      taps.push(one);
    });
    if (taps.length > 0) this.#taps.set(domain, taps);
    else this.#taps.delete(domain);
    for (const each of taps) this.#refresh(each);
  }

  /** Puts an interface in, on top of another or of a bond's slaves; it has the status that it comes with. */
  #add(one: Interface, lower?: Interface): void {
    this.#byName.set(one.name, one);
    this.#all.add(one);
    this.#tops.add(one);
    one.lower = lower;
    one.oper = operStatus(one);
    for (let place = 0; place < lowerCount(one); place++) {
      const below = lowerAt(one, place)!;
      if (below.uppers++ === 0) this.#tops.remove(below);
      if (one.oper === STATUS.up) below.uppersUp++;
    }
    this.#lastChangeMs = this.#nowMs();
    this.#stackChangeMs = this.#lastChangeMs;
  }

  #remove(one: Interface): void {
    this.#byName.delete(one.name);
    this.#gone(one);
    this.#all.remove(one);
    if (one.uppers === 0) this.#tops.remove(one);
    else for (const each of this.#all) if (each.lower === one) each.lower = undefined;
    for (let place = 0; place < lowerCount(one); place++) {
      const below = lowerAt(one, place)!;
      if (one.oper === STATUS.up) below.uppersUp--;
      if (--below.uppers === 0) this.#tops.add(below);
    }
    this.#lastChangeMs = this.#nowMs();
    this.#stackChangeMs = this.#lastChangeMs;
  }

  #refresh(one: Interface): void {
    const oper = operStatus(one);
    if (oper === one.oper) return;
    const change = Number(oper === STATUS.up) - Number(one.oper === STATUS.up);
    for (let place = 0; place < lowerCount(one); place++) lowerAt(one, place)!.uppersUp += change;
    one.oper = oper;
    one.changedMs = this.#nowMs();
    this.#changed.push(one);
  }
}

/** Notes one more segment that a NIC or a bond is the uplink of. */
function use<T extends Line>(uses: Map<string, Use<T>>, line: T, segment: Segment): void {
  const { name } = line.config;
  const known = uses.get(name);
  if (!known) {
    uses.set(name, { lines: [line], segments: [segment] });
    return;
  }
  known.lines.push(line);
  known.segments.push(segment);
}
