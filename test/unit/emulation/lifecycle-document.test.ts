import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LIFECYCLE } from '../../../agent/emulation/lifecycle/lifecycle.ts';
import { DOCUMENT_TABLES, withTables } from './lifecycle-document.ts';

const FILE = new URL('../../../docs/LIFECYCLE.md', import.meta.url);

it('docs/LIFECYCLE.md holds the tables of the code (UPDATE_DOCS=1 writes them)', () => {
  const text = readFileSync(FILE, 'utf8');
  if (process.env['UPDATE_DOCS']) writeFileSync(FILE, withTables(text));
  expect(readFileSync(FILE, 'utf8')).toBe(withTables(text));
  for (const name of Object.keys(DOCUMENT_TABLES)) expect(text).toContain(`<!-- table: ${name} -->`);
});

it('the table of actions has a row for each story', () => {
  expect(DOCUMENT_TABLES['actions']?.split('\n')).toHaveLength(LIFECYCLE.length + 2);
});
