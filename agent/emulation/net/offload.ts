import type { NicFeatures, TrafficLoad } from './net-config.ts';

/** Octets that one chain carries at most (facts section 2.3). */
const CHAIN_OCTETS = 65_535;
/** Frames that a TCP sender or the host's aggregation puts into one chain in the mean, when it may. */
const TCP_CHAIN_FRAMES = 16;
/** Octets of a mergeable receive buffer. */
const PAGE = 4096;
/** Octets of the virtio-net header, with the count of merged buffers. */
const VIRTIO_HEADER = 12;
/** Frames shorter than this are copied even with zero copy (VHOST_GOODCOPY_LEN). */
const GOOD_COPY_OCTETS = 256;
/** What zero copy saves of the copying, at most (facts section 2.4). */
const ZERO_COPY_SAVING = 0.15;
/** Beside the payload of a chain: two descriptors and one for each fragment that the driver may need. */
export const STOP_SLOTS = 18;

/** Frames in one chain of large frames, when the feature is there. */
function chainFrames(offload: boolean, frameBytes: number): number {
  return offload ? Math.max(1, Math.min(TCP_CHAIN_FRAMES, Math.floor(CHAIN_OCTETS / frameBytes))) : 1;
}

/** Frames of a load's mix for each chain that it sends: segmentation offload bundles large ones. */
export function txFramesPerChain(load: TrafficLoad, features: NicFeatures): number {
  const tcp = chainFrames(features.hostTso4, load.largeBytes);
  const udp = chainFrames(features.hostUfo, load.largeBytes);
  const largeChains = load.udpShare / udp + (1 - load.udpShare) / tcp;
  return 1 / (1 - load.largeShare + load.largeShare * largeChains);
}

/** Frames for each chain that a guest receives: TCP comes aggregated when it takes that, UDP never. */
export function rxFramesPerChain(load: TrafficLoad, features: NicFeatures): number {
  const tcp = chainFrames(features.guestTso4, load.largeBytes);
  const large = load.udpShare + (1 - load.udpShare) / tcp;
  return 1 / (1 - load.largeShare + load.largeShare * large);
}

/** Receive buffers for one chain of `octets`: ceil((len + hdr) / buf) with MRG_RXBUF, else one (section 2.3). */
export function rxBuffersPerChain(octets: number, mrgRxbuf: boolean): number {
  return mrgRxbuf ? Math.ceil((octets + VIRTIO_HEADER) / PAGE) : 1;
}

/** What zero copy takes of a load: frames of at least 256 octets, as shares of its octets and of its chains. */
export function zeroCopyShares(
  load: TrafficLoad,
  framesPerChain: number,
): { octets: number; chains: number } {
  const small = (1 - load.largeShare) * load.smallBytes;
  const large = load.largeShare * load.largeBytes;
  const takesSmall = load.smallBytes >= GOOD_COPY_OCTETS;
  const takesLarge = load.largeBytes >= GOOD_COPY_OCTETS;
  const smallChains = (1 - load.largeShare) * framesPerChain;
  return {
    octets: ((takesSmall ? small : 0) + (takesLarge ? large : 0)) / (small + large),
    chains: (takesSmall ? smallChains : 0) + (takesLarge ? 1 - smallChains : 0),
  };
}

/** ns that the host saves by not copying `octets`: never more than 15 % of what they cost (acceptance A2.5). */
export function zeroCopySavingNs(octets: number, hostByteNs: number): number {
  return ZERO_COPY_SAVING * hostByteNs * octets;
}
