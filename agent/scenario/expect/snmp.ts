import { z } from 'zod';
import { formatOid } from '../../util/oid.ts';
import { namesOf, valueText } from '../mib-names.ts';
import type { Instance, World } from '../world.ts';
import { satisfies, satisfiesEither } from './comparison.ts';
import { expectationKind, type Looked, type Probe } from './expectation.ts';
import { type Aggregate, type Expression, parseExpression } from './expression.ts';
import { readText } from './read-text.ts';
import { selectInstances } from './rows.ts';

const TWO32 = 0x1_0000_0000n;
/** Instances that a report names. */
const MOST_NAMED = 3;

/** A value of SNMP objects satisfies a comparison. */
export const snmp = expectationKind({
  about: 'A value that a manager would read satisfies a comparison.',
  schema: z.strictObject({
    snmp: readText(parseExpression, 'a comparison such as "lvsGuestState{guest=web-01} == running"'),
  }),
  example: '{ snmp: "rate(lvsGuestStealTime{guest=web-01}, 30 s) > 1e9", within: 2 min }',
  build: ({ snmp: expression }) => ({
    kind: 'snmp',
    text: expression.text,
    leadMs: expression.windowMs ?? 0,
    names: {
      guest: expression.selector.labels.find(({ object }) => object === 'guest')?.value,
      host: expression.selector.host,
    },
    lasts: true,
    begin: () => new SnmpProbe(expression),
  }),
});

interface Sample {
  readonly atMs: number;
  readonly value: bigint;
}

/** Reads the instances of an expression, and remembers them as far back as it has to. */
class SnmpProbe implements Probe {
  readonly #expression: Expression;
  /** Values by instance, the oldest first. BOUNDED by the window and the time between two looks. */
  #samples = new Map<string, Sample[]>();

  constructor(expression: Expression) {
    this.#expression = expression;
  }

  look(world: World): Looked {
    const { selector, aggregate, change, condition } = this.#expression;
    const instances = selectInstances(world, selector);
    if (aggregate === 'count') return looked(instances.length, satisfies(instances.length, condition));
    if (change) return this.#computed(this.#changes(instances, world.nowMs), instances.length);
    if (aggregate)
      return this.#computed(
        instances.map(({ value }) => Number(value)),
        instances.length,
      );
    const [only, ...others] = instances;
    if (!only) return { met: false, seen: 'no such instance' };
    if (others.length > 0) return ambiguous(selector.object.definition.oid.length, instances);
    const text = valueText(selector.object.definition.syntax, only.value);
    return { met: satisfiesEither(namesOf(only.value, text), condition), seen: text };
  }

  #computed(values: readonly number[], instances: number): Looked {
    const { aggregate, condition, change } = this.#expression;
    if (instances === 0) return { met: false, seen: 'no such instance' };
    if (values.length === 0) return { met: false, seen: `no ${change} yet` };
    if (!aggregate && values.length > 1)
      return { met: false, seen: `${values.length} instances; use sum, min, max or avg` };
    const value = combined(aggregate ?? 'sum', values);
    return looked(value, satisfies(value, condition));
  }

  /** What each instance grew by over the window; of those that are known for so long. */
  #changes(instances: readonly Instance[], nowMs: number): number[] {
    const { windowMs, change, selector } = this.#expression;
    const fromMs = nowMs - windowMs!;
    const kept = new Map<string, Sample[]>();
    const changes: number[] = [];
    for (const { oid, value } of instances) {
      const key = formatOid(oid);
      const now = { atMs: nowMs, value: BigInt(value as number | bigint) };
      const grown = grow(this.#samples.get(key) ?? [], now, selector.object.definition.syntax.base);
      // The latest sample that is as old as the window, and all that came after it.
      const first = grown.findLastIndex(({ atMs }) => atMs <= fromMs);
      const samples = first > 0 ? grown.slice(first) : grown;
      kept.set(key, samples);
      const oldest = samples[0]!;
      if (oldest.atMs > fromMs) continue;
      const difference = Number(
        now.value - oldest.value + wrapped(samples, selector.object.definition.syntax.base),
      );
      changes.push(change === 'rate' ? (difference * 1000) / (nowMs - oldest.atMs) : difference);
    }
    this.#samples = kept;
    return changes;
  }
}

/** A Counter64 that went back was reset: what was before counts no more (RFC 2578 section 7.1.10). */
function grow(samples: readonly Sample[], now: Sample, base: string): Sample[] {
  const last = samples.at(-1);
  if (last && base === 'Counter64' && now.value < last.value) return [now];
  return last?.atMs === now.atMs ? [...samples.slice(0, -1), now] : [...samples, now];
}

/** What a Counter32 that wrapped within the window has lost (RFC 2578 section 7.1.6). */
function wrapped(samples: readonly Sample[], base: string): bigint {
  if (base !== 'Counter32') return 0n;
  const wraps = samples.filter(({ value }, i) => i > 0 && value < samples[i - 1]!.value).length;
  return BigInt(wraps) * TWO32;
}

function combined(aggregate: Aggregate, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (aggregate) {
    case 'count':
      return values.length;
    case 'sum':
      return sum;
    case 'avg':
      return sum / values.length;
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
  }
}

function looked(value: number, met: boolean): Looked {
  return { met, seen: Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6))) };
}

function ambiguous(length: number, instances: readonly Instance[]): Looked {
  const named = instances.slice(0, MOST_NAMED).map(({ oid }) => formatOid(oid.slice(length)));
  return {
    met: false,
    seen: `${instances.length} instances (${named.join(', ')}${instances.length > MOST_NAMED ? ', ...' : ''}); say which by labels`,
  };
}
