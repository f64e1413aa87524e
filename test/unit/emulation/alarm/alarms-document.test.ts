import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { alarmRows } from './alarms-document.ts';

const DOCUMENT = readFileSync(new URL('../../../../docs/ALARMS.md', import.meta.url), 'utf8');

it('docs/ALARMS.md lists every kind of alarm as it is defined, with how to provoke it', () => {
  const rows = DOCUMENT.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows.map((row) => row.replace(/[^|]*\|$/, ''))).toEqual(alarmRows());
  for (const row of rows) expect(row.split('|').at(-2)!.trim()).not.toBe('');
});
