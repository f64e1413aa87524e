import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SEVERITIES } from '../emulation/alarm/alarm.ts';
import { RAISED_KINDS } from '../emulation/alarm/definitions.ts';
import type { AlarmSettings } from '../emulation/alarm/settings.ts';
import { PROFILES, type Profile } from '../emulation/lifecycle/story.ts';
import type { TimingOverrides } from '../emulation/timings.ts';
import { VirtsnmpError } from '../util/errors.ts';
import type { Picture } from './picture.ts';
import { plainValue } from './write-codec.ts';
import type { PlainWrite } from './write-log.ts';

/** Version of the format: one more for each change that a reader of the one before would not understand. */
export const FORMAT_VERSION = 1;

const NEWLINE = 0x0a;

const whole = z.int().min(0);
const startSchema = z.strictObject({
  seed: z.int(),
  epochMs: z.number(),
  profile: z.enum(PROFILES),
  tickMs: z.number().min(1),
  timings: z.record(z.string(), z.looseObject({ seconds: z.number().min(0), jitterSeconds: z.number() })),
  alarms: z.record(
    z.enum(RAISED_KINDS),
    z.strictObject({
      enabled: z.boolean(),
      severity: z.enum(SEVERITIES),
      raise: z.number(),
      clear: z.number(),
      raiseAfterMs: z.number(),
      clearAfterMs: z.number(),
    }),
  ),
});

/** What a fleet was made with. */
export interface RunStart {
  /** Decides every random course of the simulation; an integer. */
  readonly seed: number;
  /** Simulated Unix time in ms at which it began. */
  readonly epochMs: number;
  readonly profile: Profile;
  /** Length of a tick in simulated ms. */
  readonly tickMs: number;
  /** Timings that replace the shipped ones. */
  readonly timings: TimingOverrides;
  /** When alarms came and went at the beginning. */
  readonly alarms: AlarmSettings;
}

const headSchema = z.strictObject({
  virtsnmpSnapshot: z.literal(FORMAT_VERSION),
  /** Versions of what wrote it. */
  program: z.string(),
  node: z.string(),
  arch: z.string(),
  start: startSchema,
  /** The place of its instant in the order of all that happens. */
  instant: z.strictObject({ atMs: z.number().min(0), ran: whole }),
  /** How many lines of each kind follow. */
  writes: whole,
  pictures: whole,
});

/** The first line of a snapshot. */
export interface SnapshotHead extends Omit<z.output<typeof headSchema>, 'start'> {
  readonly start: RunStart;
}

const writeSchema = z.strictObject({
  at: z.union([z.tuple([z.number().min(0), whole]), z.tuple([z.number().min(0), whole, z.int().min(1)])]),
  write: z.looseObject({
    op: z.enum(['add-host', 'fault-rules', 'alarm-settings', 'restore-alarms', 'apply', 'transaction']),
  }),
});

const pictureSchema = z.strictObject({
  host: z.string(),
  guest: z.strictObject({ name: z.string(), uuid: z.string() }).optional(),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  alarms: z.array(
    z.strictObject({
      number: z.int(),
      kind: z.string(),
      severity: z.string(),
      resource: z.string(),
      text: z.string(),
      raisedMs: z.number(),
    }),
  ),
  faults: z.array(z.strictObject({ id: z.int(), kind: z.string(), rule: z.string(), begunMs: z.number() })),
  events: z.record(z.string(), whole),
  hidden: z.string(),
});

/** A whole state of a simulation, as a file has it. */
export interface Snapshot {
  readonly head: SnapshotHead;
  /** All that was done, in order. */
  readonly writes: readonly PlainWrite[];
  /** What came of it: each as it stands in the file, one line of JSON. */
  readonly pictures: readonly string[];
}

/** A picture as the line that it is in a snapshot. */
export function pictureLine(picture: Picture): string {
  return JSON.stringify(picture, plainValue);
}

/** The pictures of a snapshot. Throws SNAPSHOT_INVALID when one is none; `name` is what it calls the snapshot. */
export function readPictures({ head, pictures }: Snapshot, name: string): Picture[] {
  return pictures.map((line, i) => {
    const checked = pictureSchema.safeParse(parsed(line));
    if (checked.success) return checked.data as Picture;
    const number = 2 + head.writes + i;
    throw new VirtsnmpError('SNAPSHOT_INVALID', `${name}: line ${number}: ${problemText(checked.error)}`);
  });
}

