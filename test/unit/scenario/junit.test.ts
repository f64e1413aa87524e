import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import type { Expectation } from '../../../agent/scenario/expect/expectation.ts';
import { junitXml } from '../../../agent/scenario/junit.ts';
import { clockText, spanText, stepLine } from '../../../agent/scenario/report.ts';
import type { Result, StepResult } from '../../../agent/scenario/result.ts';
import type { Scenario, Step } from '../../../agent/scenario/timeline.ts';

const expectation: Expectation = {
  kind: 'snmp',
  text: 'a == 1',
  leadMs: 0,
  names: {},
  lasts: true,
  begin: () => ({ look: () => ({ met: true, seen: '' }) }),
};
const step = (title: string): Step => ({
  kind: 'expect',
  number: 1,
  title,
  atMs: 61_000,
  line: 7,
  expectation,
  withinMs: 30_000,
  holdsMs: 5000,
});
const result = (steps: StepResult[]): Result => ({
  scenario: { name: 'a & b', file: 'x.yaml', epochMs: 0 } as Scenario,
  steps,
  endedMs: 90_500,
});

const NASTY = 'a < "b" & \u0000\u0007 \ud800 \u{1f600}\n]]>';

describe('JUnit XML', () => {
  const xml = junitXml([
    result([
      { step: step('fine'), outcome: 'met', atMs: 70_000, tookMs: 9000, seen: '1' },
      { step: step(NASTY), outcome: 'not met', atMs: 91_000, seen: NASTY },
      {
        step: { ...step('x'), kind: 'do', action: { name: 'act', on: {}, body: {} } },
        outcome: 'refused',
        atMs: 61_000,
        seen: 'no',
      },
      {
        step: { ...step('y'), kind: 'do', action: { name: 'act', on: {}, body: {} } },
        outcome: 'done',
        atMs: 61_000,
        seen: '',
      },
    ]),
  ]);
  const parsed = new XMLParser({ ignoreAttributes: false, trimValues: false, htmlEntities: true }).parse(
    xml,
    true,
  );

  it('counts what was expected and what was refused', () => {
    const { testsuite } = parsed.testsuites;
    expect(parsed.testsuites).toMatchObject({ '@_tests': '3', '@_failures': '1', '@_errors': '1' });
    expect(testsuite).toMatchObject({ '@_name': 'a & b', '@_time': '90.500' });
    expect(testsuite.testcase).toHaveLength(3);
    expect(testsuite.testcase[0]).toMatchObject({ '@_name': '1. 0:01:01 fine', '@_time': '9.000' });
    expect(testsuite.testcase[2].error['@_message']).toBe('no');
  });

  it('holds any text, but for characters that XML has not', () => {
    expect(parsed.testsuites.testsuite.testcase[1].failure['@_message']).toBe(
      'at 0:01:31 there was: a < "b" & \ufffd\ufffd \ufffd \u{1f600}\n]]>',
    );
    expect(xml).toContain('&#10;');
    expect(xml).not.toContain(']]>');
  });
});

describe('the report', () => {
  it('tells what was there instead, and when', () => {
    expect(stepLine({ step: step('is it so'), outcome: 'not met', atMs: 91_000, seen: '2' })).toBe(
      `  0:01:01  not met  is it so\n${' '.repeat(20)}expected a == 1 within 30 s for 5 s; at 0:01:31 there was: 2`,
    );
    expect(stepLine({ step: step('is it so'), outcome: 'met', atMs: 70_000, tookMs: 9000, seen: '1' })).toBe(
      '  0:01:01  met      is it so (after 9 s: 1)',
    );
  });

  it('writes times as people do', () => {
    expect([0, 61_000, 3_600_250].map(clockText)).toEqual(['0:00:00', '0:01:01', '1:00:00.250']);
    expect([20, 1500, 119_000, 120_000, 125_000, 7_260_000].map(spanText)).toEqual([
      '20 ms',
      '1.5 s',
      '119 s',
      '2 min',
      '2 min 5 s',
      '2 h 1 min',
    ]);
  });
});
