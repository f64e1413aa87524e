import { wrong } from './truth.ts';

/** Something that a monitoring system reported. */
export interface Detection {
  /** What it calls it: the name of the alert, a kind of alarm or of fault. */
  readonly name: string;
  readonly host?: string;
  readonly guest?: string;
  /** Unix time in ms. */
  readonly fromMs: number;
  /** Absent for what was still reported at the end. */
  readonly toMs?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Labels of alerts that name a guest, and a host; the first that is there counts. */
const GUEST_LABELS = ['guest', 'domain', 'vm', 'libvirtGuestName', 'lvsAlarmGuestName'];
const HOST_LABELS = ['host', 'hostname', 'node', 'instance', 'lvsHostName'];

/**
 * Reads what a monitoring system reported: a JSON list of detections, CSV with the same names as heads, or the answer
 * of Prometheus's `/api/v1/alerts`.
 *
 * @throws VirtsnmpError CONFIG_INVALID with the place of what cannot be read.
 */
export function readDetections(text: string, source: string): Detection[] {
  if (!/^\s*[[{]/.test(text)) return csvRows(text, source).map(({ fields, place }) => plain(fields, place));
  const data = json(text, source);
  if (Array.isArray(data))
    return data.map((each: unknown, i) => plain(group(each, `${source}[${i}]`), `${source}[${i}]`));
  const { alerts } = group((data as Fields)['data'] ?? data, source);
  if (!Array.isArray(alerts))
    throw wrong(`${source}: has neither a list of detections nor data.alerts; expected one of them`);
  return alerts.flatMap((each: unknown, i) =>
    alertOf(group(each, `${source}: alert ${i + 1}`), `${source}: alert ${i + 1}`),
  );
}

/**
 * Each detection once: snapshots tell again what they told before, and an alert fires for each series. The latest end
 * counts.
 */
export function distinct(detections: readonly Detection[]): Detection[] {
  const found = new Map<string, Detection>();
  for (const detection of detections) {
    const { name, host, guest, fromMs, toMs } = detection;
    const key = JSON.stringify([name, host, guest, fromMs]);
    const before = found.get(key);
    if (!before || (toMs ?? 0) > (before.toMs ?? 0)) found.set(key, detection);
  }
  return [...found.values()];
}

/** An alert of Prometheus; one that is only pending has not been reported to anybody. */
function alertOf(alert: Fields, place: string): Detection[] {
  if (alert['state'] === 'pending') return [];
  const labels = group(alert['labels'] ?? {}, `${place}: labels`);
  const named = (names: readonly string[]) =>
    names.map((name) => labels[name]).find((value) => typeof value === 'string');
  const toMs = alert['endsAt'] ?? alert['resolvedAt'];
  return [
    {
      name: textOf(labels['alertname'], `${place}: labels.alertname`),
      ...defined('guest', named(GUEST_LABELS)),
      ...defined('host', named(HOST_LABELS)),
      fromMs: timeOf(alert['activeAt'] ?? alert['startsAt'], `${place}: activeAt`),
      ...(toMs !== undefined && toMs !== null && { toMs: timeOf(toMs, `${place}: endsAt`) }),
    },
  ];
}

function plain(fields: Fields, place: string): Detection {
  const { name, host, guest, from, to } = fields;
  const isGiven = (value: unknown) => value !== undefined && value !== null && value !== '';
  return {
    name: textOf(name, `${place}: name`),
    ...(isGiven(host) && { host: textOf(host, `${place}: host`) }),
    ...(isGiven(guest) && { guest: textOf(guest, `${place}: guest`) }),
    fromMs: timeOf(from, `${place}: from`),
    ...(isGiven(to) && { toMs: timeOf(to, `${place}: to`) }),
  };
}

function defined(key: 'guest' | 'host', value: unknown): object {
  return value === undefined ? {} : { [key]: value };
}

function textOf(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(`${place} is ${JSON.stringify(value) ?? 'missing'}; expected text`);
}

function timeOf(value: unknown, place: string): number {
  const ms =
    typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw wrong(
    `${place} is ${JSON.stringify(value) ?? 'missing'}; expected RFC 3339 text, or Unix time in seconds`,
  );
}

function group(value: unknown, place: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(`${place} is ${JSON.stringify(value)?.slice(0, 60) ?? 'missing'}; expected an object`);
}

function json(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw wrong(`${source}: is no JSON: ${(thrown as Error).message}`);
  }
}

/** Rows of CSV (RFC 4180) by the names of their heads. */
function csvRows(text: string, source: string): { fields: Fields; place: string }[] {
  const [head, ...rows] = csvCells(text, source);
  if (!head?.cells.includes('name') || !head.cells.includes('from'))
    throw wrong(`${source}:1: has no heads; expected name,host,guest,from,to`);
  return rows.map(({ cells, line }) => ({
    fields: Object.fromEntries(head.cells.map((name, i) => [name, numberOrText(name, cells[i] ?? '')])),
    place: `${source}:${line}`,
  }));
}

/** A time may be a number. */
function numberOrText(name: string, text: string): string | number {
  return (name === 'from' || name === 'to') && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function csvCells(text: string, source: string): { cells: string[]; line: number }[] {
  const rows: { cells: string[]; line: number }[] = [];
  let line = 1;
  let row: string[] = [];
  const cell = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
  for (let at = 0; at < text.length; ) {
    cell.lastIndex = at;
    const [whole, quoted, bare] = cell.exec(text) ?? [''];
    at += whole.length;
    row.push((quoted?.replaceAll('""', '"') ?? bare ?? '').trim());
    if (text[at] === ',') {
      at++;
      if (at === text.length) row.push('');
      continue;
    }
    const end = /^\r?\n|^$/.exec(text.slice(at, at + 2));
    if (!end)
      throw wrong(
        `${source}:${line}: a quote in the middle of a cell; expected it doubled, and the cell in quotes`,
      );
    if (row.some((each) => each !== '')) rows.push({ cells: row, line });
    row = [];
    line += 1 + (whole.match(/\n/g)?.length ?? 0);
    at += end[0].length;
  }
  if (row.some((each) => each !== '')) rows.push({ cells: row, line });
  return rows;
}
