import { highWord, lowWord, streamKey, wordNoise } from '../../util/random.ts';
import type { SegmentConfig } from './net-config.ts';
import { type PortRecord, PortTable } from './port-table.ts';
import { type LinkSetting, Uplink, type UplinkRecord } from './uplink.ts';
import { LINE_OVERHEAD, lineOctets } from './wire.ts';

/** Frames with their octets: whole numbers. */
export interface Amount {
  frames: number;
  bytes: number;
}

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
  multicastCarry: number;
  corruptCarry: number;
  fcsCarry: number;
  /** What of the present span's frames goes to the world outside. */
  sent: number;
  sentBytes: number;
  endMs: number;
  /** Frames that the latest span left waiting for the line; and those of them that a link going down takes. */
  queued: number;
  errors: number;
}

/** A copy of a {@link Segment}. */
export interface SegmentRecord {
  readonly amounts: Amounts;
  readonly plan: Plan;
  readonly ports: PortRecord;
  readonly uplink: UplinkRecord | undefined;
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
  readonly uplink: Uplink | undefined;
  /** What {@link claim} found; overwritten by the next one. */
  readonly arrival: Arrival = { frames: 0, bytes: 0, external: 0, unsummed: 0 };
  readonly #ports = new PortTable();
  readonly #keyLow: number;
  readonly #keyHigh: number;
  #amounts: Amounts;
  #plan: Plan;
  #enabled = true;

