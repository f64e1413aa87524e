import type { FaultKind } from '../emulation/fault/fault-kind.ts';
import { VirtsnmpError } from '../util/errors.ts';

/** Something that was wrong for a while: a fault, or an alarm that no fault was behind. */
export interface Trouble {
  /** The kind of fault; of an alarm without one, `alarm ` and its kind. */
  readonly kind: string;
  readonly host: string;
  /** Absent for what a host has. */
  readonly guest?: string;
  /** Unix time in ms, by the clock that was asked for. */
  readonly beganMs: number;
  /** Absent for what had not ended when the log did. */
  readonly endedMs?: number;
  /** Kinds of alarms that the simulation itself raised of it. */
  readonly alarms: readonly string[];
  /** Guests that felt it: to which anything happened while it was in effect on them. */
  readonly felt: readonly string[];
}

/** What really happened, by an event log. */
export interface Truth {
  /** In the order in which it began. */
  readonly troubles: readonly Trouble[];
  /** Unix time in ms of the first and the last record with a time. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is read of a record; docs/EVENTS.md has the rest. */
interface EventRecord {
  readonly type: string;
  readonly schema?: number;
  readonly epoch?: string;
  readonly wall?: string;
  readonly real?: { readonly at: string };
  readonly kind?: string;
  readonly host?: string;
  readonly guest?: string;
  readonly event?: string;
  readonly faults?: readonly number[];
  readonly fault?: { readonly id: number; readonly kind: string };
  readonly alarm?: { readonly number: number; readonly kind: string };
}

type Open = { -readonly [K in keyof Trouble]: Trouble[K] } & { alarms: string[]; felt: string[] };

/** Kinds of fault that the other guests of the host feel, and no event of theirs tells of. */
export const SPREADING: ReadonlySet<string> = new Set<FaultKind>(['noisy-neighbour', 'container-fork-bomb']);

/** Whose times: those of the simulation, or those of whoever looked on while it ran. */
export type TruthClock = 'simulated' | 'real';

/** The version of the records that this reads. */
const SCHEMA = 1;

/**
 * Reads an event log (docs/EVENTS.md). Of a file with several runs the last counts, for only its numbers are told
 * apart. A last line that was cut short is left out.
 *
 * @throws VirtsnmpError CONFIG_INVALID for what is no event log.
 */
export function readTruth(text: string, file: string, clock: TruthClock = 'simulated'): Truth {
  const records = lastRun(recordsOf(text, file), file);
  const faults = new Map<number, Open>();
  const alarms = new Map<string, Open>();
  const troubles: Open[] = [];
  const begin = (kind: string, { host, guest }: EventRecord, beganMs: number): Open => {
    const open: Open = {
      kind,
      host: host!,
      ...(guest !== undefined && { guest }),
      beganMs,
      alarms: [],
      felt: [],
    };
    troubles.push(open);
    return open;
  };
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    const atMs = Date.parse((clock === 'real' ? record.real?.at : (record.wall ?? record.epoch)) ?? '');
    if (Number.isNaN(atMs)) continue;
    fromMs = Math.min(fromMs, atMs);
    toMs = Math.max(toMs, atMs);
    const { fault, alarm, event, faults: inEffect = [], guest } = record;
    if (fault) {
      if (event === 'BEGUN') faults.set(fault.id, begin(fault.kind, record, atMs));
      const open = faults.get(fault.id);
      if (open && event === 'ENDED') open.endedMs = atMs;
      continue;
    }
    const spreads = (open: Trouble) =>
      open.endedMs === undefined && open.host === record.host && SPREADING.has(open.kind);
    const behind = Array.from(faults)
      .filter(([id, open]) => inEffect.includes(id) || spreads(open))
      .map(([, open]) => open);
    for (const open of behind) {
      if (guest !== undefined) add(open.felt, guest);
      if (alarm && event === 'RAISED') add(open.alarms, alarm.kind);
    }
    if (!alarm) continue;
    const key = `${record.host} ${alarm.number}`;
    if (event === 'RAISED' && behind.length === 0)
      alarms.set(key, begin(`alarm ${alarm.kind}`, record, atMs));
    const open = alarms.get(key);
    if (open && event === 'CLEARED') open.endedMs = atMs;
  }
  return { troubles, fromMs, toMs };
}

function recordsOf(text: string, file: string): EventRecord[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    try {
      const record: unknown = JSON.parse(line);
      if (typeof record === 'object' && record !== null && 'type' in record) return [record as EventRecord];
    } catch {
      // The last moments of a program that was killed.
      if (i >= lines.length - 2) return [];
    }
    throw wrong(
      `${file}:${i + 1}: is no record of an event log; expected JSON lines as eventLog.file has them`,
    );
  });
}

function lastRun(records: readonly EventRecord[], file: string): EventRecord[] {
  const begins = records.findLastIndex((record) => record.type === 'run' && !('continued' in record));
  const run = records[begins] ?? records.find(({ type }) => type === 'run');
  if (!run) throw wrong(`${file}: has no record of a run; expected an event log from its beginning`);
  if ((run.schema ?? 0) > SCHEMA)
    throw wrong(
      `${file}: is of schema ${run.schema}; this program reads ${SCHEMA}. Expected one that is as old`,
    );
  return records.slice(Math.max(0, begins));
}

function add(list: string[], item: string): void {
  if (!list.includes(item)) list.push(item);
}

/** What was given cannot be scored. */
export function wrong(message: string): VirtsnmpError {
  return new VirtsnmpError('CONFIG_INVALID', message);
}
