import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inventoryCheck } from '../../../agent/cli/inventory-check.ts';
import { readDomainFiles } from '../../../agent/emulation/inventory/xml-folder.ts';

const UUIDS = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'] as const;

const definition = (name: string, uuid = '') =>
  `<domain type='kvm'><name>${name}</name>${uuid && `<uuid>${uuid}</uuid>`}<memory>1024</memory><os><type>hvm</type></os></domain>`;

let folder: string;
const put = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('files and folders', () => {
  test('a folder’s *.xml files, sorted, not those below', () => {
    put('b.xml', definition('second'));
    put('a.xml', definition('first'));
    put('c.txt', definition('no XML'));
    mkdirSync(join(folder, 'below.xml'));
    writeFileSync(join(folder, 'below.xml', 'd.xml'), definition('below'));
    const { domains, refused } = readDomainFiles([folder]);
    expect(domains.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(refused).toEqual([]);
  });

  test('the second of two with one name or UUID is refused, naming the first', () => {
    const first = put('1.xml', definition('a', UUIDS[0]));
    const sameUuid = put('2.xml', definition('b', UUIDS[0].toUpperCase()));
    const sameName = put('3.xml', definition('a', UUIDS[1]));
    const { domains, refused } = readDomainFiles([first, sameUuid, sameName, first]);
    expect(domains).toHaveLength(1);
    expect(refused.map(({ file }) => file)).toEqual([sameUuid, sameName, first]);
    for (const { file, message } of refused) {
      expect(message.startsWith(`${file}: `)).toBe(true);
      expect(message).toContain(first);
    }
  });

  test('a refused file takes no name or UUID', () => {
    put('1.xml', definition('a', UUIDS[0]).replace('<memory>1024', '<memory>many'));
    put('2.xml', definition('a', UUIDS[0]));
    const { domains, refused } = readDomainFiles([folder]);
    expect(domains).toHaveLength(1);
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringMatching(/1\.xml:1:\d+: <memory> is "many"/),
    ]);
  });

  test('what cannot be read is refused with a reason', () => {
    const missing = join(folder, 'missing.xml');
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const pipe = join(folder, 'pipe.xml');
    execFileSync('mkfifo', [pipe]);
    const huge = put('huge.xml', '');
    truncateSync(huge, 1e9);
    const { domains, refused } = readDomainFiles([missing, empty, pipe, huge]);
    expect(domains).toEqual([]);
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringMatching(/missing\.xml: cannot be read: ENOENT/),
      expect.stringMatching(/empty: the folder has no \*\.xml file/),
      expect.stringMatching(/pipe\.xml: is not a regular file/),
      expect.stringMatching(/huge\.xml: has 1000000000 octets/),
    ]);
  });
});

describe('encodings', () => {
  test.each([
    ['UTF-8', Buffer.from(definition('gr\u00fcn'))],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${definition('gr\u00fcn')}`)],
    ['UTF-16', Buffer.from(`\uFEFF${definition('gr\u00fcn')}`, 'utf16le')],
    [
      'Latin 1',
      Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${definition('gr\u00fcn')}`, 'latin1'),
    ],
  ])('%s', (_, octets) => {
    const { domains, refused } = readDomainFiles([put('a.xml', octets)]);
    expect(refused).toEqual([]);
    expect(domains[0]?.name).toBe('gr\u00fcn');
  });

  test.each([
    ['octets that are no UTF-8', Buffer.from(definition('gr\u00fcn'), 'latin1'), 'is not utf-8 text'],
    [
      'an unknown encoding',
      Buffer.from(`<?xml version="1.0" encoding="EBCDIC"?>${definition('a')}`),
      'EBCDIC is not read',
    ],
  ])('%s', (_, octets, reason) => {
    const { refused } = readDomainFiles([put('a.xml', octets)]);
    expect(refused[0]?.message).toContain(reason);
  });
});

describe('inventory check', () => {
  const check = (json: boolean) => {
    const out: string[] = [];
    const err: string[] = [];
    const exitCode = inventoryCheck(
      [folder],
      { json },
      (line) => out.push(line),
      (line) => err.push(line),
    );
    return { exitCode, out: out.join('\n'), err };
  };

  test('prints JSON, one line for each refused file, and exits with 1', () => {
    put('a.xml', definition('a', UUIDS[0]));
    put('b.xml', '<domain/>');
    const { exitCode, out, err } = check(true);
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toEqual([
      {
        name: 'a',
        uuid: UUIDS[0],
        type: 'kvm',
        memoryKiB: 1024,
        currentMemoryKiB: 1024,
        vcpus: 1,
        maxVcpus: 1,
        nics: 0,
        disks: 0,
      },
    ]);
    expect(err).toEqual([expect.stringMatching(/b\.xml:1:1: <domain> has no type=/)]);
  });

  test('exits with 0 when all are usable; an empty array is JSON too', () => {
    put('a.xml', definition('a', UUIDS[0]));
    expect(check(true)).toMatchObject({ exitCode: 0, err: [] });
    rmSync(join(folder, 'a.xml'));
    put('b.xml', 'x');
    expect(JSON.parse(check(true).out)).toEqual([]);
  });

  test('prints a table whose columns line up, control characters taken out', () => {
    put('a.xml', definition('a&#x9;&#x9b;31m', UUIDS[0]));
    put('b.xml', definition('a-longer-name', UUIDS[1]));
    const { exitCode, out } = check(false);
    expect(exitCode).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^NAME +UUID +TYPE +MEMORY KiB +CURRENT KiB +VCPUS +MAX +NICS +DISKS$/);
    expect(lines[1]!.startsWith('a??31m')).toBe(true);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });
});
