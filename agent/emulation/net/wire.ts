/** Octets on the line beside a frame as counted: check sequence 4, preamble and gap 20 (facts section 2.5). */
export const LINE_OVERHEAD = 24;
/** Octets of headers in a frame that carries UDP over IPv4, without the check sequence: 14 + 20. */
const IP_FRAME_HEADER = 34;
/** Octets of an IPv4 payload in one frame of 1500. */
const IP_PAYLOAD = 1480;
const UDP_HEADER = 8;

/** Octets that a line carries in some time. `lineRate` in bit/s. */
export function lineOctets(lineRate: number, spanMs: number): number {
  return (lineRate / 8000) * spanMs;
}

/** Frames of UDP over IPv4 that a message of `octets` takes with an MTU of 1500 (facts section 2.5). */
export function messageFrames(octets: number): number {
  return Math.ceil((octets + UDP_HEADER) / IP_PAYLOAD);
}

/** Octets that the frames of such a message count on interfaces: without check sequence, preamble and gap. */
export function messageOctets(octets: number): number {
  return octets + UDP_HEADER + IP_FRAME_HEADER * messageFrames(octets);
}

/** Messages per second that a line of `lineRate` bit/s carries at most. */
export function lineMessages(lineRate: number, octets: number): number {
  return lineRate / (8 * (messageOctets(octets) + LINE_OVERHEAD * messageFrames(octets)));
}

/**
 * Size in octets up to which messages cost about the same: (a + x') / b (acceptance A2.7).
 *
 * `chainNs` is paid for each message, `notifyNs` for its share of notifications, `byteNs` for each byte.
 */
export function messageKnee(chainNs: number, notifyNs: number, byteNs: number): number {
  return (chainNs + notifyNs) / byteNs;
}
