import type { Part } from '../machine/layout.ts';
import type { NicModel } from './nic-model.ts';
import * as numbering from './nic-parts.ts';
import { STOP_SLOTS } from './offload.ts';
import { notificationsPerSleep, sleepsPerBurst } from './wake-ups.ts';

// Constants of this module: V8 takes their fields for constants too, as it does not those of an import.
const { N, Q, QS } = numbering;

/** Frames that wait in the guest's queue and ring, before the span. */
export function txBacklog(n: Float64Array, queue: Part): number {
  const c = queue.counters;
  return n[c + Q.txOffered]! - n[c + Q.txDropped]! - n[c + Q.txFrames]!;
}

/**
 * Plans what a queue pair sends in a span.
 *
 * `offered` frames come from the guest, of which TCP may be held back; `most` is how many the back end can
 * move. `g` is the distance from a counter to its growth. CPU time goes to the NIC's own counters.
 */
export function planTx(
  n: Float64Array,
  g: number,
  nic: Part,
  queue: Part,
  model: NicModel,
  offered: number,
  most: number,
  spanNs: number,
): void {
  const c = queue.counters;
  const { config, load, txFramesPerChain } = model;
  const backlog = txBacklog(n, queue);
  const backlogBytes = n[c + Q.txOfferedBytes]! - n[c + Q.txDroppedBytes]! - n[c + Q.txBytes]!;
  let all = backlog + offered;
  if (all === 0) return;
  const sent = Math.min(all, most);
  const room = sent + Math.floor(config.txQueueSize * txFramesPerChain) + config.guestFrames;
  let taken = offered;
  let dropped = 0;
  if (all > room) {
    // A full queue holds TCP back in its sockets; UDP is lost.
    const held = Math.min(all - room, Math.floor(offered * (1 - load.udpShare)));
    taken -= held;
    all -= held;
    dropped = all - Math.min(all, room);
  }
  const left = all - sent - dropped;
  const takenBytes = Math.round(taken * model.frameBytes);
  const allBytes = backlogBytes + takenBytes;
  const sentBytes = sent === all ? allBytes : Math.floor(allBytes * (sent / all));
  const droppedBytes = left === 0 ? allBytes - sentBytes : Math.floor(allBytes * (dropped / all));
  n[c + g + Q.txOffered] = taken;
  n[c + g + Q.txOfferedBytes] = takenBytes;
  n[c + g + Q.txDropped] = dropped;
  n[c + g + Q.txDroppedBytes] = droppedBytes;
  n[c + g + Q.txFrames] = sent;
  n[c + g + Q.txBytes] = sentBytes;
  planTxRing(n, g, nic, queue, model, sent, left, backlog, spanNs);
}

