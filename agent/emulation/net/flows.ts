import { highWord, lowWord, wordNoise } from '../../util/random.ts';
import type { HashPolicy } from './bond-config.ts';

/** Values of a hash; each number of slaves up to 8 divides them. */
const BUCKETS = 840;
/**
 * Flows of one guest's NIC that a hash tells apart, of equal size (assumed). layer2: all goes to the router's
 * address. layer2+3: addresses that it talks to. layer3+4: connections, so many that they are spread evenly.
 */
const FLOWS: Readonly<Record<HashPolicy, number>> = { layer2: 1, 'layer2+3': 8, 'layer3+4': 0 };

/** Octets by the value of their flow's hash; those of flows without number are in `even`. */
interface Demand {
  readonly buckets: Float64Array;
  even: number;
}

/** What flows ask of a line in one span, and what of it the span before let through. */
interface Demands {
  readonly tcp: Demand;
  readonly udp: Demand;
  /** What the world outside has for guests. */
  readonly rx: Demand;
  /** What was let through to be sent. */
  readonly sent: Demand;
}

/** A copy of {@link Flows}. */
export interface FlowsRecord {
  readonly demands: Demands;
  readonly scales: readonly number[];
}

/**
 * How the flows of a segment's guests spread over the slaves of a bond that hashes.
 *
 * A flow has one hash as long as its port is plugged, and its slave is that modulo the number of slaves in use: as
 * with Linux, all flows are dealt anew when a slave comes or goes. So an unlucky pair shares one slave while
 * another is idle.
 */
export class Flows {
  readonly #count: number;
  readonly #keyLow: number;
  readonly #keyHigh: number;
  #demands: Demands = { tcp: demand(), udp: demand(), rx: demand(), sent: demand() };
  #scales: readonly number[] = [1];
  /** The hash of each flow of each port. */
  #buckets = new Uint16Array(0);

  /** `key`: of the stream of hashes. */
  constructor(policy: HashPolicy, key: number) {
    this.#count = FLOWS[policy];
    this.#keyLow = lowWord(key);
    this.#keyHigh = highWord(key);
  }

  /** Adds what a port asks of the coming span, in octets on the line. */
  ask(port: number, tcp: number, udp: number, rx: number): void {
    this.#add(this.#demands.tcp, port, tcp);
    this.#add(this.#demands.udp, port, udp);
    this.#add(this.#demands.rx, port, rx);
  }

  /** The octets that each of `lanes` slaves was to send in the span that has passed, in proportion. */
  sent(lanes: number): number[] {
    return dealt(this.#demands.sent, lanes);
  }

  /** The octets that the world outside has for the coming span on each of `lanes` slaves. */
  wanted(lanes: number): number[] {
    return dealt(this.#demands.rx, lanes);
  }

  /** Decides how far TCP has to slow down on each slave, which carry so many octets in the coming span. */
  plan(capacities: readonly number[]): void {
    const { tcp, udp, rx, sent } = this.#demands;
    const lanes = capacities.length;
    const tcpOf = dealt(tcp, lanes);
    const udpOf = dealt(udp, lanes);
    this.#scales = capacities.map((capacity, lane) =>
      tcpOf[lane]! > 0 ? Math.min(1, Math.max(0, (capacity - udpOf[lane]!) / tcpOf[lane]!)) : 1,
    );
    sent.even = udp.even + tcp.even * mean(this.#scales);
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      sent.buckets[bucket] = udp.buckets[bucket]! + tcp.buckets[bucket]! * this.#scales[bucket % lanes]!;
    for (const each of [tcp, udp, rx]) {
      each.even = 0;
      each.buckets.fill(0);
    }
  }

  /** How far TCP of a port has to slow down in the present span: 1 for not at all. */
  tcpScale(port: number): number {
    return this.meanOf(port, this.#scales);
  }

  /** The mean over a port's flows of what is so for each slave. */
  meanOf(port: number, values: readonly number[]): number {
    if (this.#count === 0) return mean(values);
    let sum = 0;
    for (let flow = 0; flow < this.#count; flow++) sum += values[this.#bucket(port, flow) % values.length]!;
    return sum / this.#count;
  }

  /** A copy of everything, for {@link restore}. */
  snapshot(): FlowsRecord {
    return { demands: copyDemands(this.#demands), scales: this.#scales };
  }

  /** Puts everything back as it was. */
  restore({ demands, scales }: FlowsRecord): void {
    this.#demands = copyDemands(demands);
    this.#scales = scales;
  }

  #add(to: Demand, port: number, octets: number): void {
    if (octets === 0) return;
    if (this.#count === 0) to.even += octets;
    for (let flow = 0; flow < this.#count; flow++)
      // A power of 2 divides without rounding: the sums do not depend on the order of the ports.
      to.buckets[this.#bucket(port, flow)]! += octets / this.#count;
  }

  #bucket(port: number, flow: number): number {
    const number = port * this.#count + flow;
    if (number >= this.#buckets.length) this.#deal(2 * number + 1);
    return this.#buckets[number]!;
  }

  /** Draws the hashes of the first so many flows. */
  #deal(count: number): void {
    this.#buckets = Uint16Array.from({ length: count }, (_, number) =>
      Math.floor(BUCKETS * wordNoise(this.#keyLow, this.#keyHigh, number)),
    );
  }
}

function demand(): Demand {
  return { buckets: new Float64Array(BUCKETS), even: 0 };
}

/** A demand's octets on each of `lanes` slaves. */
function dealt({ buckets, even }: Demand, lanes: number): number[] {
  const sums = new Array<number>(lanes).fill(even / lanes);
  for (let bucket = 0; bucket < BUCKETS; bucket++) sums[bucket % lanes]! += buckets[bucket]!;
  return sums;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function copyDemands({ tcp, udp, rx, sent }: Demands): Demands {
  const copy = ({ buckets, even }: Demand): Demand => ({ buckets: buckets.slice(), even });
  return { tcp: copy(tcp), udp: copy(udp), rx: copy(rx), sent: copy(sent) };
}
