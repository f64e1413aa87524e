import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAULT_KIND_NAMES, faultKindInfo } from '../../../../agent/emulation/fault/fault-kind.ts';

const FILE = new URL('../../../../docs/FAULTS.md', import.meta.url);

function table(): string {
  const rows = FAULT_KIND_NAMES.map((kind) => {
    const { on, ends, parameters, about, leadsTo } = faultKindInfo(kind);
    const names = parameters.map((name) => `\`${name}\``).join(', ');
    return `| \`${kind}\` | ${on} | ${ends === 'never' ? '' : ends} | ${names} | ${about} | ${leadsTo} |`;
  });
  return [
    '| Kind | On | Ends | Parameters | What is wrong | What it leads to |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

it('docs/FAULTS.md has the table of kinds as the code has it (UPDATE_DOCS=1 writes it)', () => {
  const text = readFileSync(FILE, 'utf8');
  const right = text.replace(
    /<!-- table: kinds -->\n[\s\S]*?<!-- end -->/,
    `<!-- table: kinds -->\n${table()}\n<!-- end -->`,
  );
  if (process.env['UPDATE_DOCS']) writeFileSync(FILE, right);
  expect(readFileSync(FILE, 'utf8')).toBe(right);
});
