import { delimiter } from 'node:path';
import { mibFolders } from '../util/package-info.ts';

/** The value of MIBDIRS by which Net-SNMP's tools find every module that is served. */
export function mibDirs(): string {
  return mibFolders().join(delimiter);
}

/** `virtsnmp mibs`: where the MIB texts are; with `env`, as a line for the shell. */
export function mibsCommand({ env }: { env?: boolean }, out: (line: string) => void): void {
  out(env ? `export MIBDIRS=${shellQuoted(mibDirs())} MIBS=LIBVIRT-MIB` : mibDirs());
}

/** Text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
