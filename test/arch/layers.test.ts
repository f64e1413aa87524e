import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { forbiddenFor, MAY_IMPORT, ROOTS } from './layers.ts';

const root = resolve(import.meta.dirname, '../..');
const agent = join(root, 'agent');

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(folder: string): Import[] {
  return readdirSync(join(agent, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => {
      const path = join(agent, folder, file);
      const targets = readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
      return Array.from(targets, ([, target]) => ({
        from: relative(agent, path),
        to: relative(agent, resolve(dirname(path), target!)).split('/')[0]!,
      }));
    });
}

describe('the folders of agent/', () => {
  it('import each other at all, as far as this test can see', () => {
    expect(importsOf('engine').length).toBeGreaterThan(5);
  });

  it('are all in the table', () => {
    const folders = readdirSync(agent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(folders.sort()).toEqual([...Object.keys(MAY_IMPORT), ...ROOTS].sort());
  });

  it.each(Object.keys(MAY_IMPORT))('%s imports only what lies below it', (folder) => {
    const imports = importsOf(folder);
    expect(imports.filter(({ to }) => forbiddenFor(folder).includes(to))).toEqual([]);
  });

  it.each(Object.keys(MAY_IMPORT))('%s is held to it by the linter as well', (folder) => {
    const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    const override = overrides.find(({ includes }: { includes: string[] }) =>
      includes.includes(`agent/${folder}/**`),
    );
    const { patterns } = override.linter.rules.style.noRestrictedImports.options;
    expect(patterns[0].group).toEqual(forbiddenFor(folder).map((other) => `**/${other}/**`));
  });

  it('keeps SNMP out of the emulation core', () => {
    const words = readdirSync(join(agent, 'emulation'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .filter((file) =>
        /[sS][nN][mM][pP]|\bOID\b|\b[vV]arbind|\bMIB\b/.test(
          readFileSync(join(agent, 'emulation', file), 'utf8').replaceAll(/virtsnmp/gi, ''),
        ),
      );
    expect(words).toEqual([]);
  });
});
