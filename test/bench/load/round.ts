import { cpuTimeOf } from '../process-usage.ts';
import { type Histogram, histogramOf, percentile } from '../statistics.ts';
import { DatagramDescriptor } from './datagram-descriptor.ts';
import { CommunityDialect, type Dialect } from './dialect.ts';
import type { Instances } from './instances.ts';
import { isAfter, startsWith } from './oid-octets.ts';
import type { RequestShape } from './request-template.ts';
import { ResponseReader } from './response-reader.ts';
import { type UserCredentials, V3Dialect } from './v3-dialect.ts';
import { Window } from './window.ts';

/** Tag of a Response PDU (RFC 3416 section 3). */
const RESPONSE = 0xa2;
/** Tag of endOfMibView; it and all above are no values (RFC 3416 section 3). */
const END_OF_MIB_VIEW = 0x82;
const FIRST_EXCEPTION = 0x80;
const LOSS_CHECK_MS = 500;

/** One round of load. */
export interface RoundOptions extends RequestShape {
  /** Who asks: with SNMPv2c a community, with SNMPv3 a user. */
  readonly as: string | UserCredentials;
  /** What answers: an agent's responses are followed and checked, an echo's only matched. */
  readonly target: 'agent' | 'echo';
  readonly port: number;
  /** Process whose CPU time is measured. */
  readonly serverPid: number;
  /** Requests in flight, 1 to 4,096. */
  readonly window: number;
  readonly durationMs: number;
  /** Ends earlier, once so many walks from the root to the end are done. */
  readonly walks?: number;
  /** Walkers start evenly spread over the instances; otherwise all before the first. */
  readonly spread: boolean;
}

/** What one round came to. Errors and disorder are 0 when all is well. */
export interface RoundResult {
  readonly requests: number;
  readonly varbinds: number;
  readonly seconds: number;
  /** Latency in microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The latencies in a form in which those of several rounds can be added up. */
  readonly histogram: Histogram;
  readonly lost: number;
  /** Responses that were malformed or not authentic, had an error-status, an exception to GET, or another name than asked for. */
  readonly errors: number;
  /** Names that did not come after the one before. */
  readonly disorder: number;
  /** Walks from the first instance to the end, and those among them that missed instances. */
  readonly walks: number;
  readonly shortWalks: number;
  /** CPU time of the server and of the generator during the round, in seconds. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
}

/**
 * Keeps a window of requests in flight for a while, and counts what comes back.
 *
 * GET goes over all instances in turn. The window of GETNEXT and GETBULK is that many independent walkers,
 * which follow the names returned and start again at `root` when they are at the end. An echo gets requests
 * for all instances in turn, so datagrams of the same size.
 */
export async function runRound(
  options: RoundOptions,
  root: Uint8Array,
  instances: Instances,
): Promise<RoundResult> {
  const socket = await DatagramDescriptor.connect(options.port);
  try {
    const { as } = options;
    const dialect =
      typeof as === 'string' ? new CommunityDialect(options, as) : V3Dialect.connect(socket, as, options);
    return new Round(options, root, instances, socket, dialect).run();
  } finally {
    socket.close();
  }
}

class Round {
  readonly #options: RoundOptions;
  readonly #root: Uint8Array;
  readonly #instances: Instances;
  readonly #socket: DatagramDescriptor;
  readonly #dialect: Dialect;
  readonly #window: Window;
  readonly #buffer = new Uint8Array(65_536);
  readonly #response = new ResponseReader(this.#buffer);
  readonly #walks: boolean;
  /** Rows each walker has seen since it was at the root; -1 for one that started in the middle. */
  readonly #rows: Int32Array;
  readonly #latencies: number[] = [];
  #nextInstance = 0;
  #requests = 0;
  #varbinds = 0;
  #errors = 0;
  #disorder = 0;
  #wholeWalks = 0;
  #shortWalks = 0;

  constructor(
    options: RoundOptions,
    root: Uint8Array,
    instances: Instances,
    socket: DatagramDescriptor,
    dialect: Dialect,
  ) {
    this.#options = options;
    this.#root = root;
    this.#instances = instances;
    this.#socket = socket;
    this.#dialect = dialect;
    this.#window = new Window(options.window, dialect, socket);
    this.#walks = options.target === 'agent' && options.kind !== 'GET';
    this.#rows = new Int32Array(options.window).fill(-1);
  }

