import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, VirtsnmpError } from '../../util/errors.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import { decodeXml } from './xml/decode.ts';
import { parseDomainXml } from './xml/parse-domain.ts';
import { MAX_DEFINITION_LENGTH } from './xml/well-formed.ts';

/** A file that was not read, and why: one line that begins with the file's name. */
export interface RefusedFile {
  readonly file: string;
  readonly message: string;
}

/** What {@link readDomainFiles} found. */
export interface DomainFiles {
  /** In the order of the paths; the files of a folder in the order of their names. */
  readonly domains: readonly DomainConfig[];
  readonly refused: readonly RefusedFile[];
}

/**
 * Reads libvirt domain XML files, and of a folder the *.xml files in it (not of folders below).
 *
 * Never throws for what a path holds: a path that does not exist, a file that is no usable definition, and a
 * definition that shares its name or UUID with an earlier one are in `refused`, the others are read.
 */
export function readDomainFiles(paths: readonly string[]): DomainFiles {
  const domains: DomainConfig[] = [];
  const refused: RefusedFile[] = [];
  const names = new Map<string, string>();
  const uuids = new Map<string, string>();
  for (const path of paths) {
    const { files, problem } = listFiles(path);
    if (problem !== undefined) refused.push({ file: path, message: problem });
    for (const file of files) {
      try {
        const domain = parseDomainXml(decodeXml(readOctets(file), file), file);
        refuseDuplicate(file, domain, names, uuids);
        domains.push(domain);
      } catch (thrown) {
        if (!(thrown instanceof VirtsnmpError)) throw thrown;
        refused.push({ file, message: thrown.message });
      }
    }
  }
  return { domains, refused };
}

function listFiles(path: string): { files: readonly string[]; problem?: string } {
  try {
    if (!statSync(path).isDirectory()) return { files: [path] };
    const entries = readdirSync(path, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith('.xml'));
    if (names.length === 0) {
      return { files: [], problem: `${path}: the folder has no *.xml file; put domain definitions there` };
    }
    return { files: names.map((entry) => join(path, entry.name)).sort(byCodeUnit) };
  } catch (error) {
    return {
      files: [],
      problem: `${path}: cannot be read: ${errorText(error)}; it must be a file or a folder`,
    };
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The octets of a regular file. A pipe or device is refused unread: reading one could wait for ever. */
function readOctets(file: string): Uint8Array {
  let handle: number;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new VirtsnmpError(
      'DOMAIN_INVALID',
      `${file}: cannot be read: ${errorText(error)}; it must be a file`,
    );
  }
  try {
    const status = fstatSync(handle);
    if (!status.isFile()) {
      throw new VirtsnmpError(
        'DOMAIN_INVALID',
        `${file}: is not a regular file; it must be a domain XML file`,
      );
    }
    if (status.size > 2 * MAX_DEFINITION_LENGTH) {
      const most = 2 * MAX_DEFINITION_LENGTH;
      throw new VirtsnmpError(
        'DOMAIN_INVALID',
        `${file}: has ${status.size} octets; at most ${most} are read`,
      );
    }
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

function refuseDuplicate(
  file: string,
  domain: DomainConfig,
  names: Map<string, string>,
  uuids: Map<string, string>,
): void {
  const sameName = names.get(domain.name);
  if (sameName !== undefined) {
    const message = `${file}: name ${JSON.stringify(domain.name)} is that of ${sameName} too; each domain needs its own`;
    throw new VirtsnmpError('DUPLICATE', message);
  }
  const sameUuid = uuids.get(domain.uuid);
  if (sameUuid !== undefined) {
    throw new VirtsnmpError(
      'DUPLICATE',
      `${file}: UUID ${domain.uuid} is that of ${sameUuid} too; each domain needs its own`,
    );
  }
  names.set(domain.name, file);
  uuids.set(domain.uuid, file);
}
