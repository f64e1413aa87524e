import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parseDomainXml } from '../emulation/inventory/xml/parse-domain.ts';
import { MAX_DEFINITION_LENGTH } from '../emulation/inventory/xml/well-formed.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { EXIT } from './exit-code.ts';
import { progress } from './progress.ts';

/** What the command `import` is told. */
export interface ImportOptions {
  /** A libvirt connection URI, such as `qemu:///system`. */
  readonly connect: string;
  /** The folder that the files go to; made when it does not exist. */
  readonly into: string;
  /** Write into a folder that is not empty; files of the same name are replaced. */
  readonly force?: boolean | undefined;
  /** Print what was written as data. */
  readonly json?: boolean | undefined;
  /** The program to run; `virsh` when not given. */
  readonly virsh?: string | undefined;
}

/** Adds `import`. */
export function addImport(
  program: Command,
  out: (line: string) => void,
  err: (line: string) => void,
  done: (exitCode: number) => void,
): void {
  program
    .command('import')
    .description('read the domains of a live libvirt through virsh, and write their XML into a folder')
    .requiredOption('--connect <uri>', 'libvirt connection URI, such as qemu:///system')
    .option('--into <folder>', 'where the files go', 'domains')
    .option('--force', 'write into a folder that is not empty')
    .option('--json', 'print data')
    .action(async (options: ImportOptions) => done(await importDomains(options, out, err)));
}

/** The longest that one call of virsh may take. */
const CALL_TIMEOUT_MS = 30_000;
/** The longest file name, in UTF-8 octets, without what makes it unique: most file systems take 255. */
const MAX_STEM_OCTETS = 200;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads the definitions of all domains of a live libvirt and writes one XML file for each into a folder.
 *
 * Runs virsh without a shell, once for the list and once for each domain; domains are named to it by UUID. The
 * inactive definition is taken: what the domain would be started with next. Each file is read back as
 * `inventory check` reads it, and `out` says how many there are; one that cannot be used is a line to `err`.
 *
 * @returns the exit code: 0, or 1 when a domain could not be read or used.
 * @throws VirtsnmpError COMMAND_FAILED when virsh is missing, the connection fails or the folder cannot be used.
 */
export async function importDomains(
  options: ImportOptions,
  out: (line: string) => void,
  err: (line: string) => void,
): Promise<number> {
  if (options.connect === '' || options.connect.startsWith('-')) {
    throw failure(`--connect ${JSON.stringify(options.connect)} is no libvirt URI; one is qemu:///system`);
  }
  prepareFolder(options.into, options.force ?? false);
  const list = await virsh(options, ['list', '--all', '--uuid']);
  const uuids = list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => UUID.test(line));
  const taken = new Set<string>();
  const told = progress(uuids.length, 'domains read');
  const files: { readonly uuid: string; readonly file: string }[] = [];
  let usable = 0;
  let failed = 0;
  for (const uuid of uuids) {
    told.at(usable + failed);
    try {
      const xml = await virsh(options, ['dumpxml', '--inactive', uuid]);
      const file = writeDefinition(options.into, uuid, xml, taken);
      parseDomainXml(xml, file);
      files.push({ uuid, file });
      usable += 1;
    } catch (thrown) {
      if (!(thrown instanceof VirtsnmpError)) throw thrown;
      failed += 1;
      err(thrown.message);
    }
  }
  told.end();
  const rest = failed === 0 ? '' : `; ${failed} could not be read or used`;
  if (options.json) out(JSON.stringify({ domains: uuids.length, usable: files, failed }, undefined, 2));
  else out(`${usable} of ${uuids.length} domains of ${options.connect} are in ${options.into}${rest}`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function prepareFolder(folder: string, force: boolean): void {
  let entries: string[];
  try {
    mkdirSync(folder, { recursive: true });
    entries = readdirSync(folder);
  } catch (error) {
    throw failure(
      `${folder} cannot be used: ${errorText(error)}; --into must be a folder that can be written`,
    );
  }
  if (entries.length > 0 && !force) {
    throw failure(`${folder} is not empty; give another folder, or --force to write into it`);
  }
}

/** Runs virsh and gives its output. Messages are asked for in English, whatever the user's language. */
function virsh(options: ImportOptions, args: readonly string[]): Promise<string> {
  const program = options.virsh ?? 'virsh';
  const settings = {
    env: { ...process.env, LC_ALL: 'C' },
    timeout: CALL_TIMEOUT_MS,
    maxBuffer: 2 * MAX_DEFINITION_LENGTH,
    encoding: 'utf8',
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      ['-q', '-c', options.connect, ...args],
      settings,
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(failure(whyFailed(program, args, error, stderr)));
      },
    );
    // A connection that asks for a password would wait for one: it gets an end of file.
    child.stdin?.end();
  });
}

function whyFailed(
  program: string,
  args: readonly string[],
  error: Error & { code?: number | string | null; killed?: boolean },
  stderr: string,
): string {
  if (error.code === 'ENOENT') {
    return `${program} is not installed; Debian has it in the package libvirt-clients`;
  }
  const call = `${program} ${args.join(' ')}`;
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return `${call}: printed more than ${2 * MAX_DEFINITION_LENGTH} octets; a definition must be smaller`;
  }
  if (error.killed === true) return `${call}: gave no answer within ${CALL_TIMEOUT_MS / 1000} s`;
  const said = stderr
    .split('\n')
    .map((line) => line.replace(/^error: /, '').trim())
    .filter((line) => line !== '')
    .join('; ');
  return `${call}: ${said === '' ? errorText(error) : said}`;
}

function writeDefinition(folder: string, uuid: string, xml: string, taken: Set<string>): string {
  const stem = safeStem(nameIn(xml) ?? uuid);
  const isTaken = taken.has(stem.toLowerCase());
  const file = join(folder, `${isTaken ? `${stem}.${uuid}` : stem}.xml`);
  taken.add(stem.toLowerCase());
  try {
    writeFileSync(file, xml.endsWith('\n') ? xml : `${xml}\n`);
  } catch (error) {
    throw failure(`${file} cannot be written: ${errorText(error)}`);
  }
  return file;
}

/** The text of the first <name>, still escaped: it only has to make a file recognisable. */
function nameIn(xml: string): string | undefined {
  return /<name>([^<]+)<\/name>/.exec(xml)?.[1];
}

/** A name as a file name: letters, digits and . _ + - kept, anything else one _; no dot, dash or space at the start. */
function safeStem(name: string): string {
  let stem = name.replace(/&(?:amp|lt|gt|quot|apos);/g, '_').replace(/[^\p{L}\p{N}._+-]+/gu, '_');
  stem = stem.replace(/^[.-]+/, '_');
  while (Buffer.byteLength(stem) > MAX_STEM_OCTETS) stem = stem.slice(0, -1);
  return stem === '' ? '_' : stem;
}

function failure(message: string): VirtsnmpError {
  return new VirtsnmpError('COMMAND_FAILED', message);
}