function planTxRing(
  n: Float64Array,
  g: number,
  nic: Part,
  queue: Part,
  model: NicModel,
  sent: number,
  left: number,
  backlog: number,
  spanNs: number,
): void {
  const c = queue.counters;
  const s = queue.state;
  const { config, txFramesPerChain, txBurst } = model;
  const { costs, features } = config;
  const inRing = n[c + Q.txAvailable]! - n[c + Q.txUsed]!;
  const stays = Math.min(config.txQueueSize, Math.ceil(left / txFramesPerChain));
  const chains = sent / txFramesPerChain + n[s + QS.txChainCarry]!;
  const used = Math.max(Math.floor(chains), inRing - stays);
  n[s + QS.txChainCarry] = Math.max(0, chains - used);
  const available = stays - inRing + used;
  n[c + g + Q.txUsed] = used;
  n[c + g + Q.txAvailable] = available;

  const zeroCopy = Math.min(
    used * model.zeroCopyShare,
    (spanNs / costs.completionNs) * Math.min(config.zeroCopyPending, config.txQueueSize),
  );
  const uncopied = zeroCopy + n[s + QS.zeroCopyCarry]!;
  n[c + g + Q.txZeroCopy] = Math.floor(uncopied);
  n[s + QS.zeroCopyCarry] = uncopied - Math.floor(uncopied);

  let sleeps = 0;
  let interrupts = 0;
  let kicks = 0;
  if (available > 0 && !(backlog > 0 && left > 0)) {
    const bursts = available / txBurst;
    const intervalNs = spanNs / bursts;
    sleeps = bursts * sleepsPerBurst(intervalNs, txBurst, model.txGapNs, model.hostTxNs, model.hostWakeNs);
    const each = notificationsPerSleep(
      features.eventIdx,
      intervalNs,
      txBurst,
      model.txGapNs,
      model.hostWakeNs,
      costs.kickNs,
    );
    kicks = sleeps * each + n[s + QS.kickCarry]!;
    // The span in which a backlog begins still finds the consumer asleep.
    if (left > 0 && kicks < 1) kicks = 1;
    const counted = Math.min(available, Math.floor(kicks));
    n[s + QS.kickCarry] = Math.min(1, kicks - counted);
    kicks = counted;
    interrupts = bursts * stopsPerBurst(model);
  }
  if (left > 0) interrupts = used / (0.75 * config.txQueueSize);
  if (features.notifyOnEmpty) interrupts += sleeps;
  interrupts += n[s + QS.txInterruptCarry]!;
  const counted = Math.min(used, Math.floor(interrupts));
  n[s + QS.txInterruptCarry] = Math.min(1, interrupts - counted);
  n[c + g + Q.kicks] = kicks;
  n[c + g + Q.txInterrupts] = counted;

  n[nic.counters + g + N.guestNs]! +=
    used * model.guestTxNs + kicks * costs.kickNs + counted * costs.interruptNs;
  n[nic.counters + g + N.hostNs]! +=
    used * model.hostTxNs - zeroCopy * model.zeroCopySavingNs + (sleeps + counted) * costs.signalNs;
}

/**
 * Interrupts that tell the guest to go on sending, for each burst that fills the ring.
 *
 * With EVENT_IDX the driver asks for one when 3/4 of the ring is free again; with flags it is told as soon as
 * the fragments of one chain fit (facts section 2.1).
 */
function stopsPerBurst({ config, txBurst, txGapNs, hostTxNs, hostWakeNs }: NicModel): number {
  const moved = Math.max(0, (txBurst * txGapNs - hostWakeNs) / hostTxNs);
  const over = txBurst - moved - (config.txQueueSize - STOP_SLOTS);
  if (over <= 0) return 0;
  return over / (config.features.eventIdx ? 0.75 * config.txQueueSize : STOP_SLOTS);
}

/** What waits in a settled queue pair when the link goes down is lost; returns how many frames. */
export function loseTx(n: Float64Array, queue: Part): number {
  const c = queue.counters;
  const backlog = txBacklog(n, queue);
  n[c + Q.txDropped]! += backlog;
  n[c + Q.txDroppedBytes] = n[c + Q.txOfferedBytes]! - n[c + Q.txBytes]!;
  n[c + Q.txUsed] = n[c + Q.txAvailable]!;
  return backlog;
}

/** Plans a span without link: whatever is sent or waits is dropped. */
export function dropTx(n: Float64Array, g: number, queue: Part, offered: number, frameBytes: number): void {
  const c = queue.counters;
  const bytes = Math.round(offered * frameBytes);
  n[c + g + Q.txDropped] = txBacklog(n, queue) + offered;
  n[c + g + Q.txDroppedBytes] =
    n[c + Q.txOfferedBytes]! - n[c + Q.txDroppedBytes]! - n[c + Q.txBytes]! + bytes;
  n[c + g + Q.txOffered] = offered;
  n[c + g + Q.txOfferedBytes] = bytes;
  n[c + g + Q.txUsed] = n[c + Q.txAvailable]! - n[c + Q.txUsed]!;
}
