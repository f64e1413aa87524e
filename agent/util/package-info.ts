import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the installed package: the one with package.json, mibs/ and config/. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** The package's version. */
export const VERSION: string = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')).version;

/** The folders with the MIB texts: this project's, and the IETF's base modules as the package net-snmp brings them. */
export function mibFolders(): readonly [own: string, base: string] {
  const netSnmp = dirname(createRequire(import.meta.url).resolve('net-snmp/package.json'));
  return [join(PACKAGE_ROOT, 'mibs'), join(netSnmp, 'lib', 'mibs')];
}
