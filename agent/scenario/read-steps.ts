import type { Problem } from '../config/problems.ts';
import type { YamlSource } from '../config/yaml-source.ts';
import {
  ACTION_NAMES,
  ACTIONS,
  type ActionKind,
  type ActionName,
  TARGET_KEYS,
  type WantedAction,
} from './actions.ts';
import type { Expectation } from './expect/expectation.ts';
import { EXPECTATION_NAMES, EXPECTATIONS, type ExpectationName } from './expect/kinds.ts';
import { expectTiming, neverTiming, stepSchema } from './schema.ts';
import { adviceOn, keysAt, type Shaped, shaped } from './shape.ts';
import type { Step } from './timeline.ts';

type Path = readonly PropertyKey[];
type Group = Readonly<Record<string, unknown>>;

const WHAT = ['do', 'expect', 'never'] as const;

/** The steps of a timeline, with what is wrong with them. */
export function readSteps(
  timeline: readonly unknown[],
  source: YamlSource,
): { readonly steps: Step[]; readonly problems: Problem[] } {
  const steps: Step[] = [];
  const problems: Problem[] = [];
  let atMs = 0;
  for (const [i, raw] of timeline.entries()) {
    const path = ['timeline', i];
    const shape = shaped(stepSchema, raw, path);
    if ('problems' in shape) {
      problems.push(...shape.problems);
      continue;
    }
    const { at, after, name } = shape.value;
    if (at !== undefined && after !== undefined)
      problems.push({
        path: [...path, 'after'],
        atKey: true,
        message: 'beside at; expected one of at, after',
      });
    if (at !== undefined && at < atMs)
      problems.push({
        path: [...path, 'at'],
        message: 'earlier than the step before; expected the steps in the order of time',
      });
    atMs = at ?? atMs + (after ?? 0);
    const read = readStep(raw as Group, path);
    if ('problems' in read) {
      problems.push(...read.problems);
      continue;
    }
    const { line } = source.position(path);
    steps.push({ number: i + 1, atMs, line, ...read.value, title: name ?? read.value.title } as Step);
  }
  return { steps, problems };
}

type Content = Omit<Step, 'number' | 'atMs' | 'line'>;

function readStep(raw: Group, path: Path): Shaped<Content> {
  const given = WHAT.filter((key) => raw[key] !== undefined);
  const [what, other] = given;
  if (what === undefined) return wrong(path, `does nothing; expected one of ${WHAT.join(', ')}`);
  if (other !== undefined)
    return wrong([...path, other], `beside ${what}; expected one of ${WHAT.join(', ')} in a step`, true);
  const inside = [...path, what];
  if (what === 'do') return readAction(raw[what], inside);
  return what === 'expect' ? readExpect(raw[what], inside) : readNever(raw[what], inside);
}

function readAction(raw: unknown, path: Path): Shaped<Content> {
  const chosen = only(raw, path, ACTION_NAMES, 'an action');
  if ('problems' in chosen) return chosen;
  const { name, body } = chosen.value;
  const inside = [...path, name];
  const kind: ActionKind = ACTIONS[name];
  if (!isGroup(body)) return wrong(inside, 'not accepted, expected a group of keys');
  const target = TARGET_KEYS[kind.on];
  const targetKeys = Object.keys(target.shape);
  const on = shaped(
    target,
    pick(body, (key) => targetKeys.includes(key)),
    inside,
  );
  const wanted = shaped(
    kind.schema,
    pick(body, (key) => !targetKeys.includes(key)),
    inside,
    targetKeys,
  );
  const problems = [
    ...('problems' in on ? on.problems : []),
    ...('problems' in wanted ? wanted.problems : []),
  ];
  if ('problems' in on || 'problems' in wanted) return { problems };
  const unfit = kind.check?.(wanted.value as never) ?? [];
  if (unfit.length > 0)
    return { problems: unfit.map(({ path: below, message }) => ({ path: [...inside, ...below], message })) };
  const action: WantedAction = { name, on: on.value, body: wanted.value };
  return { value: { kind: 'do', title: titleOf(name, body), action } as Content };
}

