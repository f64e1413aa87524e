import { describe, expect, it } from 'vitest';
import { ACTION, COMPARISON, EXISTENCE, STARTUP, TEST } from '../../../agent/objects/event-mib/rows.ts';
import {
  BLIND,
  NAME,
  NOBODY,
  NUMBER,
  SINCE,
  SWITCH,
  TriggerLaboratory,
  WRITER,
} from '../../support/trigger-laboratory.ts';

const { present, absent, changed } = EXISTENCE;
const TWO32 = 2 ** 32;

/** Takes a sample of row 1 at each value. */
function samples(lab: TriggerLaboratory, values: readonly (number | bigint)[]): string[][] {
  return values.map((value) => {
    lab.row(1, value);
    return lab.sample();
  });
}

describe('a test of existence', () => {
  it('fires for rows that come, go and change, each by itself', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10);
    lab.row(3, 30);
    lab.trigger('t', {
      test: TEST.existence,
      existenceTest: present | absent | changed,
      existenceStartup: 0,
    });
    expect(lab.sample()).toEqual([]);
    lab.row(2, 20);
    expect(lab.sample()).toEqual(['Fired t 2 20']);
    lab.row(1, 11);
    lab.remove(3);
    expect(lab.sample()).toEqual(['Fired t 1 11', 'Fired t 3 0']);
    lab.row(3, 30);
    lab.remove(1);
    lab.row(4, 40);
    expect(lab.sample()).toEqual(['Fired t 1 0', 'Fired t 3 30', 'Fired t 4 40']);
    expect(lab.sample()).toEqual([]);
    expect(lab.resources.instances).toBe(3);
    expect(lab.resources.high).toBe(3);
  });

  it.each([
    [present | absent, present | absent, ['Fired t 1 10'], ['Fired u 7 0']],
    [present | absent, 0, [], []],
    [present, absent, [], []],
    [absent, present, [], []],
    [absent, absent, [], ['Fired u 7 0']],
    [changed, present | absent, [], []],
  ])('with the test %i and the startup %i', (existenceTest, existenceStartup, there, missing) => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10);
    const tested = { test: TEST.existence, existenceTest, existenceStartup };
    lab.trigger('t', tested);
    lab.trigger('u', { ...tested, valueId: [...NUMBER, 7], valueIdWildcard: false });
    expect(lab.sample()).toEqual([...there, ...missing]);
    expect(lab.sample()).toEqual([]);
    expect(lab.resources.triggerFailures).toBe(0);
  });

  it('watches one instance that is named in full', () => {
    const lab = new TriggerLaboratory();
    lab.trigger('t', {
      test: TEST.existence,
      existenceTest: present | absent | changed,
      existenceStartup: 0,
      valueId: [...NUMBER, 1],
      valueIdWildcard: false,
    });
    expect(lab.sample()).toEqual([]);
    expect(samples(lab, [5, 5, 6])).toEqual([['Fired t 1 5'], [], ['Fired t 1 6']]);
    lab.remove(1);
    expect(lab.sample()).toEqual(['Fired t 1 0']);
    expect(lab.resources.instances).toBe(0);
  });

  it('tells text from other text', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 0);
    lab.trigger('t', { test: TEST.existence, existenceTest: changed, valueId: NAME });
    lab.sample();
    lab.row(1, 0, { name: 'another' });
    expect(lab.sample()).toEqual(['Fired t 1 0']);
  });
});

