import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDomainXml } from '../../../agent/emulation/inventory/xml/parse-domain.ts';
import { messageOf, readTable } from './fixtures.ts';

/** Definitions from public repositories, with libvirt's reading of each; not part of the project. */
const FOLDER = fileURLToPath(new URL('../../../../shared/domains/', import.meta.url));
const isThere = existsSync(`${FOLDER}expected.tsv`);
if (!isThere) console.warn(`skipped: ${FOLDER} is absent, so no definitions of others are compared`);

describe.skipIf(!isThere)('definitions of others, as libvirt reads them', () => {
  const rows = isThere ? readTable(`${FOLDER}expected.tsv`) : [];

  test('all are there', () => {
    expect(rows).toHaveLength(60);
  });

  test.each(rows)('$file is $verdict', (row) => {
    const parse = () => parseDomainXml(readFileSync(`${FOLDER}${row['file']}`, 'utf8'), row['file']!);
    if (row['verdict'] !== 'ok') {
      expect(messageOf(parse)).toMatch(new RegExp(`^${row['file']!.replaceAll('.', '\\.')}:\\d+:\\d+: `));
      return;
    }
    const domain = parse();
    expect({ ...domain, nics: domain.nics.length, disks: domain.disks.length }).toMatchObject({
      name: row['name'],
      ...(row['uuid'] === '-' ? {} : { uuid: row['uuid'] }),
      type: row['type'],
      vcpus: Number(row['vcpu_current']),
      maxVcpus: Number(row['vcpu_max']),
      memoryKiB: Number(row['memory_kib']),
      currentMemoryKiB: Number(row['current_memory_kib']),
      nics: Number(row['nics']),
      disks: Number(row['disks']),
    });
  });
});
