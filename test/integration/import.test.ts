import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImportOptions, importDomains } from '../../agent/cli/import.ts';
import { readDomainFiles } from '../../agent/emulation/inventory/xml-folder.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { FIXTURES, readTable, readVerdicts, type Verdict } from '../unit/inventory/fixtures.ts';

const URI = 'test:///default';
const hasVirsh = canRunVirsh();
if (!hasVirsh) console.warn('skipped: virsh (Debian: libvirt-clients) with its test driver is not there');

function canRunVirsh(): boolean {
  try {
    execFileSync('virsh', ['-c', URI, 'list'], { stdio: 'ignore', timeout: PATIENCE_MS });
    return true;
  } catch {
    return false;
  }
}

const isVerdictsRelease =
  hasVirsh && execFileSync('virsh', ['--version'], { encoding: 'utf8' }).startsWith('9.0.');
if (hasVirsh && !isVerdictsRelease)
  console.warn('skipped: this libvirt is not 9.0, so the verdicts are not compared');

let folder: string;
let into: string;
let lines: string[];
let complaints: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-import-'));
  into = join(folder, 'domains');
  lines = [];
  complaints = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (options: Partial<ImportOptions> = {}) =>
  importDomains(
    { connect: URI, into, ...options },
    (line) => lines.push(line),
    (line) => complaints.push(line),
  );

/** A program in virsh's place: a shell script. */
function standIn(script: string): string {
  const file = join(folder, 'stand-in');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const LIST = 'case "$*" in *" list --all --uuid") ';
const UUIDS = ['aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000002'];
const listing = `${LIST}printf '${UUIDS.join('\\n')}\\n\\n';; `;
const body = (name: string) =>
  `<domain type="kvm"><name>${name}</name><memory>1024</memory><os><type>hvm</type></os></domain>`;

/** Those of some definitions that a libvirt takes, one after the other in one session. */
function defineAll(verdicts: readonly Verdict[]): Verdict[] {
  const commands = ['destroy test', 'undefine test'];
  verdicts.forEach(({ xml }, index) => {
    const file = join(folder, `case-${index}.xml`);
    writeFileSync(file, xml);
    // What one case defined must not stand in the way of the next.
    commands.push(`define ${file}`, 'undefine n', 'undefine a');
  });
  const { stdout } = spawnSync('virsh', ['-c', URI], { input: `${commands.join('\n')}\n`, encoding: 'utf8' });
  const defined = stdout.matchAll(/ defined from .*case-(\d+)\.xml$/gm);
  return [...defined].map(([, index]) => verdicts[Number(index)]!);
}

describe.skipIf(!hasVirsh)('a live libvirt', () => {
  test('its domains are written and can be read', async () => {
    expect(await run()).toBe(0);
    expect(readdirSync(into)).toEqual(['test.xml']);
    expect(readDomainFiles([into])).toMatchObject({
      domains: [
        { name: 'test', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', memoryKiB: 8_388_608, vcpus: 2 },
      ],
      refused: [],
    });
    expect(lines).toEqual([`1 of 1 domains of ${URI} are in ${into}`]);
  });

  test('a connection that fails is one clear error', async () => {
    await expect(run({ connect: 'test:///nothing/here' })).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('failed to connect to the hypervisor'),
    });
  });

  // Another release may take more: the verdicts are those of 9.0.
  test.skipIf(!isVerdictsRelease)('it takes and refuses what the committed verdicts say', () => {
    // A refused NUMA distance corrupts the memory of libvirt 9.0.0: those have sessions of their own.
    const verdicts = readVerdicts().filter(({ xml }) => !xml.includes('\n'));
    const shared = verdicts.filter(({ xml }) => !xml.includes('<sibling'));
    const alone = verdicts.filter(({ xml }) => xml.includes('<sibling'));
    const taken = new Set([...defineAll(shared), ...alone.flatMap((verdict) => defineAll([verdict]))]);
    const wrong = verdicts.filter((verdict) => taken.has(verdict) !== verdict.isTaken);
    expect(taken.size).toBeGreaterThan(150);
    expect(wrong).toEqual([]);
  });

  test('it takes every definition of our own', () => {
    for (const { file } of readTable(`${FIXTURES}expected.tsv`)) {
      const copy = join(folder, file!);
      const xml = readFileSync(`${FIXTURES}${file}`, 'utf8');
      writeFileSync(
        copy,
        xml
          .replace(/<domain type='\w+'/, "<domain type='test'")
          .replace(/<type[^>]*>\w+<\/type>/, '<type>hvm</type>'),
      );
      const printed = execFileSync('virsh', ['-c', URI, `define ${copy}`], { encoding: 'utf8' });
      expect(printed).toContain('defined from');
    }
  });
});