describe('a comparison', () => {
  it.each([
    ['unequal', [5, 4, 6], [false, true, true]],
    ['equal', [5, 4, 6], [true, false, false]],
    ['less', [5, 4, 6], [false, true, false]],
    ['lessOrEqual', [5, 4, 6], [true, true, false]],
    ['greater', [5, 4, 6], [false, false, true]],
    ['greaterOrEqual', [5, 4, 6], [true, false, true]],
  ] as const)('%s is what its name says', (name, values, fires) => {
    for (const [i, value] of values.entries()) {
      const lab = new TriggerLaboratory();
      lab.row(1, value);
      lab.trigger('t', { booleanComparison: COMPARISON[name], booleanValue: 5 });
      expect(lab.sample()).toEqual(fires[i] ? [`Fired t 1 ${value}`] : []);
    }
  });

  it('fires when it comes to be true, and again only after it was false', () => {
    const lab = new TriggerLaboratory();
    lab.trigger('t', { booleanComparison: COMPARISON.greater, booleanValue: 5, booleanStartup: false });
    expect(samples(lab, [6, 7, 5, 6, 9, 5])).toEqual([[], [], [], ['Fired t 1 6'], [], []]);
  });

  it('takes a row that comes back for a new one', () => {
    const lab = new TriggerLaboratory();
    lab.trigger('t', { booleanComparison: COMPARISON.greater, booleanValue: 5 });
    expect(samples(lab, [6])).toEqual([['Fired t 1 6']]);
    lab.remove(1);
    expect(lab.sample()).toEqual([]);
    expect(samples(lab, [6])).toEqual([['Fired t 1 6']]);
  });
});

describe('a threshold', () => {
  const levels = { test: TEST.threshold, rising: 10, falling: 5 };

  it('fires at the value itself, and again only after the other was reached', () => {
    const lab = new TriggerLaboratory();
    lab.trigger('t', { ...levels });
    const rising = ['Rising t 1 10'];
    const falling = ['Falling t 1 5'];
    expect(samples(lab, [7, 9, 10, 9, 10, 6, 11, 5, 6, 5, 9, 10])).toEqual([
      [],
      [],
      rising,
      [],
      [],
      [],
      [],
      falling,
      [],
      [],
      [],
      rising,
    ]);
  });

  it.each([
    [STARTUP.rising, ['Rising t 1 10'], []],
    [STARTUP.falling, [], ['Falling t 2 5']],
    [STARTUP.risingOrFalling, ['Rising t 1 10'], ['Falling t 2 5']],
  ])('with the startup %i', (thresholdStartup, first, second) => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10);
    lab.row(2, 5);
    lab.trigger('t', { ...levels, thresholdStartup });
    expect(lab.sample()).toEqual([...first, ...second]);
    lab.row(1, 11);
    lab.row(2, 4);
    expect(lab.sample()).toEqual([]);
  });

  it('has others for the difference, which an absolute sample is tested by as well', () => {
    const lab = new TriggerLaboratory();
    const events = { deltaRisingEventOwner: 'o', deltaRisingEvent: 'rising', deltaFallingEvent: 'falling' };
    const names = { risingEvent: '', fallingEvent: '', deltaFallingEventOwner: 'o' };
    lab.trigger('t', { test: TEST.threshold, deltaRising: 10, deltaFalling: -10, ...events, ...names });
    expect(samples(lab, [0, 9, 19, 40, 29])).toEqual([[], [], ['Rising t 1 10'], [], ['Falling t 1 -11']]);
  });
});

describe('a difference', () => {
  const more = {
    delta: true,
    test: TEST.boolean,
    booleanComparison: COMPARISON.greaterOrEqual,
    booleanValue: 10,
  };

  it('goes round with a Counter32', () => {
    const lab = new TriggerLaboratory('Counter32');
    lab.trigger('t', more);
    expect(samples(lab, [TWO32 - 5, TWO32 - 4, 6])).toEqual([[], [], ['Fired t 1 10']]);
  });

  it('goes round with a Counter64', () => {
    const lab = new TriggerLaboratory('Counter64');
    lab.trigger('t', more);
    const most = 2n ** 64n;
    expect(samples(lab, [most - 5n, most - 4n, 6])).toEqual([[], [], ['Fired t 1 10']]);
  });

  it('is negative with a Gauge32 that sinks', () => {
    const lab = new TriggerLaboratory('Gauge32');
    lab.trigger('t', { ...more, booleanComparison: COMPARISON.less, booleanValue: -10 });
    expect(samples(lab, [100, 90, 79])).toEqual([[], [], ['Fired t 1 -11']]);
  });

  it('means nothing after sysUpTime has begun anew', () => {
    const lab = new TriggerLaboratory('Counter32');
    lab.upTimeShift = 1_000_000;
    lab.trigger('t', more);
    expect(samples(lab, [1000, 1001])).toEqual([[], []]);
    lab.upTimeShift = 0;
    expect(samples(lab, [5])).toEqual([[]]);
    expect(samples(lab, [15])).toEqual([['Fired t 1 10']]);
  });

  it.each([
    // TimeTicks tell by being fewer, a TimeStamp by being another one.
    [1, 60, ['Fired t 1 10']],
    [1, 40, []],
    [2, 60, []],
    [2, 50, ['Fired t 1 10']],
  ] as const)('means nothing where the discontinuity object of type %i goes to %i', (type, since, told) => {
    const lab = new TriggerLaboratory('Counter32');
    lab.row(1, 0, { since: 50 });
    lab.row(2, 0, { since: 50 });
    const discontinuityIdType = type;
    lab.trigger('t', { ...more, discontinuityId: SINCE, discontinuityIdWildcard: true, discontinuityIdType });
    lab.sample();
    lab.row(1, 10, { since });
    expect(lab.sample()).toEqual(told);
  });

  it('cannot be had where the discontinuity object is none', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10);
    lab.trigger('t', { ...more, discontinuityId: NAME, discontinuityIdWildcard: true });
    // badType(-5).
    expect(lab.sample()).toEqual(['Failure t 1 -5']);
  });

  it('cannot be had where the discontinuity object is not there', () => {
    const lab = new TriggerLaboratory('Counter32');
    lab.trigger('t', { ...more, discontinuityId: [1, 3, 6, 1, 9, 9] });
    expect(samples(lab, [0, 20])).toEqual([['Failure t 1 2'], []]);
    expect(lab.resources.triggerFailures).toBe(2);
  });
});

