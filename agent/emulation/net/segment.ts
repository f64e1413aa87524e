import { highWord, lowWord, streamKey, wordNoise } from '../../util/random.ts';
import { type Amount, clamp01, copyAmounts, move, partOf } from './amount.ts';
import { Bond, type BondRecord } from './bond.ts';
import { Flows, type FlowsRecord } from './flows.ts';
import { receiveOn, sendOn, split } from './lane-traffic.ts';
import type { Line } from './line.ts';
import type { SegmentConfig } from './net-config.ts';
import { type PortRecord, PortTable } from './port-table.ts';
import { type LinkSetting, type LinkSettings, Uplink, type UplinkRecord } from './uplink.ts';
import { LINE_OVERHEAD, lineOctets } from './wire.ts';

/** Where frames are between two spans. */
const STOCKS = ['local', 'out', 'reflect', 'returning', 'sentReflect'] as const;
/** What has come in, gone out and been lost since the segment began. */
const TOTALS = [
  'fromGuests',
  'toGuests',
  'fromOutside',
  'toOutside',
  'lineDropped',
  'switchDropped',
  'lost',
] as const;
/** A name of a total of a segment. */
export type SegmentTotal = (typeof TOTALS)[number];

type Amounts = Record<(typeof STOCKS)[number] | SegmentTotal | 'given' | 'arrived', Amount>;

/** What the present span gives out, and what the coming one is asked for. */
interface Plan {
  epoch: number;
  phase: number;
  weight: number;
  local: number;
  localBytes: number;
  unsummed: number;
  frames: number;
  outside: number;
  bytes: number;
  outsideBytes: number;
  tcpScale: number;
  /** Frames of the local stock that carry no checksum yet. */
  unsummedStock: number;
  tcpOctets: number;
  udpOctets: number;
  /** What of the present span's frames goes to the world outside. */
  sent: number;
  sentBytes: number;
  endMs: number;
}

/** A copy of a {@link Segment}. */
export interface SegmentRecord {
  readonly amounts: Amounts;
  readonly plan: Plan;
  readonly ports: PortRecord;
  readonly line: UplinkRecord | BondRecord | undefined;
  readonly flows: FlowsRecord | undefined;
  readonly enabled: boolean;
}

/** What a port gets in the present span. */
export interface Arrival {
  frames: number;
  bytes: number;
  /** Those of `frames` that came over the uplink. */
  external: number;
  /** Those of `frames` whose checksum nobody has computed yet. */
  unsummed: number;
}

/**
 * A bridge or a macvtap lower device, with its uplink and the world behind it.
 *
 * It stores what guests sent in one span and gives it out in the next. Every frame and every octet is in one
 * place at a time: guests, a stock here, the world outside, or a count of what was dropped and why.
 */
export class Segment {
  readonly config: SegmentConfig;
  /** What it reaches others by; a bond if the configuration has one. */
  readonly uplink: Line | undefined;
  readonly bond: Bond | undefined;
  /** What {@link claim} found; overwritten by the next one. */
  readonly arrival: Arrival = { frames: 0, bytes: 0, external: 0, unsummed: 0 };
  readonly #ports = new PortTable();
  readonly #nic: Uplink | undefined;
  /** How guests spread over the slaves of a bond; absent while only one NIC carries everything. */
  readonly #flows: Flows | undefined;
  readonly #keyLow: number;
  readonly #keyHigh: number;
  #amounts: Amounts;
  #plan: Plan;
  #enabled: boolean;

