import { readdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import { mibFolders } from '../util/package-info.ts';

/** The served module whose text is not this project's own. */
const BASE_MODULE = 'SNMPv2-MIB';

/** The value of MIBDIRS by which Net-SNMP's tools find every module that is served. */
export function mibDirs(): string {
  return mibFolders().join(delimiter);
}

/** A line for the shell by which Net-SNMP's tools know the names of every module in `mibs/`. */
function mibEnvironment(): string {
  const own = readdirSync(mibFolders()[0]).filter((file) => file.endsWith('.txt'));
  const modules = [BASE_MODULE, ...own.map((file) => file.slice(0, -'.txt'.length)).sort()];
  return `export MIBDIRS=${shellQuoted(mibDirs())} MIBS=${modules.join(':')}`;
}

/** `virtsnmp mibs`: where the MIB texts are; with `env`, as a line for the shell. */
export function mibsCommand({ env }: { env?: boolean }, out: (line: string) => void): void {
  out(env ? mibEnvironment() : mibDirs());
}

/** Text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