describe('what a libvirt may say', () => {
  test('names become safe file names of their own', async () => {
    const dumps = UUIDS.map((uuid) => `*"dumpxml --inactive ${uuid}") echo '${body('../../etc/passwd')}';;`);
    expect(await run({ virsh: standIn(`${listing}${dumps.join(' ')} esac`) })).toBe(1);
    expect(complaints).toEqual([
      expect.stringContaining('cannot contain a /'),
      expect.stringContaining('cannot contain a /'),
    ]);
    expect(readdirSync(into).sort()).toEqual([`__.._etc_passwd.${UUIDS[1]}.xml`, '__.._etc_passwd.xml']);
    expect(readdirSync(folder).sort()).toEqual(['domains', 'stand-in']);
  });

  test('one domain that vanished or is unusable does not stop the others', async () => {
    const script = `${listing}*${UUIDS[0]}) echo "error: failed to get domain" >&2; exit 1;; *) echo '${body('b')}';; esac`;
    expect(await run({ virsh: standIn(script) })).toBe(1);
    expect(complaints).toEqual([
      expect.stringMatching(/dumpxml --inactive aaaaaaaa-.*: failed to get domain$/),
    ]);
    expect(lines).toEqual([expect.stringMatching(/^1 of 2 domains of .*; 1 could not be read or used$/)]);
    expect(readdirSync(into)).toEqual(['b.xml']);
  });

  test('a definition that cannot be used is named with its place', async () => {
    const script = `${listing}*) echo '<domain type="kvm"><name>a</name></domain>';; esac`;
    expect(await run({ virsh: standIn(script) })).toBe(1);
    expect(complaints[0]).toMatch(/a\.xml:1:\d+: the domain has no/);
  });

  test('output without end is cut off', async () => {
    const script = `${LIST}yes;; esac`;
    await expect(run({ virsh: standIn(script) })).rejects.toMatchObject({
      message: expect.stringContaining('printed more than'),
    });
  });

  test('it is asked in English, without a shell, and with no terminal to wait for', async () => {
    const log = join(folder, 'log');
    const script = `printf '%s\\n' "$LC_ALL" "$@" > '${log}'; cat`;
    expect(await run({ virsh: standIn(script), connect: 'test:///$(touch x); "y"' })).toBe(0);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
      'C',
      '-q',
      '-c',
      'test:///$(touch x); "y"',
      'list',
      '--all',
      '--uuid',
    ]);
    expect(lines[0]).toMatch(/^0 of 0 domains/);
  });
});

describe('what is refused before anything is run', () => {
  test('a virsh that is not there', async () => {
    await expect(run({ virsh: join(folder, 'nothing') })).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('is not installed; Debian has it in the package libvirt-clients'),
    });
  });

  test('a folder that is not empty, unless --force', async () => {
    mkdirSync(into);
    writeFileSync(join(into, 'mine.xml'), '');
    const virsh = standIn('exit 0');
    await expect(run({ virsh })).rejects.toMatchObject({ message: expect.stringContaining('is not empty') });
    expect(await run({ virsh, force: true })).toBe(0);
    expect(readdirSync(into)).toEqual(['mine.xml']);
  });

  test.each(['', '--version'])('the connection %j', async (connect) => {
    await expect(run({ connect })).rejects.toMatchObject({
      message: expect.stringContaining('is no libvirt URI'),
    });
  });

  test('a folder that cannot be made', async () => {
    writeFileSync(into, '');
    await expect(run()).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining('cannot be used'),
    });
  });
});
