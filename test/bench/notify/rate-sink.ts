/**
 * The process that takes what the rate is measured with: sockets on loopback that are read in a loop without events,
 * since a bare sender is faster than a Node program can receive.
 */
import { DatagramDescriptor } from '../load/datagram-descriptor.ts';

/** Nothing came for so long: the sender is done, and some of it is lost. */
const SILENCE_MS = 300;
/** How long the first datagram may take. */
const PATIENCE_MS = 10_000;

/** Opens so many sinks; takes so many datagrams at the first of them. */
export type RateSinkTask = { readonly open: number } | { readonly sinks: number; readonly datagrams: number };

export interface RateSinkReply {
  readonly ports?: readonly number[];
  /** Said before it begins to read; what it has received is told afterwards. */
  readonly ready?: true;
  readonly received?: number;
}

const sinks: DatagramDescriptor[] = [];
const buffer = new Uint8Array(65_536);

process.on('message', async (task: RateSinkTask) => {
  if ('open' in task) {
    while (sinks.length < task.open) sinks.push(await DatagramDescriptor.listen());
    process.send?.({ ports: sinks.map(({ port }) => port) } satisfies RateSinkReply);
    return;
  }
  process.send?.({ ready: true } satisfies RateSinkReply, () => {
    const received = receive(sinks.slice(0, task.sinks), task.datagrams);
    process.send?.({ received } satisfies RateSinkReply);
  });
});

function receive(from: readonly DatagramDescriptor[], wanted: number): number {
  let received = 0;
  let silentAt = performance.now() + PATIENCE_MS;
  while (received < wanted) {
    const before = received;
    for (const sink of from) while (sink.poll(buffer) >= 0) received++;
    if (received > before) silentAt = performance.now() + SILENCE_MS;
    else if (performance.now() > silentAt) break;
    else from[0]!.nap();
  }
  return received;
}
