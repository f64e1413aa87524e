import { clockText, tookText } from './report.ts';
import type { Result, StepResult } from './result.ts';

/**
 * Runs as JUnit XML, the form that continuous integration reads: a test suite for each scenario, a test case for each
 * expectation and for each action that was refused. Times are simulated seconds.
 */
export function junitXml(results: readonly Result[]): string {
  const suites = results.map((result) => ({ result, cases: casesOf(result) }));
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'virtsnmp', ...counts(all) })}>`,
    ...suites.flatMap(({ result, cases }) => suiteLines(result, cases)),
    '</testsuites>',
    '',
  ].join('\n');
}

function casesOf({ steps }: Result): StepResult[] {
  return steps.filter(({ outcome }) => outcome !== 'done');
}

function counts(cases: readonly StepResult[]) {
  const count = (outcome: StepResult['outcome']) => cases.filter((each) => each.outcome === outcome).length;
  return { tests: cases.length, failures: count('not met'), errors: count('refused') };
}

function suiteLines({ scenario, endedMs }: Result, cases: readonly StepResult[]): string[] {
  const { name, file, epochMs } = scenario;
  const suite = {
    name,
    ...counts(cases),
    skipped: 0,
    time: seconds(endedMs),
    timestamp: new Date(epochMs).toISOString().slice(0, 19),
  };
  return [
    `  <testsuite${attributes(suite)}>`,
    '    <properties>',
    `      <property${attributes({ name: 'file', value: file })}/>`,
    '    </properties>',
    ...cases.flatMap((each) => caseLines(name, each)),
    '  </testsuite>',
  ];
}

function caseLines(suite: string, { step, outcome, atMs, tookMs, seen }: StepResult): string[] {
  const head = attributes({
    classname: suite,
    name: `${step.number}. ${clockText(step.atMs)} ${step.title}`,
    time: seconds(atMs - step.atMs),
  });
  if (outcome === 'met') {
    const found = tookMs === undefined ? seen : `${tookText(tookMs)}: ${seen}`;
    return [`    <testcase${head}>`, `      <system-out>${escaped(found)}</system-out>`, '    </testcase>'];
  }
  const tag = outcome === 'refused' ? 'error' : 'failure';
  const message = outcome === 'refused' ? seen : `at ${clockText(atMs)} there was: ${seen}`;
  return [
    `    <testcase${head}>`,
    `      <${tag}${attributes({ message, type: outcome })}>${escaped(`line ${step.line}: ${step.title}`)}</${tag}>`,
    '    </testcase>',
  ];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${escaped(String(value))
          .replaceAll('"', '&quot;')
          .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`)}"`,
    )
    .join('');
}

/** Text as XML 1.0 has it; characters that it cannot hold, even escaped, are replaced (section 2.2). */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