/**
 * A snapshot as octets, in pieces: JSON lines, of which the first says what it is, and the last has the SHA-256 of
 * all octets before it.
 */
export function* encodeSnapshot(
  head: SnapshotHead,
  writes: readonly string[],
  pictures: readonly string[],
): Generator<Buffer> {
  const hash = createHash('sha256');
  for (const lines of [[JSON.stringify(head)], writes, pictures]) {
    for (const line of lines) {
      const octets = Buffer.from(`${line}\n`);
      hash.update(octets);
      yield octets;
    }
  }
  yield Buffer.from(`${JSON.stringify({ sha256: hash.digest('hex') })}\n`);
}

/**
 * Reads a snapshot. `name` is what errors call it. Throws SNAPSHOT_INVALID with what is wrong, and what would be
 * right.
 */
export function decodeSnapshot(octets: Uint8Array, name: string): Snapshot {
  const refuse = (why: string) => new VirtsnmpError('SNAPSHOT_INVALID', `${name}: ${why}`);
  const file = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const lines = splitLines(file);
  const head = readHead(lines[0], refuse);
  const wanted = 2 + head.writes + head.pictures;
  const isWhole = lines.length === wanted && file.at(-1) === NEWLINE;
  if (!isWhole) {
    const what = lines.length > wanted ? 'more follows on' : 'it was cut off';
    throw refuse(
      `it has ${lines.length} lines where its first says ${wanted}: ${what}; take it from where it is whole`,
    );
  }
  const last = lines.at(-1)!;
  const told = /^\{"sha256":"([0-9a-f]{64})"\}$/.exec(last.toString('latin1'))?.[1];
  if (told === undefined) throw refuse(`line ${wanted}, its last, is no {"sha256": ...}: it is damaged`);
  const found = createHash('sha256')
    .update(file.subarray(0, last.byteOffset - file.byteOffset))
    .digest('hex');
  if (told !== found)
    throw refuse(
      `it is damaged: its SHA-256 is ${found}, and should be ${told}; take it from where it is whole`,
    );
  const read = <T>(index: number, schema: z.ZodType<T>): T => {
    const checked = schema.safeParse(parsed(lines[index]!));
    if (checked.success) return checked.data;
    throw refuse(`line ${index + 1}: ${problemText(checked.error)}`);
  };
  const writes = Array.from({ length: head.writes }, (_, i) => read(1 + i, writeSchema));
  const pictures = lines.slice(1 + head.writes, -1).map((line) => line.toString());
  return { head, writes, pictures };
}

function readHead(line: Buffer | undefined, refuse: (why: string) => VirtsnmpError): SnapshotHead {
  const value = line && parsed(line);
  const version = (value as { virtsnmpSnapshot?: unknown } | undefined)?.virtsnmpSnapshot;
  if (version === undefined)
    throw refuse(
      'it is no snapshot: its first line would be {"virtsnmpSnapshot": ...}; snapshot save writes one',
    );
  if (version !== FORMAT_VERSION) {
    const { program } = value as { program?: unknown };
    const by = typeof program === 'string' ? ` by version ${program}` : '';
    throw refuse(
      `it is of format ${String(version)}, written${by}; this version reads format ${FORMAT_VERSION}: use the version that wrote it`,
    );
  }
  const checked = headSchema.safeParse(value);
  if (!checked.success) throw refuse(`line 1: ${problemText(checked.error)}`);
  return checked.data as SnapshotHead;
}

function splitLines(file: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < file.length; ) {
    const end = file.indexOf(NEWLINE, from);
    const to = end < 0 ? file.length : end;
    lines.push(file.subarray(from, to));
    from = to + 1;
  }
  return lines;
}

function parsed(line: Buffer | string): unknown {
  try {
    return JSON.parse(line.toString()) ?? undefined;
  } catch {
    // What is no JSON fits no schema.
    return undefined;
  }
}

function problemText(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  return path.length > 0 ? `${path.join('.')}: ${message}` : message;
}
