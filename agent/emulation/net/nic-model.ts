import type { NicConfig, SegmentConfig, TrafficLoad } from './net-config.ts';
import {
  rxBuffersPerChain,
  rxFramesPerChain,
  txFramesPerChain,
  zeroCopySavingNs,
  zeroCopyShares,
} from './offload.ts';

/** User space's transmit timer (facts section 2.1). */
const TX_TIMER_NS = 150_000;
/** What copying a chain costs more when it was prepared for zero copy and stays on the host (section 2.4). */
const ORPHAN_COST = 1.02;

/** A NIC with its load, worked out once: what the plan of every tick needs. All times in ns. */
export interface NicModel {
  readonly config: NicConfig;
  readonly load: TrafficLoad;
  readonly onMacvtap: boolean;
  /** Octets of a frame in the mean. */
  readonly frameBytes: number;
  /** Share of what it sends that needs the uplink. */
  readonly outsideShare: number;
  readonly txFramesPerChain: number;
  readonly rxFramesPerChain: number;
  readonly rxBuffersPerFrame: number;
  /** Chains of a burst, 1 or more, and ns between them as the guest or the world produces them. */
  readonly txBurst: number;
  readonly txGapNs: number;
  readonly rxBurst: number;
  readonly rxGapNs: number;
  readonly guestTxNs: number;
  readonly guestRxNs: number;
  /** For a chain that is copied. */
  readonly hostTxNs: number;
  readonly hostRxNs: number;
  /** What a chain that is not copied costs less. */
  readonly zeroCopySavingNs: number;
  /** Share of the chains sent that zero copy takes. */
  readonly zeroCopyShare: number;
  readonly hostWakeNs: number;
  /** Frames that wait in front of the receive ring at most. */
  readonly socketFrames: number;
}

/** Works a NIC out. `kind` is that of the segment that it is plugged into. */
export function nicModel(config: NicConfig, load: TrafficLoad, kind: SegmentConfig['kind']): NicModel {
  const { costs, features } = config;
  const onMacvtap = kind !== 'bridge';
  const delivers = kind === 'bridge' || kind === 'macvtap-bridge';
  const outsideShare = delivers ? 1 - load.localShare : 1;
  const frameBytes = load.smallBytes + (load.largeBytes - load.smallBytes) * load.largeShare;
  const txFrames = txFramesPerChain(load, features);
  const rxFrames = rxFramesPerChain(load, features);
  const rxChainBytes = frameBytes * rxFrames;
  const zeroCopy = config.zeroCopy && config.backEnd === 'vhost' && (onMacvtap || config.zeroCopyTaps);
  const taken = zeroCopyShares(load, txFrames);
  const zeroCopyShare = zeroCopy ? taken.chains * outsideShare : 0;
  const guestTxNs = costs.guestChainNs + costs.guestByteNs * frameBytes * txFrames;
  const copyNs = costs.hostByteNs * frameBytes * txFrames;
  const localCopyNs = zeroCopy ? copyNs * (outsideShare + (1 - outsideShare) * ORPHAN_COST) : copyNs;
  return {
    config,
    load,
    onMacvtap,
    frameBytes,
    outsideShare,
    txFramesPerChain: txFrames,
    rxFramesPerChain: rxFrames,
    rxBuffersPerFrame: rxBuffersPerChain(rxChainBytes, features.mrgRxbuf) / rxFrames,
    txBurst: Math.max(1, load.burstFrames / txFrames),
    txGapNs: Math.max(load.gapNs * txFrames, guestTxNs),
    rxBurst: Math.max(1, load.burstFrames / rxFrames),
    rxGapNs: load.gapNs * rxFrames,
    guestTxNs,
    guestRxNs: costs.guestChainNs + costs.guestByteNs * rxChainBytes,
    hostTxNs: costs.hostChainNs + localCopyNs,
    hostRxNs: costs.hostChainNs + costs.hostByteNs * rxChainBytes,
    zeroCopySavingNs:
      taken.chains > 0
        ? zeroCopySavingNs((frameBytes * txFrames * taken.octets) / taken.chains, costs.hostByteNs)
        : 0,
    zeroCopyShare,
    hostWakeNs: config.backEnd === 'qemu' && config.txMode === 'timer' ? TX_TIMER_NS : costs.hostWakeNs,
    // User space reads ahead of the guest, so bursts find more room than in front of vhost (section 2.5).
    socketFrames: config.socketFrames * (config.backEnd === 'qemu' ? 2 : 1),
  };
}