  run(): RoundResult {
    const { durationMs, walks = Number.POSITIVE_INFINITY, serverPid, spread } = this.#options;
    const window = this.#window;
    const cpuBefore = process.cpuUsage();
    const serverCpuBefore = cpuTimeOf(serverPid);
    const start = performance.now();
    for (let slot = 0; slot < window.size; slot++) {
      if (!this.#walks) this.#nameInstance(slot, this.#nextInstance++ % this.#instances.count);
      else if (spread) this.#nameInstance(slot, Math.floor((slot * this.#instances.count) / window.size));
      else this.#startWalk(slot);
      window.send(slot);
    }
    let now = start;
    let nextCheck = start + LOSS_CHECK_MS;
    while (now < start + durationMs && this.#wholeWalks < walks) {
      const length = this.#socket.receive(this.#buffer);
      now = performance.now();
      if (length >= 0) this.#take(length, now);
      if (now > nextCheck) {
        window.sendLostAgain(now);
        nextCheck = now + LOSS_CHECK_MS;
      }
    }
    const serverCpu = cpuTimeOf(serverPid) - serverCpuBefore;
    const cpu = process.cpuUsage(cpuBefore);
    this.#latencies.sort((a, b) => a - b);
    return {
      requests: this.#requests,
      varbinds: this.#varbinds,
      seconds: (now - start) / 1000,
      p50: percentile(this.#latencies, 0.5),
      p99: percentile(this.#latencies, 0.99),
      histogram: histogramOf(this.#latencies),
      lost: window.lost,
      errors: this.#errors,
      disorder: this.#disorder,
      walks: this.#wholeWalks,
      shortWalks: this.#shortWalks,
      serverCpu,
      generatorCpu: (cpu.user + cpu.system) / 1e6,
    };
  }

  #take(length: number, now: number): void {
    const response = this.#response;
    if (!this.#dialect.open(response, length)) {
      this.#errors++;
      return;
    }
    const slot = this.#window.slotOf(response.requestId);
    if (slot < 0) return;
    this.#requests++;
    this.#latencies.push((now - this.#window.sentAt(slot)) * 1000);
    if (this.#options.target === 'agent') {
      if (response.pduTag !== RESPONSE || response.errorStatus !== 0) this.#errors++;
      if (this.#walks) this.#follow(slot);
      else this.#checkGet(slot);
    }
    if (!this.#walks) this.#nameInstance(slot, this.#nextInstance++ % this.#instances.count);
    this.#window.send(slot);
  }

  #checkGet(slot: number): void {
    const window = this.#window;
    const response = this.#response;
    const at = window.nameAt(slot);
    const fits =
      response.next() &&
      response.valueTag < FIRST_EXCEPTION &&
      response.oidLength === window.nameLength(slot) &&
      startsWith(
        response.bytes,
        response.oidAt,
        response.oidLength,
        window.names.subarray(at, at + response.oidLength),
      ) &&
      !response.next();
    if (fits) this.#varbinds++;
    else this.#errors++;
  }

  /** Goes on behind the last name of a response, or back to the root when the walk is at its end. */
  #follow(slot: number): void {
    const window = this.#window;
    const response = this.#response;
    const at = window.nameAt(slot);
    let seen = 0;
    let lastAt = at;
    let lastLength = window.nameLength(slot);
    let last = window.names;
    let done = false;
    while (!done && response.next()) {
      const { oidAt, oidLength } = response;
      if (
        response.valueTag === END_OF_MIB_VIEW ||
        !startsWith(response.bytes, oidAt, oidLength, this.#root)
      ) {
        done = true;
      } else if (!isAfter(response.bytes, oidAt, oidLength, last, lastAt, lastLength)) {
        this.#disorder++;
        done = true;
      } else {
        last = response.bytes;
        lastAt = oidAt;
        lastLength = oidLength;
        seen++;
      }
    }
    if (!response.sound) this.#errors++;
    this.#varbinds += seen;
    if (this.#rows[slot]! >= 0) this.#rows[slot]! += seen;
    if (done || seen === 0) this.#endWalk(slot);
    else window.setName(slot, last, lastAt, lastLength);
  }

  #endWalk(slot: number): void {
    const rows = this.#rows[slot]!;
    if (rows >= 0) {
      this.#wholeWalks++;
      if (rows !== this.#instances.count) this.#shortWalks++;
    }
    this.#startWalk(slot);
  }

  #startWalk(slot: number): void {
    this.#rows[slot] = 0;
    this.#window.setName(slot, this.#root, 0, this.#root.length);
  }

  #nameInstance(slot: number, index: number): void {
    const { bytes, offsets } = this.#instances;
    const at = offsets[index]!;
    this.#window.setName(slot, bytes, at, offsets[index + 1]! - at);
  }
}
