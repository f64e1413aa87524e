import { readdirSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { Command } from 'commander';
import { mibFolders } from '../util/package-info.ts';
import { shellQuoted } from '../util/shell-quoted.ts';
import { treeData, treeLines, treeRoot } from './mibs-tree.ts';

/** The served module whose text is not this project's own. */
const BASE_MODULE = 'SNMPv2-MIB';

/** The value of MIBDIRS by which Net-SNMP's tools find every module that is served. */
export function mibDirs(): string {
  return mibFolders().join(delimiter);
}

/** A line for the shell by which Net-SNMP's tools know the names of every module in `mibs/`. */
function mibEnvironment(): string {
  return `export MIBDIRS=${shellQuoted(mibDirs())} MIBS=${mibModules().join(':')}`;
}

function mibModules(): string[] {
  const own = readdirSync(mibFolders()[0]).filter((file) => file.endsWith('.txt'));
  return [BASE_MODULE, ...own.map((file) => file.slice(0, -'.txt'.length)).sort()];
}

/** Adds `mibs`, which tells where the MIB texts are, and `mibs tree`, which tells what is in them. */
export function addMibs(program: Command, out: (line: string) => void): void {
  const mibs = program
    .command('mibs')
    .description('where the MIB texts are; tree: what is in them')
    .option('--env', 'print a line that sets MIBDIRS and MIBS for Net-SNMP’s tools')
    .option('--path', 'print the folders, separated as MIBDIRS wants them')
    .option('--json', 'print data')
    .action(({ env, json }: { env?: boolean; json?: boolean }) => {
      if (json) out(JSON.stringify({ folders: mibFolders(), modules: mibModules() }, undefined, 2));
      else out(env ? mibEnvironment() : mibDirs());
    });
  mibs
    .command('tree')
    .description('the names below one, with access and syntax, as snmptranslate -Tp draws them')
    .argument('[name]', 'such as lvsGuestTable or SNMPv2-MIB::system', 'iso')
    .option('--json', 'print data')
    .action((name: string, _options: object, command: Command) => {
      const root = treeRoot(name);
      // Both commands have the option, and the outer one takes it.
      if (command.optsWithGlobals<{ json?: boolean }>().json)
        out(JSON.stringify(treeData(root), undefined, 2));
      else for (const line of treeLines(root)) out(line);
    });
}