describe('rights', () => {
  const always = { booleanComparison: COMPARISON.greaterOrEqual, booleanValue: 0 };

  it('are those of the creator: without them there is a failure, not a value', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10);
    lab.trigger('blind', { ...always, creator: BLIND });
    lab.trigger('single', { ...always, creator: BLIND, valueId: [...NUMBER, 1], valueIdWildcard: false });
    lab.trigger('nobody', { ...always, creator: NOBODY });
    lab.trigger('writer', { ...always, creator: WRITER });
    expect(lab.sample().sort()).toEqual([
      'Failure blind  6',
      'Failure nobody  16',
      'Failure single 1 6',
      'Fired writer 1 10',
    ]);
    // Counted each time, told once.
    expect(lab.sample()).toEqual([]);
    expect(lab.resources.triggerFailures).toBe(6);
  });

  it('hide objects that go along, and those of the configuration do not', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10, { switch: 3 });
    lab.objects(
      'more',
      { id: NAME, idWildcard: true },
      { id: SWITCH, idWildcard: true },
      { id: [...NAME, 9], idWildcard: false },
    );
    const of = { valueId: SINCE, objectsOwner: 'o', objects: 'more', ...always };
    lab.trigger('blind', { ...of, creator: BLIND });
    lab.trigger('config', of);
    expect(lab.sample()).toEqual(['Fired blind 1 0 row 1', 'Fired config 1 0 row 1 3']);
  });

  it('hold for what is set, by who activated the event', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 10);
    const set = { actions: ACTION.set, setObject: SWITCH, setObjectWildcard: true, setValue: 7 };
    lab.event('fired', { ...set, creator: BLIND });
    lab.trigger('t', always);
    expect(lab.sample()).toEqual(['SetFailure t 1 6']);
    lab.event('fired', { ...set, creator: NOBODY });
    lab.trigger('u', always);
    expect(lab.sample()).toEqual(['SetFailure u 1 16']);
    expect(lab.switchOf(1)).toBe(0);
    expect(lab.resources.eventFailures).toBe(2);
    lab.event('fired', { ...set, creator: WRITER });
    lab.trigger('v', always);
    expect(lab.sample()).toEqual([]);
    expect(lab.switchOf(1)).toBe(7);
  });
});

