import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineIdentity } from '../../../agent/engine/identity.ts';
import { beforeEachStep, failAtStep, failFromStep, withoutFaults } from './identity-faults.ts';

const CHILD = join(import.meta.dirname, 'identity-child.ts');
/** open, write, fsync, close, rename of the file; open, fsync, close of its folder. */
const STEPS = 8;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-identity-'));
  file = join(folder, 'host.engine.json');
});

afterEach(() => {
  withoutFaults();
  rmSync(folder, { recursive: true, force: true });
});

const storedBoots = () => JSON.parse(readFileSync(file, 'utf8')).engineBoots as number;

describe('storing the boots', () => {
  it('has the steps that the tests below break it at', () => {
    const names: string[] = [];
    beforeEachStep((_step, name) => names.push(name));
    new EngineIdentity({ file });
    expect(names).toEqual([
      ...['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync'],
      ...['openSync', 'fsyncSync', 'closeSync'],
    ]);
  });

  describe.each([
    ['only step', failAtStep],
    ['all from step', failFromStep],
  ])('when %s', (_which, fail) => {
    it.each(
      Array.from({ length: STEPS }, (_, step) => step),
    )('%i fails, never repeats or lowers boots', (step) => {
      const first = new EngineIdentity({ file });
      fail(step);
      // Whoever cannot store its boots must not answer.
      expect(() => new EngineIdentity({ file })).toThrow(expect.objectContaining({ code: 'STATE_FAILED' }));
      withoutFaults();
      expect(storedBoots()).toBeGreaterThanOrEqual(first.boots());
      const next = new EngineIdentity({ file });
      expect(next.boots()).toBeGreaterThan(first.boots());
      expect(next.id).toEqual(first.id);
    });

    it.each(Array.from({ length: STEPS }, (_, step) => step))('%i fails at the very first start', (step) => {
      fail(step);
      expect(() => new EngineIdentity({ file })).toThrow(expect.objectContaining({ code: 'STATE_FAILED' }));
      withoutFaults();
      expect(new EngineIdentity({ file }).boots()).toBeGreaterThanOrEqual(1);
    });
  });
});

describe('kill -9', () => {
  /** Starts an engine that dies at a step; what it told the world: its ID and boots, or nothing. */
  function start(step: number, torn = ''): { readonly id: string; readonly boots: number } | undefined {
    const run = spawnSync(process.execPath, ['--import', 'tsx', CHILD, file, `${step}`, torn], {
      encoding: 'utf8',
    });
    expect([run.signal, run.stderr]).toEqual(['SIGKILL', '']);
    const [id, boots] = run.stdout.trim().split(' ');
    return boots === undefined ? undefined : { id: id!, boots: Number(boots) };
  }

  it('between any two steps of storing, or in the middle of writing, never repeats or lowers boots', () => {
    const told = [start(99)!];
    expect(told[0]?.boots).toBe(1);
    let stored = storedBoots();
    const crashes = [
      ...Array.from({ length: STEPS }, (_, step) => [step, ''] as const),
      [1, 'torn'] as const,
    ];
    for (const [step, torn] of crashes) {
      expect(start(step, torn)).toBe(undefined);
      expect(storedBoots()).toBeGreaterThanOrEqual(stored);
      stored = storedBoots();
    }
    told.push(start(99)!, start(99)!);
    const boots = told.map((one) => one.boots);
    // Killed behind the rename, in three of its steps, a start has used up a number that it never told.
    expect(boots).toEqual([1, 5, 6]);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['host.engine.json']);
  });

  it('at the very first start leaves no engine, or a whole one', () => {
    for (const step of [1, 4, 5]) {
      start(step);
      expect(readdirSync(folder)).toContain(step === 5 ? 'host.engine.json' : 'host.engine.json.new');
    }
    expect(start(99)?.boots).toBe(2);
  });
});
