import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../agent/config/load.ts';
import { assembleInventory } from '../../agent/daemon/inventory.ts';
import type { DomainConfig } from '../../agent/emulation/domain/domain-config.ts';
import { completed, edited } from '../../agent/emulation/inventory/xml/definition-text.ts';
import { parseDomainXml } from '../../agent/emulation/inventory/xml/parse-domain.ts';
import { writeDomainXml } from '../../agent/emulation/inventory/xml/write-domain.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { runs } from '../support/runs.ts';
import { readableDomains } from './domain-xml-arbitraries.ts';

const root = resolve(import.meta.dirname, '../..');
const SHARED = fileURLToPath(new URL('../../../shared/domains/', import.meta.url));

const again = (config: DomainConfig) => parseDomainXml(writeDomainXml(config), 'written');

describe('the writer of domain XML', () => {
  it('writes what is read as the same again, whatever the definition', () => {
    fc.assert(
      fc.property(readableDomains, (config) => {
        expect(again(config)).toEqual(config);
      }),
      { numRuns: runs(150) },
    );
  });

  const files = [join(root, 'test/fixtures/domains'), ...(existsSync(SHARED) ? [SHARED] : [])].flatMap(
    (folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.xml'))
        .map((name) => join(folder, name)),
  );
  if (!existsSync(SHARED))
    console.warn(`skipped: ${SHARED} is absent, so only the project's own definitions are written`);

  it('does so for every definition of the files that the reader takes', () => {
    let taken = 0;
    for (const file of files) {
      let config: DomainConfig;
      try {
        config = parseDomainXml(readFileSync(file, 'utf8'), file);
      } catch {
        continue;
      }
      taken += 1;
      expect(again(config), file).toEqual(config);
    }
    expect(taken).toBeGreaterThanOrEqual(7);
  });

  const examples = readdirSync(join(root, 'config')).filter((name) => name.endsWith('.yaml'));

  it.each(
    examples,
  )('loses nothing of the guests of config/%s when their XML is sent back as it was', (name) => {
    const file = join(root, 'config', name);
    const env = Object.fromEntries(
      [...readFileSync(file, 'utf8').matchAll(/\$\{(\w+)/g)].map(([, variable]) => [
        variable!,
        'a-secret-for-tests',
      ]),
    );
    const inventories = assembleInventory(loadConfig({ file, env }), silentLogger);
    const guests = inventories.flatMap(({ domains }) => domains).slice(0, 60);
    expect(guests.length).toBeGreaterThan(0);
    for (const guest of guests) {
      const text = writeDomainXml(completed(guest));
      expect(edited(guest, text, guest.name)).toEqual(guest);
      const renamed = edited(guest, text.replace('<on_crash>', '<title>new</title><on_crash>'), guest.name);
      if (guest.title === undefined) expect(renamed).toEqual({ ...guest, title: 'new' });
    }
  });
});
