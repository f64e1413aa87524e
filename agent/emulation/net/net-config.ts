import type { Profile } from '../lifecycle/story.ts';
import type { BondConfig } from './bond-config.ts';

/** Who moves the frames on the host's side: the emulator's main loop, or a kernel thread for each queue pair. */
export type BackEnd = 'qemu' | 'vhost';

/** Which virtio-net features guest and device agreed on; names after the bits of the virtio specification. */
export interface NicFeatures {
  /** CSUM: the device finishes checksums, so frames between guests travel unsummed. */
  readonly csum: boolean;
  /** GUEST_CSUM: the driver believes a checksum that the device says it has checked. */
  readonly guestCsum: boolean;
  /** HOST_TSO4: the driver hands over TCP in chains of up to 64 KiB. */
  readonly hostTso4: boolean;
  /** HOST_UFO: the same for UDP. */
  readonly hostUfo: boolean;
  /** GUEST_TSO4: the driver takes several TCP frames as one chain. */
  readonly guestTso4: boolean;
  /** MRG_RXBUF: a chain may span several receive buffers of a page each. */
  readonly mrgRxbuf: boolean;
  /** EVENT_IDX: the other side names the index at which it wants to be woken. */
  readonly eventIdx: boolean;
  /** NOTIFY_ON_EMPTY (legacy): the device interrupts whenever it runs out of frames to send. */
  readonly notifyOnEmpty: boolean;
}

/** What moving a frame costs, in ns of one CPU. None is below 0; measured figures hardly exist: facts section 12. */
export interface NicCosts {
  /** The guest's stack and driver, for each chain. */
  readonly guestChainNs: number;
  /** The guest's copy between socket and chain, for each byte. */
  readonly guestByteNs: number;
  /** The guest's own checksum, for each byte that it has to sum. */
  readonly checksumByteNs: number;
  /** The exit that a kick is, paid by the guest. */
  readonly kickNs: number;
  /** The guest's handling of one interrupt, with the exits it takes. */
  readonly interruptNs: number;
  /** The back end, for each chain. */
  readonly hostChainNs: number;
  /** The back end's copy, for each byte. */
  readonly hostByteNs: number;
  /** Waking the back end's thread, and its signal into the guest. */
  readonly signalNs: number;
  /** From a kick until the back end runs. */
  readonly hostWakeNs: number;
  /** From an interrupt until the guest's handler runs. */
  readonly guestWakeNs: number;
  /** From handing a frame to the lower device until it is sent, for zero copy. */
  readonly completionNs: number;
}

/** A limit of libvirt's `<bandwidth>`: KiB/s on the long run, KiB/s at most, KiB at once. */
export interface BandwidthLimit {
  /** KiB/s, above 0. */
  readonly average: number;
  /** KiB/s; no other limit than the line's when not given. */
  readonly peak?: number;
  /** KiB that may go at peak rate after a silence; one second of the average when not given. */
  readonly burst?: number;
}

/** A virtio-net device. */
export interface NicConfig {
  readonly backEnd: BackEnd;
  /** Queue pairs, 1 to 256. */
  readonly queues: number;
  /** Entries of a receive ring: a power of two, 256 to 1024. */
  readonly rxQueueSize: number;
  /** Entries of a transmit ring: a power of two, 256 to 1024. */
  readonly txQueueSize: number;
  /** How user space sends: at once (`iothread`) or 150 us after the kick (`timer`). Not for vhost. */
  readonly txMode: 'iothread' | 'timer';
  /** Whether the back end hands large frames down without copying them (experimental_zcopytx). vhost only. */
  readonly zeroCopy: boolean;
  /** Whether it does so on a tap too, and not on macvtap alone. */
  readonly zeroCopyTaps: boolean;
  /** Chains that zero copy may leave outstanding, 1 to 128. */
  readonly zeroCopyPending: number;
  /** Frames that wait on the host for a receive ring with room: the tap's queue. */
  readonly socketFrames: number;
  /** Frames that the guest's own queue holds back for a full transmit ring. */
  readonly guestFrames: number;
  readonly features: NicFeatures;
  readonly costs: NicCosts;
  /** Limit of what comes to the guest. */
  readonly inbound?: BandwidthLimit;
  /** Limit of what the guest sends. */
  readonly outbound?: BandwidthLimit;
}

/** What a guest sends and asks for through one NIC; the rates are those of full activity. */
export interface TrafficLoad {
  /** Frames per second that it sends. */
  readonly txFps: number;
  /** Frames per second that the outside world sends to it. */
  readonly rxFps: number;
  /** Share of what it sends that is for other guests on the same segment, 0 to 1. */
  readonly localShare: number;
  /** How much of what its neighbours send it gets, beside the others' weights; 0 for nothing. */
  readonly localWeight: number;
  /** Octets of a small frame, without the frame check sequence: 60 to 255. */
  readonly smallBytes: number;
  /** Octets of a large frame, without the frame check sequence: 60 to 9014. */
  readonly largeBytes: number;
  /** Share of the frames that are large, 0 to 1. */
  readonly largeShare: number;
  /** Share of the frames that are UDP, which does not slow down for anybody; the rest is TCP. */
  readonly udpShare: number;
  /** Frames that come in a row, 1 or more. */
  readonly burstFrames: number;
  /** ns between the frames of a burst. */
  readonly gapNs: number;
}

