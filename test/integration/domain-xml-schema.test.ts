import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DomainConfig } from '../../agent/emulation/domain/domain-config.ts';
import { generateDomains } from '../../agent/emulation/inventory/generated.ts';
import { completed } from '../../agent/emulation/inventory/xml/definition-text.ts';
import { parseDomainXml } from '../../agent/emulation/inventory/xml/parse-domain.ts';
import { writeDomainXml } from '../../agent/emulation/inventory/xml/write-domain.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const VALIDATE = 'virt-xml-validate';
const FIXTURES = resolve(import.meta.dirname, '../fixtures/domains');

const isThere = spawnSync(VALIDATE, ['--help']).status === 0;
if (!isThere && process.env['CI'] === 'true') throw new Error(`${VALIDATE} is not installed`);
if (!isThere)
  console.warn(`skipped: ${VALIDATE} is not installed (Debian: libvirt-clients), so no schema is asked`);

/** What libvirt's own schema says against a definition; empty when it is valid. */
function complaints(xml: string): string {
  const file = join(temporaryFolder(), 'domain.xml');
  writeFileSync(file, xml);
  const { status, stdout, stderr } = spawnSync(VALIDATE, [file, 'domain'], { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

describe.skipIf(!isThere)("what is written as libvirt's domain XML", () => {
  it('is valid by the schema of libvirt for a guest of every kind that is made up', () => {
    for (const guest of generateDomains({ hostName: 'host1', hostIndex: 0, guests: 20, seed: 1 }))
      expect(complaints(writeDomainXml(completed(guest))), guest.name).toBe('');
  });

  it('is valid for the fixtures that the reader takes, whatever they have', () => {
    let taken = 0;
    for (const name of readdirSync(FIXTURES).filter((each) => each.endsWith('.xml'))) {
      let config: DomainConfig;
      try {
        config = parseDomainXml(readFileSync(join(FIXTURES, name), 'utf8'), name);
      } catch {
        continue;
      }
      taken += 1;
      expect(complaints(writeDomainXml(config)), name).toBe('');
    }
    expect(taken).toBeGreaterThan(5);
  });
});
