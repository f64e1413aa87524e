import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { effectsTable } from '../../bench/effects.ts';

const FILE = new URL('../../../docs/MODEL.md', import.meta.url);
const PLACE = /(<!-- effects -->\n)[\s\S]*?(\n<!-- end -->)/;

it('docs/MODEL.md holds what each feature does, as measured (npm run effects writes it)', () => {
  const text = readFileSync(FILE, 'utf8');
  expect(text).toMatch(PLACE);
  const measured = text.replace(PLACE, `$1${effectsTable()}$2`);
  if (process.env['UPDATE_DOCS']) writeFileSync(FILE, measured);
  expect(readFileSync(FILE, 'utf8')).toBe(measured);
});