  /** `host` and the segment's name choose its stream of random numbers; `links` is what is set of the host's. */
  constructor(config: SegmentConfig, seed: number, host: string, nowMs = 0, links: LinkSettings = new Map()) {
    this.config = config;
    const { uplink } = config;
    this.bond = uplink?.bond && new Bond(uplink, nowMs, links);
    this.#nic = uplink && !uplink.bond ? new Uplink(uplink, nowMs, links.get(uplink.name)) : undefined;
    this.#enabled = links.get(config.name)?.enabled ?? true;
    this.uplink = this.bond ?? this.#nic;
    if (uplink?.bond && uplink.bond.mode !== 'active-backup')
      this.#flows = new Flows(uplink.bond.hashPolicy, streamKey(seed, 'flows', host, config.name));
    const key = streamKey(seed, 'segment', host, config.name);
    this.#keyLow = lowWord(key);
    this.#keyHigh = highWord(key);
    this.#amounts = Object.fromEntries(
      [...STOCKS, ...TOTALS, 'given', 'arrived'].map((name) => [name, { frames: 0, bytes: 0 }]),
    ) as Amounts;
    this.#plan = {
      ...{ epoch: 0, phase: 0, weight: 0, local: 0, localBytes: 0, unsummed: 0, frames: 0, outside: 0 },
      ...{ bytes: 0, outsideBytes: 0, tcpScale: 1, unsummedStock: 0, tcpOctets: 0, udpOctets: 0 },
      ...{ sent: 0, sentBytes: 0, endMs: 0 },
    };
  }

  /** Whether guests here reach each other without the uplink. */
  get deliversLocally(): boolean {
    return this.config.kind === 'bridge' || this.config.kind === 'macvtap-bridge';
  }

  /** How far TCP of a port towards the uplink has to slow down in the present span: 1 for not at all. */
  tcpScale(port: number): number {
    return this.#flows ? this.#flows.tcpScale(port) : this.#plan.tcpScale;
  }

  /**
   * Sets what is given of the link of a NIC of its uplink; whoever does it has all guests planned anew at once.
   *
   * While no link is up, guests here go on to reach each other. What waits for the line when the link goes down is
   * lost by an error; what comes later is dropped, but for TCP, which waits in its guests; nothing comes in.
   */
  setLink(nic: string, setting: LinkSetting, nowMs: number): void {
    for (const each of this.uplink?.nics ?? []) if (each.config.name === nic) each.set(setting, nowMs);
    this.bond?.watch(nowMs);
  }

  /** Whether the host has the bridge on; one that is off takes what its ports send, and gives nothing out. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** Has the bridge on or off from the next span on; whoever does it has all guests planned anew at once. */
  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** Makes a port for a NIC; it gets its first frames in the next span. */
  plug(): number {
    return this.#ports.add(this.#plan.epoch);
  }

  /** Gives a port up. What its guest sent must have been collected; what was on the way to it is lost. */
  unplug(port: number): void {
    this.#ports.remove(port);
  }

  /**
   * Says what a port asks of the coming span; once for each port that is up, before {@link shareOut}.
   *
   * `weight` is its part in what neighbours send; `frames` and `bytes` are what the outside world has for it.
   * `tcpOctets` and `udpOctets` are what its guest wants to send over the line, with {@link LINE_OVERHEAD}.
   * All are whole numbers, whose sums do not depend on the order of the ports.
   */
  ask(
    port: number,
    weight: number,
    frames: number,
    bytes: number,
    tcpOctets: number,
    udpOctets: number,
  ): void {
    this.#ports.ask(port, weight, frames, bytes);
    if (this.#flows) this.#flows.ask(port, tcpOctets, udpOctets, bytes + LINE_OVERHEAD * frames);
    this.#plan.tcpOctets += tcpOctets;
    this.#plan.udpOctets += udpOctets;
  }

  /** Takes what a guest has sent; `unsummed` of the local frames carry no checksum yet. */
  give(frames: number, bytes: number, localFrames: number, localBytes: number, unsummed: number): void {
    const { local, out, fromGuests } = this.#amounts;
    move(undefined, local, localFrames, localBytes);
    move(undefined, out, frames - localFrames, bytes - localBytes);
    move(undefined, fromGuests, frames, bytes);
    this.#plan.unsummedStock += unsummed;
  }

  /** Notes what of a port's share has really arrived at its guest's tap. */
  arrived(frames: number, bytes: number): void {
    move(undefined, this.#amounts.arrived, frames, bytes);
    move(undefined, this.#amounts.toGuests, frames, bytes);
  }

  /** Ends the present span, and plans the coming one from what all ports asked and gave. */
  shareOut(nowMs: number, spanMs: number): void {
    const plan = this.#plan;
    const isCut = nowMs < plan.endMs;
    if (isCut) this.#cutLine(nowMs);
    this.uplink?.begin(nowMs, spanMs);
    this.#endSpan(isCut);
    plan.endMs = nowMs + spanMs;
    plan.epoch++;
    plan.phase = wordNoise(this.#keyLow, this.#keyHigh, plan.epoch);
    plan.weight = this.#ports.total('weight');
    this.#route();
    this.#send(spanMs);
    this.#receive(spanMs);
    this.#giveLocal();
    const { given } = this.#amounts;
    given.frames = plan.local + plan.outside;
    given.bytes = plan.localBytes + plan.outsideBytes;
    this.#slowTcp(spanMs);
  }

  /** Puts what a port gets in the present span into {@link arrival}; nothing when it was taken before. */
  claim(port: number): void {
    const { arrival } = this;
    const ports = this.#ports;
    const { epoch, phase, weight, local, localBytes, unsummed, frames, outside, bytes, outsideBytes } =
      this.#plan;
    if (!ports.claim(port, epoch)) {
      arrival.frames = 0;
      arrival.bytes = 0;
      arrival.external = 0;
      arrival.unsummed = 0;
      return;
    }
    const from = ports.first('weight', port, weight, local, phase);
    const to = ports.first('weight', port + 1, weight, local, phase);
    const external =
      ports.first('frames', port + 1, frames, outside, phase) -
      ports.first('frames', port, frames, outside, phase);
    const fromOutside =
      ports.first('bytes', port + 1, bytes, outsideBytes, phase) -
      ports.first('bytes', port, bytes, outsideBytes, phase);
    const reflected = this.deliversLocally ? 0 : to - from;
    arrival.frames = to - from + external;
    arrival.bytes = fromOutside + partOf(localBytes, to, local) - partOf(localBytes, from, local);
    arrival.external = external + reflected;
    arrival.unsummed = partOf(unsummed, to, local) - partOf(unsummed, from, local);
  }

  /** Frames and octets of a total since the segment began, as of the last settled instant of each guest. */
  total(name: SegmentTotal): Readonly<Amount> {
    return { ...this.#amounts[name] };
  }

  /** Frames and octets that are neither with a guest nor outside nor lost. */
  inFlight(): Readonly<Amount> {
    const sum = { frames: 0, bytes: 0 };
    for (const name of STOCKS) move(undefined, sum, this.#amounts[name].frames, this.#amounts[name].bytes);
    const { given, arrived } = this.#amounts;
    move(undefined, sum, given.frames - arrived.frames, given.bytes - arrived.bytes);
    return sum;
  }

  /** A copy of everything, for {@link restore}. */
  snapshot(): SegmentRecord {
    return {
      amounts: copyAmounts(this.#amounts),
      plan: { ...this.#plan },
      ports: this.#ports.snapshot(),
      line: this.bond ? this.bond.snapshot() : this.#nic?.snapshot(),
      flows: this.#flows?.snapshot(),
      enabled: this.#enabled,
    };
  }

  /** Puts everything back as it was. */
  restore(record: SegmentRecord): void {
    this.#amounts = copyAmounts(record.amounts);
    this.#plan = { ...record.plan };
    this.#ports.restore(record.ports);
    this.#enabled = record.enabled;
    if (record.line) this.bond?.restore(record.line as BondRecord);
    if (record.line) this.#nic?.restore(record.line as UplinkRecord);
    if (record.flows) this.#flows?.restore(record.flows);
  }

  /** The span ends before its time: what the line was still to carry has not been sent, and has not come. */
  #cutLine(nowMs: number): void {
    const { uplink } = this;
    if (!uplink) return;
    const { out, toOutside, fromOutside, given } = this.#amounts;
    const { sent, sentBytes, outside, outsideBytes } = this.#plan;
    const left = (counter: 'txFrames' | 'txBytes' | 'rxFrames' | 'rxBytes', most: number): number =>
      Math.min(most, uplink.left(counter, nowMs));
    move(toOutside, out, left('txFrames', sent), left('txBytes', sentBytes));
    const frames = left('rxFrames', outside);
    const bytes = left('rxBytes', outsideBytes);
    move(fromOutside, { frames: 0, bytes: 0 }, frames, bytes);
    move(given, { frames: 0, bytes: 0 }, frames, bytes);
  }

  #endSpan(isCut: boolean): void {
    const { given, arrived, sentReflect, returning, switchDropped, lost, local } = this.#amounts;
    const frames = given.frames - arrived.frames;
    const bytes = given.bytes - arrived.bytes;
    // A guest that stopped in the span left its share lying; in one that was cut short the others had no time for theirs.
    const stays = isCut && this.deliversLocally && frames >= 0 && bytes >= 0;
    move(undefined, stays ? local : lost, frames, bytes);
    arrived.frames = 0;
    arrived.bytes = 0;
    given.frames = 0;
    given.bytes = 0;
    move(
      sentReflect,
      this.config.reflects && this.uplink?.up ? returning : switchDropped,
      sentReflect.frames,
      sentReflect.bytes,
    );
  }

  /** Sends local frames where this kind of segment has them go; without a receiver here a bridge floods. */
  #route(): void {
    const { local, out, reflect, switchDropped, lost } = this.#amounts;
    const { kind } = this.config;
    if (!this.#enabled) {
      for (const stock of [local, out, reflect]) move(stock, switchDropped, stock.frames, stock.bytes);
      this.#plan.unsummedStock = 0;
      return;
    }
    if (!this.deliversLocally) {
      move(local, kind === 'macvtap-passthrough' ? out : reflect, local.frames, local.bytes);
      this.#plan.unsummedStock = 0;
    } else if (this.#plan.weight === 0 || this.#ports.count < 2) {
      move(local, out, local.frames, local.bytes);
      this.#plan.unsummedStock = 0;
    }
    if (this.uplink) return;
    move(out, lost, out.frames, out.bytes);
    move(reflect, lost, reflect.frames, reflect.bytes);
  }

  /** Octets that a NIC carries in a span, in one direction. */
  #capacity(nic: Uplink, spanMs: number): number {
    return this.#enabled && nic.up ? lineOctets(nic.lineRate, spanMs) : 0;
  }

  #send(spanMs: number): void {
    const { uplink } = this;
    if (!uplink) return;
    const plan = this.#plan;
    const { out, reflect, toOutside, sentReflect, lineDropped } = this.#amounts;
    const { frames: before, bytes: bytesBefore } = toOutside;
    const lanes = uplink.txLanes;
    const weights = this.#flows ? this.#flows.sent(lanes.length) : lanes.map(() => 1);
    const outs = split(out, weights);
    const reflects = split(reflect, weights);
    for (const stock of [out, reflect]) {
      stock.frames = 0;
      stock.bytes = 0;
    }
    lanes.forEach((nic, lane) => {
      const ways = [
        [outs[lane]!, toOutside],
        [reflects[lane]!, sentReflect],
      ] as const;
      sendOn(nic, ways, this.#capacity(nic, spanMs), lineDropped);
      // What still waits is dealt anew with the next span.
      move(undefined, out, outs[lane]!.frames, outs[lane]!.bytes);
      move(undefined, reflect, reflects[lane]!.frames, reflects[lane]!.bytes);
    });
    plan.sent = toOutside.frames - before;
    plan.sentBytes = toOutside.bytes - bytesBefore;
  }

  #receive(spanMs: number): void {
    const plan = this.#plan;
    const { returning, local, fromOutside, switchDropped } = this.#amounts;
    const lanes = this.#enabled ? (this.uplink?.rxLanes ?? []) : [];
    const returns = split(
      returning,
      lanes.map(() => 1),
    );
    const left = lanes.map((nic, lane) => {
      const { frames, bytes } = returns[lane]!;
      return Math.max(0, this.#capacity(nic, spanMs) - bytes - LINE_OVERHEAD * frames);
    });
    const weights = this.#limit(left);
    plan.frames = this.#ports.total('frames');
    plan.bytes = this.#ports.total('bytes');
    plan.outside = 0;
    plan.outsideBytes = 0;
    if (lanes.length === 0) {
      move(returning, switchDropped, returning.frames, returning.bytes);
      return;
    }
    const wanted = plan.bytes + LINE_OVERHEAD * plan.frames;
    const most = left.reduce((sum, octets) => sum + octets, 0);
    const share = wanted > most ? most / wanted : 1;
    const outside = { frames: Math.floor(plan.frames * share), bytes: Math.floor(plan.bytes * share) };
    split(outside, weights).forEach((part, lane) => {
      receiveOn(lanes[lane]!, part, returns[lane]!);
      plan.outside += part.frames;
      plan.outsideBytes += part.bytes;
    });
    move(undefined, fromOutside, plan.outside, plan.outsideBytes);
    move(returning, local, returning.frames, returning.bytes);
  }

  /**
   * Has ports ask less of the world outside whose flows come in on a slave that cannot carry all of them.
   *
   * `left`: octets that each slave can carry. Returns those that it is to carry, in proportion.
   */
  #limit(left: readonly number[]): number[] {
    const flows = this.#flows;
    if (!flows || left.length === 0) return [...left];
    const wanted = flows.wanted(left.length);
    const factors = wanted.map((octets, lane) => (octets > left[lane]! ? left[lane]! / octets : 1));
    if (factors.some((factor) => factor < 1)) this.#ports.limit((port) => flows.meanOf(port, factors));
    return wanted.map((octets, lane) => octets * factors[lane]!);
  }

  /** Decides how far TCP has to slow down in the span that begins. */
  #slowTcp(spanMs: number): void {
    const plan = this.#plan;
    const capacities = (this.uplink?.txLanes ?? []).map((nic) => this.#capacity(nic, spanMs));
    this.#flows?.plan(capacities);
    const capacity = capacities.reduce((sum, octets) => sum + octets, 0);
    plan.tcpScale = plan.tcpOctets > 0 ? clamp01((capacity - plan.udpOctets) / plan.tcpOctets) : 1;
    plan.tcpOctets = 0;
    plan.udpOctets = 0;
  }

  /** Makes the local stock what is given out now; nobody being there to take it, it is lost. */
  #giveLocal(): void {
    const plan = this.#plan;
    const { local, lost } = this.#amounts;
    plan.local = 0;
    plan.localBytes = 0;
    plan.unsummed = 0;
    if (plan.weight === 0) {
      move(local, lost, local.frames, local.bytes);
      return;
    }
    if (local.frames === 0) return;
    plan.local = local.frames;
    plan.localBytes = local.bytes;
    plan.unsummed = Math.min(plan.unsummedStock, local.frames);
    plan.unsummedStock = 0;
    local.frames = 0;
    local.bytes = 0;
  }
}
