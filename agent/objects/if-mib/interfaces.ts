import type { Domain } from '../../emulation/domain.ts';
import type { Host } from '../../emulation/host.ts';
import type { HostResources } from '../../emulation/host-resources.ts';
import type { Segment } from '../../emulation/net/segment.ts';
import type { InterfaceNumbers } from '../interface-numbers.ts';
import {
  type Bridge,
  bridge,
  type Interface,
  loopback,
  operStatus,
  type PhysicalNic,
  physicalNic,
  STATUS,
  type Tap,
  tap,
} from './interface.ts';
import { type InterfaceIndexes, LOOPBACK_INDEX } from './interface-indexes.ts';

/**
 * The network interfaces of a host: lo, its NICs, its bridges, and the taps of active guests, each with an ifIndex.
 *
 * Kept up to date by {@link hear}; reading costs nothing but the search. An interface is stacked on the one that
 * its frames go through next: a tap on its bridge, a bridge on its NIC.
 */
export class Interfaces implements InterfaceNumbers {
  readonly #host: Host;
  readonly #indexes: InterfaceIndexes;
  readonly #nowMs: () => number;
  readonly #gone: (one: Interface) => void;
  readonly #byName = new Map<string, Interface>();
  readonly #all: Interface[] = [];
  readonly #tops: Interface[] = [];
  readonly #nics = new Map<string, PhysicalNic>();
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
  get all(): readonly Interface[] {
    return this.#all;
  }

  /** Those with nothing stacked on them, ascending by index. */
  get tops(): readonly Interface[] {
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
    for (const domain of domains) if (domain.host === this.#host) this.#review(domain);
    for (const each of this.#bridges.values()) this.#refresh(each);
    if (this.#byName.size > size) this.#indexes.settle(this.#byName);
    return this.#changed;
  }

  /** NICs and bridges; those that are known stay what they are. */
  #readSegments(resources: HostResources): void {
    const isReboot = this.#resources !== undefined && this.#resources !== resources;
    this.#resources = resources;
    this.#segmentChanges = resources.segmentChanges;
    const nics = new Map<string, Segment[]>();
    const bridges = new Map<string, Segment>();
    for (const segment of resources.segments) {
      const { kind, name, uplink } = segment.config;
      if (uplink) nics.set(uplink.name, [...(nics.get(uplink.name) ?? []), segment]);
      if (kind === 'bridge') bridges.set(name, segment);
    }
    for (const [name, each] of this.#bridges) {
      if (bridges.has(name)) continue;
      this.#bridges.delete(name);
      this.#remove(each);
    }
    for (const [name, each] of this.#nics) {
      if (nics.has(name)) continue;
      this.#nics.delete(name);
      this.#remove(each);
    }
    for (const [name, segments] of nics) this.#keepNic(name, segments, isReboot);
    for (const segment of bridges.values()) this.#keepBridge(segment, isReboot);
  }

  #keepNic(name: string, segments: readonly Segment[], isReboot: boolean): void {
    const known = this.#nics.get(name);
    if (known) {
      known.segments = segments;
      if (isReboot) known.sinceMs = this.#nowMs();
      return;
    }
    const one = physicalNic(this.#indexes.take(name), name, this.#host.name, segments, this.#nowMs());
    this.#nics.set(name, one);
    this.#add(one);
  }

  #keepBridge(segment: Segment, isReboot: boolean): void {
    const { name, uplink } = segment.config;
    const known = this.#bridges.get(name);
    if (known) {
      known.segment = segment;
      if (isReboot) known.sinceMs = this.#nowMs();
      return;
    }
    const one = bridge(this.#indexes.take(name), this.#host.name, segment, this.#nowMs());
    this.#bridges.set(name, one);
    this.#add(one, uplink && this.#nics.get(uplink.name));
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
      const { kind, name, uplink } = segment.config;
      this.#add(one, kind === 'bridge' ? this.#bridges.get(name) : uplink && this.#nics.get(uplink.name));
      taps.push(one);
    });
    if (taps.length > 0) this.#taps.set(domain, taps);
    else this.#taps.delete(domain);
    for (const each of taps) this.#refresh(each);
  }

  /** Puts an interface in, on top of another; it has the status that it comes with. */
  #add(one: Interface, lower?: Interface): void {
    this.#byName.set(one.name, one);
    insert(this.#all, one);
    insert(this.#tops, one);
    one.lower = lower;
    one.oper = operStatus(one);
    if (lower && lower.uppers++ === 0) take(this.#tops, lower);
    if (lower && one.oper === STATUS.up) lower.uppersUp++;
    this.#lastChangeMs = this.#nowMs();
    this.#stackChangeMs = this.#lastChangeMs;
  }

  #remove(one: Interface): void {
    this.#byName.delete(one.name);
    this.#gone(one);
    take(this.#all, one);
    if (one.uppers === 0) take(this.#tops, one);
    for (const each of one.uppers > 0 ? this.#all : []) if (each.lower === one) each.lower = undefined;
    const { lower } = one;
    if (lower) {
      if (one.oper === STATUS.up) lower.uppersUp--;
      if (--lower.uppers === 0) insert(this.#tops, lower);
    }
    this.#lastChangeMs = this.#nowMs();
    this.#stackChangeMs = this.#lastChangeMs;
  }

  #refresh(one: Interface): void {
    const { lower } = one;
    const oper = operStatus(one);
    if (oper === one.oper) return;
    if (lower) lower.uppersUp += Number(oper === STATUS.up) - Number(one.oper === STATUS.up);
    one.oper = oper;
    one.changedMs = this.#nowMs();
    this.#changed.push(one);
  }
}

/** The first place whose index is not below `index`. */
export function placeOf(sorted: readonly Interface[], index: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.index < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(sorted: Interface[], one: Interface): void {
  sorted.splice(placeOf(sorted, one.index), 0, one);
}

function take(sorted: Interface[], one: Interface): void {
  sorted.splice(placeOf(sorted, one.index), 1);
}
