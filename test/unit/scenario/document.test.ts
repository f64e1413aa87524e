import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { shippedScenarios } from '../../../agent/cli/scenario-actions.ts';
import { optionInfo } from '../../../agent/config/fields.ts';
import { ACTION_NAMES, ACTIONS, type ActionKind, TARGET_KEYS } from '../../../agent/scenario/actions.ts';
import { OPERATORS } from '../../../agent/scenario/expect/comparison.ts';
import { AGGREGATES } from '../../../agent/scenario/expect/expression.ts';
import { EXPECTATION_NAMES, EXPECTATIONS } from '../../../agent/scenario/expect/kinds.ts';
import { loadScenario } from '../../../agent/scenario/load.ts';
import { expectTiming, neverTiming, scenarioSchema, stepSchema } from '../../../agent/scenario/schema.ts';
import { keysAt } from '../../../agent/scenario/shape.ts';
import { scenarioOf } from '../../support/scenario.ts';

const FILE = new URL('../../../docs/SCENARIOS.md', import.meta.url);

function optionTable(schema: z.ZodObject): string[] {
  const rows = Object.entries(schema.shape).map(([key, option]) => {
    const { about, expected, defaultText } = optionInfo.get(option as z.ZodType)!;
    return [`\`${key}\``, about, expected, defaultText ?? defaultOf(option as z.ZodType)];
  });
  return table(['Key', 'Meaning', 'Accepted', 'Default'], rows);
}

function defaultOf(option: z.ZodType): string {
  const { def } = (option as unknown as z.core.$ZodTypes)._zod;
  return def.type === 'default' ? `\`${String(def.defaultValue)}\`` : 'must be given';
}

function actionTable(): string[] {
  const rows = ACTION_NAMES.map((name) => {
    const { about, route, schema, on, example }: ActionKind = ACTIONS[name];
    const keys = [...Object.keys(TARGET_KEYS[on].shape), ...keysAt(schema, [])];
    return [
      `\`${name}\``,
      about,
      keys.map((key) => `\`${key}\``).join(', '),
      route === undefined ? '' : `\`${route}\``,
      `\`${name}: ${example}\``,
    ];
  });
  return table(['Action', 'What it does', 'Keys', 'The same over HTTP', 'Example'], rows);
}

function expectationTable(): string[] {
  const rows = EXPECTATION_NAMES.map((name) => {
    const { about, schema, example } = EXPECTATIONS[name];
    return [
      `\`${name}\``,
      about,
      Object.keys(schema.shape)
        .map((key) => `\`${key}\``)
        .join(', '),
      `\`expect: ${example}\``,
    ];
  });
  return table(['Expectation', 'What has to be so', 'Keys', 'Example'], rows);
}

function shippedTable(): string[] {
  const rows = shippedScenarios().map((file) => {
    const { name } = loadScenario({ file, env: {} });
    return [`\`${basename(file)}\``, name];
  });
  return table(['File', 'Story'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

const TABLES: Readonly<Record<string, () => string[]>> = {
  file: () => optionTable(scenarioSchema),
  step: () => optionTable(stepSchema),
  actions: actionTable,
  expectations: expectationTable,
  expect: () => optionTable(expectTiming),
  never: () => optionTable(neverTiming),
  shipped: shippedTable,
};

describe('docs/SCENARIOS.md', () => {
  const text = readFileSync(FILE, 'utf8');

  it('is what the code says (npm run gen:scenarios writes its tables)', () => {
    const made = text.replace(/(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_whole, head, name, end) =>
      [head, ...TABLES[name]!().map((line) => `${line}\n`), end].join(''),
    );
    for (const name of Object.keys(TABLES)) expect(text).toContain(`<!-- table: ${name} -->`);
    if (process.env['UPDATE_DOCS']) writeFileSync(FILE, made);
    expect(readFileSync(FILE, 'utf8')).toBe(made);
  });

  it.each(EXPECTATION_NAMES)('explains every key of %s', (name) => {
    const section = text.split(/^### /m).find((part) => part.startsWith(`\`${name}\``)) ?? '';
    const keys = Object.keys(EXPECTATIONS[name].schema.shape).filter((key) => key !== name);
    expect(keys.filter((key) => !section.includes(`\`${key}\``) && !section.includes(`\`${key}: `))).toEqual(
      [],
    );
  });

  it('names every operator and aggregate', () => {
    for (const word of [...OPERATORS, ...AGGREGATES, 'rate', 'increase']) expect(text).toContain(`\`${word}`);
  });

  const blocks = Array.from(text.matchAll(/```yaml\n([\s\S]*?)```/g), ([, block]) => block!);
  it('has a whole scenario that can be read', () => {
    const whole = blocks.filter((block) => block.startsWith('name:'));
    expect(whole.length).toBeGreaterThan(0);
    for (const block of whole) expect(scenarioOf(block).steps.length).toBeGreaterThan(0);
  });
});

describe('the examples of the tables', () => {
  const HEAD = `name: a test
config:
  inventory:
    list: [{ name: web-01 }, { name: web-02 }, { name: desktop }, { name: db, disks: 1 }]
timeline:
`;

  it.each(ACTION_NAMES)('%s', (name) => {
    expect(scenarioOf(`${HEAD}  - do: { ${name}: ${ACTIONS[name].example} }\n`).steps).toMatchObject([
      { action: { name } },
    ]);
  });

  it.each(EXPECTATION_NAMES)('%s', (name) => {
    expect(scenarioOf(`${HEAD}  - expect: ${EXPECTATIONS[name].example}\n`).steps).toMatchObject([
      { expectation: { kind: name } },
    ]);
  });
});
