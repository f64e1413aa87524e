import { Command, CommanderError } from 'commander';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { VERSION } from '../util/package-info.ts';
import { addDoctor } from './doctor.ts';
import { EXIT, exitCodeFor } from './exit-code.ts';
import { importDomains } from './import.ts';
import { inventoryCheck } from './inventory-check.ts';
import { mibsCommand } from './mibs.ts';
import { type ServeFlags, serve } from './serve.ts';

const out = (line: string) => process.stdout.write(`${line}\n`);
const err = (line: string) => process.stderr.write(`${line}\n`);

/** Runs the command that the arguments name and returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = new Command('virtsnmp')
    .description('An SNMP agent that serves libvirt’s MIB over a simulated hypervisor.')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  addServe(program, (code) => {
    exitCode = code;
  });
  addInventory(program, (code) => {
    exitCode = code;
  });
  addDoctor(program, out, (code) => {
    exitCode = code;
  });
  program
    .command('import')
    .description('read the domains of a live libvirt through virsh, and write their XML into a folder')
    .requiredOption('--connect <uri>', 'libvirt connection URI, such as qemu:///system')
    .option('--into <folder>', 'where the files go', 'domains')
    .option('--force', 'write into a folder that is not empty')
    .action(async (options: { connect: string; into: string; force?: boolean }) => {
      exitCode = await importDomains(options, out, err);
    });
  program
    .command('mibs')
    .description('where the MIB texts are')
    .option('--env', 'print a line that sets MIBDIRS and MIBS for Net-SNMP’s tools')
    .option('--path', 'print the folders, separated as MIBDIRS wants them')
    .action((options: { env?: boolean }) => mibsCommand(options, out));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(thrown instanceof VirtsnmpError)) throw thrown;
    err(`virtsnmp: ${errorText(thrown)}`);
    return exitCodeFor(thrown.code);
  }
}

function addServe(program: Command, done: (exitCode: number) => void): void {
  program
    .command('serve', { isDefault: true })
    .description('serve the simulated hosts until SIGTERM or SIGINT; SIGHUP reads the configuration again')
    .option('--config <file>', 'YAML configuration; without it, the built-in defaults')
    .option('--listen <address...>', 'addresses to listen on')
    .option('--port <port>', 'UDP port; 0 takes any free one')
    .option('--hosts <count>', 'number of simulated hosts')
    .option('--guests <count>', 'number of made-up guests of each host')
    .option('--domains <path...>', 'libvirt domain XML: files or folders')
    .option('--strict', 'refuse to start when a domain XML file is refused')
    .option('--seed <number>', 'start of all randomness')
    .option('--state <folder>', 'where what managers set is kept')
    .option('--trap <host:port...>', 'where SNMPv2c traps go')
    .option('--compat <agent>', 'imitate another agent’s ways: libvirt-snmp')
    .action(async (flags: ServeFlags) => done(await serve(flags, out, err)));
}

function addInventory(program: Command, done: (exitCode: number) => void): void {
  program
    .command('inventory')
    .description('look at domain definitions without serving them')
    .command('check <path...>')
    .description('read libvirt domain XML files or folders, and say what they define or why they are refused')
    .option('--json', 'print an array of what was read')
    .action((paths: string[], options: { json?: boolean }) => {
      done(inventoryCheck(paths, { json: options.json ?? false }, out, err));
    });
}
