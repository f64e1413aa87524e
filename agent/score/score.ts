import { ALARM_KINDS } from '../emulation/alarm/alarm.ts';
import { FAULT_KIND_NAMES } from '../emulation/fault/fault-kind.ts';
import type { Detection } from './detections.ts';
import { SPREADING, type Trouble, type Truth } from './truth.ts';

/** How detections are held against the truth. */
export interface ScoreOptions {
  /** ms after the end of a trouble in which it still counts as found. */
  readonly graceMs: number;
  /** Kinds of trouble by the name of what reports them; others are told by place and time alone. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** One trouble, and what was reported of it. */
export interface Scored {
  readonly trouble: Trouble;
  readonly detections: readonly Detection[];
  /** ms from its beginning to the first report; absent for one that was missed. */
  readonly detectMs?: number;
  /** ms from its end to the end of the last report; below 0 when that was before. Absent while either goes on. */
  readonly clearMs?: number;
}

/** Figures of one kind of trouble, or of all. */
export interface Figures {
  /** How many there were, and how many of them were reported. */
  readonly happened: number;
  readonly found: number;
  /** Reports that were of such a trouble. */
  readonly reports: number;
  /** Of what happened, the part that was found; absent when nothing happened. */
  readonly recall?: number;
  readonly detectMs?: Spread;
  readonly clearMs?: Spread;
}

/** A few figures of many times, in ms. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** How good a monitoring system was. */
export interface Score {
  readonly all: Figures & {
    /** Of the reports, the part that was of something; absent when there were none. */
    readonly precision?: number;
  };
  readonly kinds: ReadonlyMap<string, Figures>;
  readonly troubles: readonly Scored[];
  /** Reports of nothing. */
  readonly false: readonly Detection[];
}

/** Names of the simulation's own need no list. */
const KNOWN: ReadonlySet<string> = new Set([...FAULT_KIND_NAMES, ...ALARM_KINDS]);

/** Holds what was reported against what happened. A report may be of several troubles at the same time. */
export function score({ troubles }: Truth, detections: readonly Detection[], options: ScoreOptions): Score {
  const scored = troubles.map((trouble) =>
    scoredOf(
      trouble,
      detections.filter((each) => isOf(each, trouble, options)),
    ),
  );
  const kinds = new Map<string, Figures>();
  for (const { kind } of troubles)
    if (!kinds.has(kind)) kinds.set(kind, figuresOf(scored.filter((each) => each.trouble.kind === kind)));
  const right = new Set(scored.flatMap((each) => each.detections));
  return {
    all: {
      ...figuresOf(scored),
      ...(detections.length > 0 && { precision: right.size / detections.length }),
    },
    kinds,
    troubles: scored,
    false: detections.filter((each) => !right.has(each)),
  };
}

/** Whether a report is of a trouble: by time, by place, and by its name where that says anything. */
function isOf(detection: Detection, trouble: Trouble, { graceMs, names }: ScoreOptions): boolean {
  const { beganMs, endedMs = Number.POSITIVE_INFINITY } = trouble;
  if (detection.fromMs < beganMs || detection.fromMs > endedMs + graceMs) return false;
  const kinds = names.get(detection.name) ?? (KNOWN.has(detection.name) ? [detection.name] : undefined);
  if (
    kinds &&
    !kinds.some(
      (kind) => kind === trouble.kind || trouble.alarms.includes(kind) || trouble.kind === `alarm ${kind}`,
    )
  )
    return false;
  return isAt(detection, trouble, kinds !== undefined);
}

/** What a host has is felt by its guests; what a guest has, by its host, and by those that are told to be hit. */
function isAt({ host, guest }: Detection, trouble: Trouble, named: boolean): boolean {
  if (host !== undefined && !isSameHost(host, trouble.host)) return false;
  if (guest === undefined || trouble.guest === undefined) return host !== undefined || guest !== undefined;
  if (guest === trouble.guest || trouble.felt.includes(guest)) return true;
  return named && SPREADING.has(trouble.kind);
}

/** An instance may have a port. */
function isSameHost(reported: string, host: string): boolean {
  return reported === host || reported.replace(/:\d+$/, '') === host;
}

function scoredOf(trouble: Trouble, detections: readonly Detection[]): Scored {
  if (detections.length === 0) return { trouble, detections };
  const detectMs = Math.min(...detections.map(({ fromMs }) => fromMs)) - trouble.beganMs;
  const ends = detections.flatMap(({ toMs }) => toMs ?? []);
  const isOver = trouble.endedMs !== undefined && ends.length === detections.length;
  return { trouble, detections, detectMs, ...(isOver && { clearMs: Math.max(...ends) - trouble.endedMs }) };
}

function figuresOf(scored: readonly Scored[]): Figures {
  const found = scored.filter(({ detections }) => detections.length > 0);
  const detect = spreadOf(found.flatMap(({ detectMs }) => detectMs ?? []));
  const clear = spreadOf(found.flatMap(({ clearMs }) => clearMs ?? []));
  return {
    happened: scored.length,
    found: found.length,
    reports: new Set(scored.flatMap(({ detections }) => detections)).size,
    ...(scored.length > 0 && { recall: found.length / scored.length }),
    ...(detect && { detectMs: detect }),
    ...(clear && { clearMs: clear }),
  };
}

function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { least: sorted[0]!, median, most: sorted.at(-1)! };
}
