import type { Outcome } from '../devices/consequence.ts';

/** Messages from server to client about sound, with their numbers in each channel (enums.h). */
export const VOLUME_MESSAGE = {
  PLAYBACK_VOLUME: 105,
  PLAYBACK_MUTE: 106,
  RECORD_VOLUME: 103,
  RECORD_MUTE: 104,
} as const;
/** A name of {@link VOLUME_MESSAGE}. */
export type VolumeMessage = keyof typeof VOLUME_MESSAGE;

/** A connected client, and what its sound channels understand. */
export interface SpiceClient {
  /** Address and port, as the event of its connection tells them. */
  readonly name: string;
  /** PLAYBACK_CAP_VOLUME. */
  readonly playbackVolume: boolean;
  /** RECORD_CAP_VOLUME. */
  readonly recordVolume: boolean;
}

/** How loud one direction is: 0 to 65535 for each channel of the sound. */
export interface SoundLevel {
  readonly volume: readonly number[];
  readonly mute: boolean;
}

/** A domain's SPICE server. Immutable. Clients are BOUNDED by whoever lets them connect. */
export interface Spice {
  readonly clients: readonly SpiceClient[];
  readonly playback: SoundLevel;
  readonly record: SoundLevel;
  /** Messages sent since the emulator was started. */
  readonly sent: Readonly<Record<VolumeMessage, number>>;
}

const FULL: SoundLevel = { volume: [65_535, 65_535], mute: false };

/** A server that nobody is connected to. */
export function createSpice(): Spice {
  const sent = { PLAYBACK_VOLUME: 0, PLAYBACK_MUTE: 0, RECORD_VOLUME: 0, RECORD_MUTE: 0 };
  return { clients: [], playback: FULL, record: FULL, sent };
}

/** A client connects: GRAPHICS tells its connection, then that it is set up. */
export function connectClient(spice: Spice, client: SpiceClient): Outcome<Spice> {
  if (spice.clients.some(({ name }) => name === client.name)) return { record: spice, consequences: [] };
  return {
    record: { ...spice, clients: [...spice.clients, client] },
    consequences: [
      { kind: 'event', event: { event: 'GRAPHICS', phase: 'CONNECT', client: client.name } },
      { kind: 'event', event: { event: 'GRAPHICS', phase: 'INITIALIZE', client: client.name } },
    ],
  };
}

/** A client goes. */
export function disconnectClient(spice: Spice, name: string): Outcome<Spice> {
  const clients = spice.clients.filter((client) => client.name !== name);
  if (clients.length === spice.clients.length) return { record: spice, consequences: [] };
  return {
    record: { ...spice, clients },
    consequences: [{ kind: 'event', event: { event: 'GRAPHICS', phase: 'DISCONNECT', client: name } }],
  };
}

function sameVolume(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * The guest changes its volume or mutes itself: one message for each change and each client that understands it.
 *
 * What is set to what it was is no change.
 */
export function setSound(spice: Spice, direction: 'playback' | 'record', level: Partial<SoundLevel>): Spice {
  const before = spice[direction];
  const after = { ...before, ...level };
  const capable = spice.clients.filter((client) =>
    direction === 'playback' ? client.playbackVolume : client.recordVolume,
  ).length;
  const prefix = direction === 'playback' ? 'PLAYBACK' : 'RECORD';
  const sent = { ...spice.sent };
  if (!sameVolume(before.volume, after.volume)) sent[`${prefix}_VOLUME`] += capable;
  if (before.mute !== after.mute) sent[`${prefix}_MUTE`] += capable;
  return { ...spice, [direction]: after, sent };
}
