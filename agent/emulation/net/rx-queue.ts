import type { Part } from '../machine/layout.ts';
import type { NicModel } from './nic-model.ts';
import * as numbering from './nic-parts.ts';
import { notificationsPerSleep, sleepsPerBurst } from './wake-ups.ts';

// Constants of this module: V8 takes their fields for constants too, as it does not those of an import.
const { N, Q, QS } = numbering;

/** Frames that wait in the tap's queue and the ring, before the span. */
export function rxBacklog(n: Float64Array, queue: Part): number {
  const c = queue.counters;
  return n[c + Q.rxOffered]! - n[c + Q.rxDropped]! - n[c + Q.rxFrames]!;
}

/**
 * Plans what a queue pair receives in a span.
 *
 * `frames` with `bytes` arrive at the tap; the back end can move `hostMost` of what is there, the guest can
 * take `guestMost`. What finds the ring full waits in the tap's queue, and what finds that full is dropped
 * there (facts section 2.5). CPU time goes to the NIC's own counters.
 */
export function planRx(
  n: Float64Array,
  g: number,
  nic: Part,
  queue: Part,
  model: NicModel,
  frames: number,
  bytes: number,
  hostMost: number,
  guestMost: number,
  spanNs: number,
): void {
  const c = queue.counters;
  const s = queue.state;
  const { config, rxBuffersPerFrame, rxFramesPerChain, socketFrames } = model;
  const { costs } = config;
  const backlog = rxBacklog(n, queue);
  const all = backlog + frames;
  n[c + g + Q.rxOffered] = frames;
  n[c + g + Q.rxOfferedBytes] = bytes;
  if (all === 0) return;
  const filled = n[c + Q.rxUsed]! - n[c + Q.rxTaken]!;
  const inRing = Math.min(backlog, Math.round(filled / rxBuffersPerFrame));
  const ringFrames = Math.floor(config.rxQueueSize / rxBuffersPerFrame);
  const burstDropped = Math.min(frames, Math.floor(frames * burstLoss(model, ringFrames)));
  const there = all - inRing - burstDropped;
  const taken = Math.min(inRing + Math.min(there, hostMost), guestMost);
  const moved = Math.max(0, Math.min(there, hostMost, ringFrames - inRing + taken));
  const stays = inRing + moved - taken;
  const dropped = burstDropped + Math.max(0, there - moved - socketFrames);
  const left = all - taken - dropped;

  const allBytes = n[c + Q.rxOfferedBytes]! - n[c + Q.rxDroppedBytes]! - n[c + Q.rxBytes]! + bytes;
  const takenBytes = taken === all ? allBytes : Math.floor(allBytes * (taken / all));
  n[c + g + Q.rxFrames] = taken;
  n[c + g + Q.rxBytes] = takenBytes;
  n[c + g + Q.rxDropped] = dropped;
  n[c + g + Q.rxDroppedBytes] = left === 0 ? allBytes - takenBytes : Math.floor(allBytes * (dropped / all));

  const staying = stays === 0 ? 0 : Math.min(config.rxQueueSize, Math.ceil(stays * rxBuffersPerFrame));
  const buffers = taken * rxBuffersPerFrame + n[s + QS.rxBufferCarry]!;
  const emptied = Math.max(Math.floor(buffers), filled - staying);
  n[s + QS.rxBufferCarry] = Math.max(0, buffers - emptied);
  const used = staying - filled + emptied;
  n[c + g + Q.rxTaken] = emptied;
  n[c + g + Q.rxUsed] = used;

  const chains = taken / rxFramesPerChain;
  let interrupts = 0;
  if (chains > 0 && !(backlog > 0 && left > 0)) {
    const { rxBurst, guestRxNs } = model;
    const bursts = chains / rxBurst;
    const intervalNs = spanNs / bursts;
    const gapNs = Math.max(model.rxGapNs, model.hostRxNs);
    interrupts =
      bursts *
        sleepsPerBurst(intervalNs, rxBurst, gapNs, guestRxNs, costs.guestWakeNs) *
        notificationsPerSleep(
          config.features.eventIdx,
          intervalNs,
          rxBurst,
          gapNs,
          costs.guestWakeNs,
          costs.signalNs,
        ) +
      n[s + QS.rxInterruptCarry]!;
    if (left > 0 && interrupts < 1) interrupts = 1;
    const counted = Math.min(used, Math.floor(interrupts));
    n[s + QS.rxInterruptCarry] = Math.min(1, interrupts - counted);
    interrupts = counted;
  }
  n[c + g + Q.rxInterrupts] = interrupts;
  n[nic.counters + g + N.guestNs]! += chains * model.guestRxNs + interrupts * costs.interruptNs;
  n[nic.counters + g + N.hostNs]! +=
    (moved / rxFramesPerChain) * model.hostRxNs + interrupts * costs.signalNs;
}

/** Share of each burst that finds neither the ring nor the tap's queue with room. */
function burstLoss(
  { load, rxGapNs, rxFramesPerChain, guestRxNs, hostRxNs, config, socketFrames }: NicModel,
  ringFrames: number,
): number {
  const room = socketFrames + ringFrames;
  if (load.burstFrames <= room) return 0;
  const frameNs = Math.max(guestRxNs, hostRxNs) / rxFramesPerChain;
  const lastsNs = (load.burstFrames * rxGapNs) / rxFramesPerChain;
  const moved = Math.max(0, (lastsNs - config.costs.guestWakeNs) / frameNs);
  return Math.max(0, load.burstFrames - moved - room) / load.burstFrames;
}

/** Plans a span without link: whatever arrives or waits is dropped at the tap. */
export function dropRx(n: Float64Array, g: number, queue: Part, frames: number, bytes: number): void {
  const c = queue.counters;
  n[c + g + Q.rxDropped] = rxBacklog(n, queue) + frames;
  n[c + g + Q.rxDroppedBytes] =
    n[c + Q.rxOfferedBytes]! - n[c + Q.rxDroppedBytes]! - n[c + Q.rxBytes]! + bytes;
  n[c + g + Q.rxOffered] = frames;
  n[c + g + Q.rxOfferedBytes] = bytes;
  n[c + g + Q.rxTaken] = n[c + Q.rxUsed]! - n[c + Q.rxTaken]!;
}
