import { z } from 'zod';
import { choice, integer, list } from '../../config/fields.ts';
import { errorText } from '../../util/errors.ts';
import type { World } from '../world.ts';
import { type Comparison, ComparisonError, conditionText, parseComparison, satisfies } from './comparison.ts';
import { expectationKind, type Looked } from './expectation.ts';
import { readText } from './read-text.ts';

/** Real ms that an answer may take. */
const TIMEOUT_MS = 5000;
/** Octets of an answer that are read. */
const MOST_OCTETS = 16 * 1024 * 1024;
const MOST_CONDITIONS = 32;
/** Stands for the simulation's own control API in a URL. */
const OWN_API = '{api}';

const schema = z.strictObject({
  http: readText(readUrl, 'a URL such as http://127.0.0.1:9090/api/v1/alerts, or {api}/alarms'),
  method: choice(['GET', 'POST']).default('GET'),
  headers: z.record(z.string(), z.string(), { error: 'a group of header names and texts' }).default({}),
  body: z.string({ error: 'text' }).optional(),
  status: integer(100, 599).default(200),
  json: list(
    readText(readJsonCondition, 'a comparison such as "data.alerts[*].state == firing"'),
    MOST_CONDITIONS,
    'comparisons',
  ).default([]),
});

type Wanted = z.output<typeof schema>;

/** An HTTP endpoint answers with what is expected. */
export const http = expectationKind({
  about: 'An HTTP endpoint answers with this status, and with these values in its JSON.',
  schema,
  example:
    '{ http: "http://127.0.0.1:9090/api/v1/alerts", json: "data.alerts[*].labels.alertname == HighSteal", within: 5 min }',
  build: (wanted) => ({
    kind: 'http',
    text: describe(wanted),
    leadMs: 0,
    names: {},
    lasts: true,
    begin: () => ({ look: (world) => ask(wanted, world) }),
  }),
});

async function ask(wanted: Wanted, { apiUrl }: World): Promise<Looked> {
  const { http: url, method, headers, body, status, json } = wanted;
  if (url.includes(OWN_API) && apiUrl === undefined)
    return { met: false, seen: 'the simulation has no control API; give control.listen' };
  try {
    const response = await fetch(expanded(url.replace(OWN_API, apiUrl ?? '')), {
      method,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, expanded(value)])),
      ...(body !== undefined && { body: expanded(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await limited(response);
    if (response.status !== status) return { met: false, seen: `status ${response.status}` };
    return json.length === 0 ? { met: true, seen: `status ${status}` } : judge(JSON.parse(text), json);
  } catch (thrown) {
    const { cause } = thrown as { cause?: unknown };
    return {
      met: false,
      seen: cause instanceof Error && cause.message !== '' ? cause.message : errorText(thrown),
    };
  }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MOST_OCTETS) throw new Error(`an answer of more than ${MOST_OCTETS} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Each condition must hold of one of the values that its path leads to. */
function judge(data: unknown, conditions: readonly Comparison[]): Looked {
  const seen = conditions.map(({ left, condition }) => {
    const values = valuesAt(data, left);
    const met = values.some((value) => isPlain(value) && satisfies(value, condition));
    const shown = values.map((value) => JSON.stringify(value) ?? 'nothing').join(', ');
    return { met, text: `${left} is ${shown === '' ? 'nothing' : shown.slice(0, 200)}` };
  });
  return { met: seen.every(({ met }) => met), seen: seen.map(({ text }) => text).join('; ') };
}

function isPlain(value: unknown): value is number | string | boolean {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
}

/** The values at a path such as `data.alerts[*].labels.alertname`; `length` of a list is how long it is. */
export function valuesAt(data: unknown, path: string): unknown[] {
  const keys = path.replace(/^\$\.?/, '').match(/\[\*\]|\[\d+\]|\["[^"]*"\]|[^.[\]]+/g) ?? [];
  return keys.reduce<unknown[]>((values, key) => values.flatMap((value) => inside(value, key)), [data]);
}

function inside(value: unknown, key: string): unknown[] {
  if (Array.isArray(value)) {
    if (key === '[*]') return value;
    if (key === 'length') return [value.length];
    const place = /^\[(\d+)\]$/.exec(key);
    return place && Number(place[1]) < value.length ? [value[Number(place[1])]] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (key === '[*]') return Object.values(value);
  const name = key.replace(/^\["(.*)"\]$/, '$1');
  return Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : [];
}

function expanded(text: string): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_reference, name: string) => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
    return value;
  });
}

function readUrl(text: string): string {
  const plain = text.replace(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/g, 'x').replace(OWN_API, 'http://127.0.0.1');
  if (URL.canParse(plain) && /^https?:/.test(plain)) return text;
  throw new ComparisonError(`${JSON.stringify(text)} is no URL; expected http://, https:// or ${OWN_API}/`);
}

function readJsonCondition(text: string): Comparison {
  const comparison = parseComparison(text);
  if (/^\$?\.?[^.[\]]*(\.[^.[\]]+|\[(\*|\d+|"[^"]*")\])*$/.test(comparison.left)) return comparison;
  throw new ComparisonError(
    `${JSON.stringify(comparison.left)} is no path; expected one such as data.alerts[*].state`,
  );
}

function describe({ http: url, json, status }: Wanted): string {
  const conditions = json.map(({ left, condition }) => `${left} ${conditionText(condition)}`);
  return `${url} answers ${conditions.length > 0 ? conditions.join(', ') : status}`;
}