/** A physical NIC of the host, or a bond of several. */
export interface UplinkConfig {
  readonly name: string;
  /** Bits per second, such as 10e9. */
  readonly lineRate: number;
  /** Frames that wait for the line; the rest is dropped. */
  readonly queueFrames: number;
  /** Whether it checks the checksums of what comes in. */
  readonly rxChecksum: boolean;
  /** Share of the frames from outside whose payload was damaged on the way, 0 to 1. */
  readonly corruptShare: number;
  /** Share of the frames from outside whose check sequence does not fit, 0 to 1: a bad cable. Nobody gets them. */
  readonly fcsErrorShare: number;
  /** Share of the frames from outside that are multicast or broadcast, 0 to 1. */
  readonly multicastShare: number;
  /** What a bond is made of; the figures above are then those of its NICs together. Absent for a NIC. */
  readonly bond?: BondConfig;
}

/** A physical NIC that guests are attached to directly, by macvtap. */
export interface LowerDeviceConfig extends UplinkConfig {
  /** As {@link SegmentConfig.reflects}; a switch for vepa does when not given. */
  readonly reflects?: boolean;
}

/** What guests are plugged into: a Linux bridge, or macvtap on a lower device. */
export interface SegmentConfig {
  readonly name: string;
  /** `bridge` and `macvtap-bridge` deliver between guests; the others send everything down. */
  readonly kind: 'bridge' | 'macvtap-bridge' | 'macvtap-vepa' | 'macvtap-private' | 'macvtap-passthrough';
  /** Without one, the segment is isolated. */
  readonly uplink?: UplinkConfig;
  /** Whether the switch (vepa) or router (private) behind the uplink sends frames back for other guests here. */
  readonly reflects: boolean;
}

const VHOST_RHEL6: NicCosts = {
  guestChainNs: 1200,
  guestByteNs: 0.15,
  checksumByteNs: 0.4,
  kickNs: 3000,
  interruptNs: 3500,
  hostChainNs: 1000,
  hostByteNs: 0.25,
  signalNs: 1000,
  hostWakeNs: 10_000,
  guestWakeNs: 8000,
  completionNs: 20_000,
};

const VHOST_MODERN: NicCosts = {
  guestChainNs: 700,
  guestByteNs: 0.08,
  checksumByteNs: 0.15,
  kickNs: 1200,
  interruptNs: 1500,
  hostChainNs: 500,
  hostByteNs: 0.1,
  signalNs: 500,
  hostWakeNs: 5000,
  guestWakeNs: 4000,
  completionNs: 10_000,
};

/** User space pays a system call for each frame and waits for the main loop. */
function inUserSpace(costs: NicCosts): NicCosts {
  return {
    ...costs,
    hostChainNs: costs.hostChainNs * 3,
    hostByteNs: costs.hostByteNs * 2,
    signalNs: costs.signalNs * 3,
    hostWakeNs: costs.hostWakeNs * 3,
  };
}

const FEATURES: NicFeatures = {
  csum: true,
  guestCsum: true,
  hostTso4: true,
  hostUfo: true,
  guestTso4: true,
  mrgRxbuf: true,
  eventIdx: true,
  notifyOnEmpty: false,
};

/** A NIC as libvirt defines it without options, for each era. Rings: facts section 2.1; zero copy: 2.4. */
export const NIC_DEFAULTS: Readonly<Record<Profile, NicConfig>> = {
  rhel6: {
    backEnd: 'vhost',
    queues: 1,
    rxQueueSize: 256,
    txQueueSize: 256,
    txMode: 'iothread',
    zeroCopy: false,
    zeroCopyTaps: false,
    zeroCopyPending: 128,
    socketFrames: 500,
    guestFrames: 1000,
    features: FEATURES,
    costs: VHOST_RHEL6,
  },
  modern: {
    backEnd: 'vhost',
    queues: 1,
    rxQueueSize: 256,
    txQueueSize: 256,
    txMode: 'iothread',
    zeroCopy: false,
    zeroCopyTaps: true,
    zeroCopyPending: 64,
    socketFrames: 1000,
    guestFrames: 1000,
    features: { ...FEATURES, hostUfo: false },
    costs: VHOST_MODERN,
  },
};

/** The costs of a back end in an era. */
export function costsOf(profile: Profile, backEnd: BackEnd): NicCosts {
  const { costs } = NIC_DEFAULTS[profile];
  return backEnd === 'qemu' ? inUserSpace(costs) : costs;
}

/** A 10 Gb/s uplink that checks checksums and damages nothing. */
export const UPLINK_DEFAULTS: Readonly<UplinkConfig> = {
  name: 'eth0',
  lineRate: 10e9,
  queueFrames: 1000,
  rxChecksum: true,
  corruptShare: 0,
  fcsErrorShare: 0,
  multicastShare: 0.01,
};

/** A quiet server's traffic: mostly TCP, a third of it small frames, a fifth for its neighbours. */
export const TRAFFIC_DEFAULTS: Readonly<TrafficLoad> = {
  txFps: 4000,
  rxFps: 3000,
  localShare: 0.2,
  localWeight: 1,
  smallBytes: 90,
  largeBytes: 1514,
  largeShare: 0.65,
  udpShare: 0.1,
  burstFrames: 8,
  gapNs: 1500,
};