describe('contexts', () => {
  it('are those that the agent has, each watched by itself with a wildcard', () => {
    const lab = new TriggerLaboratory();
    lab.vacm.configure({ contexts: ['', 'a1', 'a2', 'b'], groups: [], access: [], families: [] });
    lab.row(1, 1);
    const always = { booleanComparison: COMPARISON.greater, booleanValue: 0 };
    lab.trigger('all', { ...always, contextNameWildcard: true });
    lab.trigger('some', { ...always, contextName: 'a', contextNameWildcard: true });
    lab.trigger('one', { ...always, contextName: 'a2' });
    lab.trigger('none', { ...always, contextName: 'a' });
    const told = lab.sample();
    const of = (name: string) => told.filter((line) => line.split(' ')[1] === name);
    expect(of('all')).toEqual(Array(4).fill('Fired all 1 1'));
    expect(of('some')).toEqual(Array(2).fill('Fired some 1 1'));
    expect(of('one')).toEqual(['Fired one 1 1']);
    expect(of('none')[0]).toMatch(/^Failure none/);
    expect(lab.resources.instances).toBe(7);
  });
});

describe('sampling', () => {
  it('is at the frequency of simulated time, and stands still with it', () => {
    const lab = new TriggerLaboratory();
    lab.trigger('t', { frequency: 5, booleanComparison: COMPARISON.greater, booleanValue: 5 });
    lab.sample();
    lab.row(1, 6);
    lab.clock.advanceTo(4999);
    expect(lab.told).toEqual([]);
    lab.clock.advanceTo(5000);
    expect(lab.told).toEqual(['Fired t 1 6']);
  });

  it('of many instances goes in slices at one moment, with the same result', () => {
    const lab = new TriggerLaboratory();
    for (let at = 1; at <= 2500; at++) lab.row(at * 100, at);
    lab.trigger('t', { booleanComparison: COMPARISON.greaterOrEqual, booleanValue: 999 });
    let slices = 0;
    let told = 0;
    lab.clock.advanceTo(0, () => {
      slices++;
      // Nor is more done of what fires in one go.
      expect(lab.told.length - told).toBeLessThanOrEqual(8);
      told = lab.told.length;
      // A row that goes and one that comes between two slices.
      if (slices === 1) lab.remove(100);
      if (slices === 1) lab.row(250_001, 9999);
      return true;
    });
    expect(slices).toBeGreaterThan(1503 / 8);
    expect(lab.told).toHaveLength(1503);
    expect(lab.resources.instances).toBe(2501);
    lab.told.length = 0;
    lab.clock.advanceTo(1000);
    expect(lab.told).toEqual([]);
    expect(lab.resources.instances).toBe(2500);
  });

  it('stays below the maximum of instances, and tells that it lacks some', () => {
    const lab = new TriggerLaboratory();
    lab.resources.limits = { minimum: 1, instances: 2 };
    for (const at of [1, 2, 3]) lab.row(at, at);
    lab.trigger('t', { booleanComparison: COMPARISON.greater, booleanValue: 0 });
    expect(lab.sample()).toEqual(['Fired t 1 1', 'Fired t 2 2', 'Failure t 3 -1']);
    expect(lab.resources.lacks).toBe(1);
    lab.remove(1);
    expect(lab.sample()).toEqual(['Fired t 3 3']);
    expect(lab.resources.instances).toBe(2);
    lab.triggers.stop();
    expect(lab.resources.instances).toBe(0);
  });

  it('fails for what no test can use, and for a context that is not there', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 1);
    lab.trigger('text', { valueId: NAME });
    lab.trigger('nowhere', { contextName: 'elsewhere' });
    lab.trigger('any', { contextNameWildcard: true, booleanValue: 0 });
    expect(lab.sample()).toEqual(['Failure text 1 -5', 'Failure nowhere  2', 'Fired any 1 1']);
    lab.trigger('absent', { valueId: [...NUMBER, 9], valueIdWildcard: false });
    expect(lab.sample()).toEqual(['Failure absent 9 2']);
  });

  it('ends when a trigger is taken out of use, and begins afresh when it is put back', () => {
    const lab = new TriggerLaboratory();
    lab.row(1, 1);
    lab.trigger('t', {});
    expect(lab.sample()).toEqual(['Fired t 1 1']);
    lab.trigger('t', { enabled: false });
    expect(lab.clock.pending).toBe(0);
    lab.trigger('t', {});
    expect(lab.sample()).toEqual(['Fired t 1 1']);
  });

  it('costs nothing without a trigger', () => {
    const lab = new TriggerLaboratory();
    lab.triggers.follow();
    expect(lab.clock.pending).toBe(0);
  });
});
