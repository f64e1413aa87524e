import type { Bench } from '../measure.ts';
import { percentile } from '../statistics.ts';
import { pause } from './asked.ts';
import { type Sinks, withProgram } from './program.ts';

const GUESTS = 1000;
const EVENTS = 1000;
/** Events before those that are measured: the first ones wait for the compiler. */
const WARM_UP_EVENTS = 200;
/** Between an event and the bare datagram that follows it, and between that and the next event. */
const EVERY_MS = 3;
/** Time in which what was sent last arrives. */
const SETTLE_MS = 300;

/** Middle and p99 in ms. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

/** How soon a notification leaves, outside of storms. */
export interface LatencyFigures {
  readonly events: number;
  /** From the event to the handler of the receiver, in another process. */
  readonly total: Spread;
  /** The part of it until the operating system has the datagram: the agent's own. */
  readonly own: Spread;
  /** The CPU time of that part, which other programs do not lengthen. */
  readonly ownCpu: Spread;
  /** What a bare datagram of the same process takes to the same receiver, sent between each two events. */
  readonly bare: Spread;
  /** Events whose notification did not arrive. */
  readonly lost: number;
}

/**
 * Measures from an event to its datagrams. They are told by their request-ids, so that what else happens in the
 * simulation does not count; an event with several notifications counts until the last of them.
 */
export async function measureLatency(bench: Bench, sinks: Sinks, port: number): Promise<LatencyFigures> {
  return withProgram(bench, { guests: GUESTS, port, kind: 'trap' }, async (program) => {
    await pause(1000);
    await program.ask({ do: 'events', count: WARM_UP_EVENTS, everyMs: EVERY_MS });
    await pause(SETTLE_MS);
    await sinks.ask({ reset: 0 });
    const { events, bare } = await program.ask({ do: 'events', count: EVENTS, everyMs: EVERY_MS });
    await pause(SETTLE_MS);
    const arrivals = new Map((await sinks.ask({ take: 0 })).figures!.arrivals);
    const waits = (sent: readonly { readonly atMs: number; readonly ids: readonly number[] }[]) =>
      sent.flatMap(({ atMs, ids }) => {
        const last = Math.max(...ids.map((id) => arrivals.get(id) ?? Number.NaN));
        return Number.isNaN(last) ? [] : [last - atMs];
      });
    const total = waits(events!);
    return {
      events: EVENTS,
      total: spread(total),
      own: spread(events!.map(({ atMs, sentMs }) => sentMs - atMs)),
      ownCpu: spread(events!.map(({ cpuMs }) => cpuMs)),
      bare: spread(waits(bare!)),
      lost: EVENTS - total.length,
    };
  });
}

function spread(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}