function readExpect(raw: unknown, path: Path): Shaped<Content> {
  const read = readExpectation(raw, path, expectTiming);
  if ('problems' in read) return read;
  const { expectation, timing } = read.value;
  const { within: withinMs, holds: holdsMs } = timing;
  if (holdsMs > 0 && !expectation.lasts)
    return wrong(
      [...path, 'holds'],
      `${expectation.kind} is about what happens, not about what lasts; expected within alone`,
      true,
    );
  return { value: { kind: 'expect', title: expectation.text, expectation, withinMs, holdsMs } as Content };
}

function readNever(raw: unknown, path: Path): Shaped<Content> {
  const read = readExpectation(raw, path, neverTiming);
  if ('problems' in read) return read;
  const { expectation, timing } = read.value;
  return {
    value: {
      kind: 'never',
      title: `never ${expectation.text}`,
      expectation,
      untilMs: timing.until,
    } as Content,
  };
}

function readExpectation<T extends typeof expectTiming | typeof neverTiming>(
  raw: unknown,
  path: Path,
  timingSchema: T,
): Shaped<{ expectation: Expectation; timing: ReturnType<T['parse']> }> {
  if (!isGroup(raw))
    return wrong(path, `not accepted, expected a group with one of ${EXPECTATION_NAMES.join(', ')}`);
  const names = EXPECTATION_NAMES.filter((name) => raw[name] !== undefined);
  const [name, other] = names;
  if (name === undefined) return wrong(path, missing(raw));
  if (other !== undefined)
    return wrong([...path, other], `beside ${name}; expected one of ${EXPECTATION_NAMES.join(', ')}`, true);
  const timingKeys = keysAt(timingSchema, []);
  const timing = shaped(
    timingSchema,
    pick(raw, (key) => timingKeys.includes(key)),
    path,
  );
  const kind = EXPECTATIONS[name];
  const wanted = shaped(
    kind.schema,
    pick(raw, (key) => !timingKeys.includes(key)),
    path,
    timingKeys,
  );
  const problems = [
    ...('problems' in timing ? timing.problems : []),
    ...('problems' in wanted ? wanted.problems : []),
  ];
  if ('problems' in timing || 'problems' in wanted) return { problems };
  return {
    value: { expectation: kind.build(wanted.value as never), timing: timing.value as ReturnType<T['parse']> },
  };
}

function missing(raw: Group): string {
  const [key] = Object.keys(raw);
  const advice =
    key === undefined ? `expected one of ${EXPECTATION_NAMES.join(', ')}` : adviceOn(key, EXPECTATION_NAMES);
  return `expects nothing; ${advice}`;
}

/** The one key of a group that names what it is, and what is below it. */
function only<N extends ActionName | ExpectationName>(
  raw: unknown,
  path: Path,
  names: readonly N[],
  what: string,
): Shaped<{ name: N; body: unknown }> {
  if (!isGroup(raw)) return wrong(path, `not accepted, expected ${what}: one of ${names.join(', ')}`);
  const [key, other] = Object.keys(raw);
  if (key === undefined) return wrong(path, `empty; expected one of ${names.join(', ')}`);
  const name = names.find((each) => each === key);
  if (name === undefined) return wrong([...path, key], `not ${what}; ${adviceOn(key, names)}`, true);
  if (other !== undefined)
    return wrong([...path, other], `beside ${key}; expected ${what} in each step`, true);
  return { value: { name, body: raw[key] ?? {} } };
}

function titleOf(name: ActionName, body: Group): string {
  const words = Object.entries(body).map(([key, value]) =>
    typeof value === 'object' ? `${key} ${JSON.stringify(value)}` : `${key} ${String(value)}`,
  );
  const text = [name, ...words].join(' ');
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function wrong(path: Path, message: string, atKey = false): { readonly problems: readonly Problem[] } {
  return { problems: [{ path, message, atKey }] };
}

function pick(group: Group, wanted: (key: string) => boolean): Group {
  return Object.fromEntries(Object.entries(group).filter(([key]) => wanted(key)));
}

function isGroup(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