  /** `host` and the segment's name choose its stream of random numbers. */
  constructor(config: SegmentConfig, seed: number, host: string, nowMs = 0) {
    this.config = config;
    this.uplink = config.uplink && new Uplink(nowMs);
    const key = streamKey(seed, 'segment', host, config.name);
    this.#keyLow = lowWord(key);
    this.#keyHigh = highWord(key);
    this.#amounts = Object.fromEntries(
      [...STOCKS, ...TOTALS, 'given', 'arrived'].map((name) => [name, { frames: 0, bytes: 0 }]),
    ) as Amounts;
    this.#plan = {
      ...{ epoch: 0, phase: 0, weight: 0, local: 0, localBytes: 0, unsummed: 0, frames: 0, outside: 0 },
      ...{ bytes: 0, outsideBytes: 0, tcpScale: 1, unsummedStock: 0, tcpOctets: 0, udpOctets: 0 },
      ...{ multicastCarry: 0, corruptCarry: 0, fcsCarry: 0, sent: 0, sentBytes: 0, endMs: 0 },
      ...{ queued: 0, errors: 0 },
    };
  }

  /** Whether guests here reach each other without the uplink. */
  get deliversLocally(): boolean {
    return this.config.kind === 'bridge' || this.config.kind === 'macvtap-bridge';
  }

  /** How far TCP towards the uplink has to slow down in the present span: 1 for not at all. */
  get tcpScale(): number {
    return this.#plan.tcpScale;
  }

  /**
   * Sets what is given of the link of its uplink; whoever does it has all guests planned anew at once.
   *
   * While it is down, guests here go on to reach each other. What waits for the line when the link goes down is lost by an error; what
   * comes later is dropped, but for TCP, which waits in its guests; nothing comes in.
   */
  setUplink(setting: LinkSetting, nowMs: number): void {
    const { uplink } = this;
    if (!uplink) return;
    const was = uplink.up;
    uplink.set(setting, nowMs);
    if (uplink.up !== was) this.#plan.errors = was ? this.#plan.queued : 0;
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
    plan.frames = this.#ports.total('frames');
    plan.bytes = this.#ports.total('bytes');
    this.#route();
    const capacity = this.#enabled && this.uplink?.up ? lineOctets(this.config.uplink!.lineRate, spanMs) : 0;
    this.#send(capacity);
    this.#receive(capacity);
    this.#giveLocal();
    const { given } = this.#amounts;
    given.frames = plan.local + plan.outside;
    given.bytes = plan.localBytes + plan.outsideBytes;
    plan.tcpScale = plan.tcpOctets > 0 ? clamp01((capacity - plan.udpOctets) / plan.tcpOctets) : 1;
    plan.tcpOctets = 0;
    plan.udpOctets = 0;
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
      uplink: this.uplink?.snapshot(),
      enabled: this.#enabled,
    };
  }

  /** Puts everything back as it was. */
  restore(record: SegmentRecord): void {
    this.#amounts = copyAmounts(record.amounts);
    this.#plan = { ...record.plan };
    this.#ports.restore(record.ports);
    this.#enabled = record.enabled;
    if (record.uplink) this.uplink?.restore(record.uplink);
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

  #send(capacity: number): void {
    const { config, uplink } = this;
    const plan = this.#plan;
    if (!config.uplink || !uplink) return;
    const { out, reflect, toOutside, sentReflect, lineDropped } = this.#amounts;
    const waiting = out.bytes + reflect.bytes + LINE_OVERHEAD * (out.frames + reflect.frames);
    const share = waiting > capacity ? capacity / waiting : 1;
    const before = toOutside.frames;
    const bytesBefore = toOutside.bytes;
    for (const [stock, sent] of [
      [out, toOutside],
      [reflect, sentReflect],
    ] as const) {
      const frames = Math.floor(stock.frames * share);
      const bytes = Math.floor(stock.bytes * share);
      move(stock, sent, frames, bytes);
      uplink.plan('txFrames', frames);
      uplink.plan('txBytes', bytes);
    }
    plan.sent = toOutside.frames - before;
    plan.sentBytes = toOutside.bytes - bytesBefore;
    const room = uplink.up ? config.uplink.queueFrames : 0;
    const surplus = out.frames + reflect.frames - room;
    plan.queued = Math.min(room, room + surplus);
    if (surplus <= 0) return;
    const keep = room / (surplus + room);
    for (const stock of [out, reflect]) {
      const frames = stock.frames - Math.floor(stock.frames * keep);
      const bytes = stock.bytes - Math.floor(stock.bytes * keep);
      move(stock, lineDropped, frames, bytes);
      const errors = Math.min(plan.errors, frames);
      plan.errors -= errors;
      uplink.plan('txErrors', errors);
      uplink.plan('txDropped', frames - errors);
      uplink.plan('txDroppedBytes', partOf(bytes, frames - errors, frames));
    }
  }

  #receive(capacity: number): void {
    const plan = this.#plan;
    const { config, uplink } = this;
    plan.outside = 0;
    plan.outsideBytes = 0;
    if (!config.uplink || !uplink) return;
    const { returning, local, fromOutside, switchDropped } = this.#amounts;
    if (!uplink.up || !this.#enabled) {
      move(returning, switchDropped, returning.frames, returning.bytes);
      return;
    }
    const left = Math.max(0, capacity - returning.bytes - LINE_OVERHEAD * returning.frames);
    const wanted = plan.bytes + LINE_OVERHEAD * plan.frames;
    const share = wanted > left ? left / wanted : 1;
    plan.outside = Math.floor(plan.frames * share);
    plan.outsideBytes = Math.floor(plan.bytes * share);
    if (config.uplink.fcsErrorShare > 0) this.#throwAway(config.uplink.fcsErrorShare, uplink);
    const frames = plan.outside + returning.frames;
    uplink.plan('rxFrames', frames);
    uplink.plan('rxBytes', plan.outsideBytes + returning.bytes);
    move(undefined, fromOutside, plan.outside, plan.outsideBytes);
    move(returning, local, returning.frames, returning.bytes);
    const multicast = plan.outside * config.uplink.multicastShare + plan.multicastCarry;
    plan.multicastCarry = multicast - Math.floor(multicast);
    uplink.plan('rxMulticast', Math.floor(multicast));
    if (!config.uplink.rxChecksum) return;
    const corrupt = plan.outside * config.uplink.corruptShare + plan.corruptCarry;
    plan.corruptCarry = corrupt - Math.floor(corrupt);
    uplink.plan('rxChecksumErrors', Math.floor(corrupt));
  }

  /** Frames that were damaged on the line have taken their time there, and go no further. */
  #throwAway(share: number, uplink: Uplink): void {
    const plan = this.#plan;
    const damaged = Math.min(plan.outside, plan.outside * share + plan.fcsCarry);
    const frames = Math.floor(damaged);
    plan.fcsCarry = damaged - frames;
    const bytes = partOf(plan.outsideBytes, frames, plan.outside);
    plan.outside -= frames;
    plan.outsideBytes -= bytes;
    uplink.plan('rxErrors', frames);
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

function move(from: Amount | undefined, to: Amount, frames: number, bytes: number): void {
  if (from) {
    from.frames -= frames;
    from.bytes -= bytes;
  }
  to.frames += frames;
  to.bytes += bytes;
}

/** The part of `amount` that belongs to the first `count` of `total` frames. */
function partOf(amount: number, count: number, total: number): number {
  return count === 0 ? 0 : Math.floor(amount * (count / total));
}

function copyAmounts(amounts: Amounts): Amounts {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [name, { ...amount }]),
  ) as Amounts;
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
