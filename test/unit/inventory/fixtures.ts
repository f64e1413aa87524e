import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of domain definitions of the project's own making. */
export const FIXTURES = fileURLToPath(new URL('../../fixtures/domains/', import.meta.url));

/** Whether libvirt's parser takes a definition, as libvirt 9.0.0's test driver said. */
export interface Verdict {
  readonly isTaken: boolean;
  readonly xml: string;
}

/** The definitions of verdicts.jsonl, one idea each. */
export function readVerdicts(): Verdict[] {
  const lines = readFileSync(`${FIXTURES}verdicts.jsonl`, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const [verdict, xml] = JSON.parse(line) as [string, string];
      return { isTaken: verdict === 'taken', xml };
    });
}

/** The rows of a table with tabs, without its comments, each by the names of its first line. */
export function readTable(file: string): Record<string, string>[] {
  const [heading, ...lines] = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const names = heading!.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(names.map((name, column) => [name, cells[column] ?? '']));
  });
}

/** The message of what a function throws, or '' when it throws nothing. */
export function messageOf(action: () => unknown): string {
  try {
    action();
    return '';
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.name === 'VirtsnmpError' ? error.message : `not expected: ${error.stack}`;
  }
}
