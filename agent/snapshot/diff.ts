import { globMatch } from '../util/glob.ts';
import type { AlarmPicture, FaultPicture, Picture } from './picture.ts';

/** A value that differs. */
export interface ValueDifference {
  readonly name: string;
  /** Absent where there is none. */
  readonly a?: number | string | boolean;
  readonly b?: number | string | boolean;
  /** b - a, of numbers. */
  readonly delta?: number;
}

/** What only one of two has. */
export interface OnlyOne<T> {
  readonly onlyA: readonly T[];
  readonly onlyB: readonly T[];
}

/** How a host or guest of one snapshot differs from that of another. */
export interface Difference {
  readonly host: string;
  /** Absent for the host itself. */
  readonly guest?: { readonly name: string; readonly uuid: string };
  /** The snapshot that alone has it. */
  readonly only?: 'a' | 'b';
  readonly values: readonly ValueDifference[];
  readonly alarms: OnlyOne<AlarmPicture>;
  readonly faults: OnlyOne<FaultPicture>;
  readonly events: readonly ValueDifference[];
  /** What cannot be read of it differs: what its models remember, or what is under way. */
  readonly hidden: boolean;
}

/** What of two snapshots is compared. */
export interface DiffOptions {
  /** Names of values with `*` and `?`, and `alarms`, `faults`, `events`, `hidden`; everything when not given. */
  readonly only?: readonly string[];
  /** What is left out of that. */
  readonly ignore?: readonly string[];
}

/** Every host and guest that differs, in the order of a, and then those that only b has. */
export function diffPictures(
  a: readonly Picture[],
  b: readonly Picture[],
  options: DiffOptions = {},
): Difference[] {
  const wanted = (name: string): boolean =>
    (options.only === undefined || options.only.some((pattern) => globMatch(pattern, name))) &&
    !(options.ignore ?? []).some((pattern) => globMatch(pattern, name));
  const others = new Map(b.map((picture) => [keyOf(picture), picture]));
  const differences: Difference[] = [];
  for (const picture of a) {
    const other = others.get(keyOf(picture));
    others.delete(keyOf(picture));
    const found = other ? compare(picture, other, wanted) : only(picture, 'a');
    if (found) differences.push(found);
  }
  for (const picture of others.values()) differences.push(only(picture, 'b'));
  return differences;
}

/** A difference as lines: whose it is, then one for each thing. */
export function differenceLines({ host, guest, only: alone, ...more }: Difference): string[] {
  const subject = guest ? `${guest.name} (${host})` : host;
  if (alone !== undefined) return [`${subject}: only in ${alone.toUpperCase()}`];
  const value = ({ name, a, b, delta }: ValueDifference) =>
    `${subject}: ${name}: ${text(a)} -> ${text(b)}${delta === undefined ? '' : ` (${delta > 0 ? '+' : ''}${text(delta)})`}`;
  const alarm = (side: string) => (one: AlarmPicture) =>
    `${subject}: alarm only in ${side}: ${one.severity} ${one.kind}, ${one.text}`;
  const fault =
    (side: string) =>
    ({ kind, rule }: FaultPicture) =>
      `${subject}: fault only in ${side}: ${kind}${rule === '' ? '' : ` (${rule})`}`;
  return [
    ...more.values.map(value),
    ...more.alarms.onlyA.map(alarm('A')),
    ...more.alarms.onlyB.map(alarm('B')),
    ...more.faults.onlyA.map(fault('A')),
    ...more.faults.onlyB.map(fault('B')),
    ...more.events.map((one) => value({ ...one, name: `events ${one.name}` })),
    ...(more.hidden ? [`${subject}: what cannot be read of it differs`] : []),
  ];
}

function keyOf({ host, guest }: Picture): string {
  return JSON.stringify([host, guest?.uuid]);
}

function text(value: number | string | boolean | undefined): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(9)));
  return value === undefined ? 'none' : String(value);
}

function only({ host, guest }: Picture, side: 'a' | 'b'): Difference {
  const none = { onlyA: [], onlyB: [] };
  const whose = { host, ...(guest && { guest }), only: side };
  return { ...whose, values: [], alarms: none, faults: none, events: [], hidden: false };
}

function compare(a: Picture, b: Picture, wanted: (name: string) => boolean): Difference | undefined {
  const name = (picture: Picture) => (picture.guest ? { name: picture.guest.name } : {});
  const values = diffValues({ ...name(a), ...a.values }, { ...name(b), ...b.values }).filter((value) =>
    wanted(value.name),
  );
  const alarmKey = ({ kind, severity, resource }: AlarmPicture) => `${kind} ${severity} ${resource}`;
  const faultKey = ({ kind, rule }: FaultPicture) => `${kind} ${rule}`;
  const none = { onlyA: [], onlyB: [] };
  const difference: Difference = {
    host: a.host,
    ...(a.guest && { guest: a.guest }),
    values,
    alarms: wanted('alarms') ? onlyOnes(a.alarms, b.alarms, alarmKey) : none,
    faults: wanted('faults') ? onlyOnes(a.faults, b.faults, faultKey) : none,
    events: wanted('events') ? diffValues(a.events, b.events) : [],
    hidden: wanted('hidden') && a.hidden !== b.hidden,
  };
  const { alarms, faults, events, hidden } = difference;
  const lists = [values, events, alarms.onlyA, alarms.onlyB, faults.onlyA, faults.onlyB];
  return hidden || lists.some(({ length }) => length > 0) ? difference : undefined;
}

function diffValues(a: Picture['values'], b: Picture['values']): ValueDifference[] {
  const names = [...Object.keys(a), ...Object.keys(b).filter((name) => !Object.hasOwn(a, name))];
  return names.flatMap((name) => {
    const [one, other] = [own(a, name), own(b, name)];
    if (one === other) return [];
    const areNumbers = typeof one === 'number' && typeof other === 'number';
    return [
      {
        name,
        ...(one !== undefined && { a: one }),
        ...(other !== undefined && { b: other }),
        ...(areNumbers && { delta: other - one }),
      },
    ];
  });
}

function own(values: Picture['values'], name: string): number | string | boolean | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function onlyOnes<T>(a: readonly T[], b: readonly T[], keyOfOne: (one: T) => string): OnlyOne<T> {
  const [inA, inB] = [new Set(a.map(keyOfOne)), new Set(b.map(keyOfOne))];
  return {
    onlyA: a.filter((one) => !inB.has(keyOfOne(one))),
    onlyB: b.filter((one) => !inA.has(keyOfOne(one))),
  };
}
