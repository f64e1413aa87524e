import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTAINER_FIELDS,
  type ContainerCounter,
  readSystemTime,
} from '../../agent/emulation/container/container-read.ts';
import { runs } from '../support/runs.ts';
import { ContainerDriver, limits, MEBIBYTE } from '../unit/emulation/container/driver.ts';

const FIELDS = Object.keys(CONTAINER_FIELDS) as ContainerCounter[];

const sizes = fc.integer({ min: 0, max: 400 * MEBIBYTE });
const bound = fc.oneof(sizes, fc.constant(Number.POSITIVE_INFINITY));

const setting = fc
  .record({
    profile: fc.constantFrom('rhel6' as const, 'modern' as const),
    cpu: fc.record({
      shares: fc.integer({ min: 2, max: 10_000 }),
      periodUs: fc.integer({ min: 1000, max: 1_000_000 }),
      quotaUs: fc.oneof(fc.constant(-1), fc.integer({ min: 1000, max: 4_000_000 })),
    }),
    memory: fc.record({
      min: sizes,
      low: sizes,
      high: bound,
      max: bound,
      swapMax: bound,
      oomGroup: fc.boolean(),
    }),
    pidsMax: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ profile, ...changes }) => ({ profile, limits: limits(profile, changes) }));

const step = fc.record({
  spanMs: fc.integer({ min: 1, max: 3000 }),
  utilisation: fc.double({ min: 0, max: 1.5, noNaN: true }),
  granted: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 0, max: 4_000_000 })),
  anonWanted: sizes,
  cacheWanted: sizes,
  hostReclaim: fc.oneof(fc.constant(0), sizes),
  pids: fc.integer({ min: 0, max: 200 }),
});

describe('containers of random limits and loads', () => {
  it('keep every limit, and no counter goes back', () => {
    fc.assert(
      fc.property(
        setting,
        fc.integer({ min: 1, max: 8 }),
        fc.array(step, { minLength: 1, maxLength: 15 }),
        fc.option(setting, { nil: undefined }),
        (plan, cpus, steps, relimited) => {
          const driver = new ContainerDriver({ ...plan, cpus });
          const last = FIELDS.map(() => 0);
          steps.forEach(({ spanMs, utilisation, granted, pids, ...memory }, i) => {
            if (i === 5 && relimited !== undefined) driver.relimit(relimited.limits);
            Object.assign(driver.memory, memory);
            driver.utilisation = utilisation;
            driver.granted = granted;
            driver.pids = pids;
            const before = { usage: driver.read('cpu.usage'), at: driver.nowMs, oom: driver.oom.length };
            const held = driver.gauge('pids.current');
            driver.tick(spanMs);
            for (const at of [before.at, before.at + Math.floor(spanMs / 2), driver.nowMs]) {
              FIELDS.forEach((field, f) => {
                const value = driver.read(field, at);
                expect(Number.isSafeInteger(value) && value >= last[f]!).toBe(true);
                last[f] = value;
              });
              expect(readSystemTime(driver.machine, driver.place, at)).toBeGreaterThanOrEqual(0);
              expect(driver.read('cpu.nr_throttled', at)).toBeLessThanOrEqual(
                driver.read('cpu.nr_periods', at),
              );
            }
            const { cpu, memory: bounds, pidsMax } = driver.plan.limits;
            const used = driver.read('cpu.usage') - before.usage;
            expect(used).toBeLessThanOrEqual(cpus * spanMs * 1e6);
            if (cpu.quotaUs >= 0)
              expect(used).toBeLessThanOrEqual((cpu.quotaUs / cpu.periodUs) * spanMs * 1e6 + 1);
            expect(driver.current).toBeLessThanOrEqual(bounds.max);
            expect(driver.gauge('memory.peak')).toBeGreaterThanOrEqual(driver.current);
            for (const gauge of ['memory.anon', 'memory.file', 'memory.swap.current'] as const) {
              expect(driver.gauge(gauge)).toBeGreaterThanOrEqual(0);
              expect(driver.gauge(gauge) % 4096).toBe(0);
            }
            expect(driver.read('memory.oom_kill')).toBe(driver.oom.length);
            expect(driver.read('memory.oom')).toBeGreaterThanOrEqual(driver.read('memory.oom_kill'));
            if (driver.oom.length > before.oom) expect(driver.read('memory.max')).toBeGreaterThan(0);
            if (bounds.max === Number.POSITIVE_INFINITY) expect(driver.oom.length).toBe(before.oom);
            expect(driver.gauge('pids.current')).toBeLessThanOrEqual(Math.max(held, pidsMax));
          });
        },
      ),
      { numRuns: runs(120) },
    );
  });

  it('swap stays within its limit unless that was lowered', () => {
    fc.assert(
      fc.property(setting, fc.array(step, { minLength: 1, maxLength: 15 }), (plan, steps) => {
        const driver = new ContainerDriver(plan);
        for (const { spanMs, anonWanted, cacheWanted, hostReclaim } of steps) {
          Object.assign(driver.memory, { anonWanted, cacheWanted, hostReclaim });
          driver.tick(spanMs);
          expect(driver.gauge('memory.swap.current')).toBeLessThanOrEqual(driver.plan.limits.memory.swapMax);
        }
      }),
    );
  });

  it('G6 a container that is held at memory.high grows and sleeps as much with shorter ticks', () => {
    const run = (spanMs: number) => {
      const memory = { high: 100 * MEBIBYTE, swapMax: 0 };
      const driver = new ContainerDriver({ limits: limits('modern', { memory }) });
      driver.memory.anonWanted = 300 * MEBIBYTE;
      driver.utilisation = 1;
      // The sleep follows a tick later: long enough for that to be small.
      driver.ticks(300_000 / spanMs, spanMs);
      return [driver.current, driver.read('cpu.usage')];
    };
    const [current, usage] = run(1000);
    for (const spanMs of [500, 250, 100]) {
      const [splitCurrent, splitUsage] = run(spanMs);
      expect(Math.abs(splitCurrent! / current! - 1)).toBeLessThan(0.02);
      expect(Math.abs(splitUsage! / usage! - 1)).toBeLessThan(0.02);
    }
  });

  it('G6 splitting the tick changes totals by less than 2 %', () => {
    fc.assert(
      fc.property(setting, step, fc.constantFrom(2, 4, 10), (plan, load, parts) => {
        const run = (spanMs: number) => {
          const { cpu } = plan.limits;
          const driver = new ContainerDriver({
            profile: plan.profile,
            limits: limits(plan.profile, { cpu }),
          });
          const { anonWanted, cacheWanted } = load;
          Object.assign(driver.memory, { anonWanted, cacheWanted });
          driver.utilisation = load.utilisation;
          driver.granted = load.granted;
          driver.pids = load.pids;
          driver.ticks(60_000 / spanMs, spanMs);
          return [...FIELDS.map((field) => driver.read(field)), driver.current];
        };
        const whole = run(1000);
        const split = run(1000 / parts);
        whole.forEach((value, f) => {
          expect(Math.abs(split[f]! - value)).toBeLessThanOrEqual(0.02 * value + 1);
        });
      }),
      { numRuns: runs(20) },
    );
  });
});
