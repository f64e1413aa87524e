import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { VERSION } from '../util/package-info.ts';
import { ApiRefusal } from './client/api-client.ts';
import { addClockCommands } from './client/clock-commands.ts';
import { clientContext } from './client/context.ts';
import { addDebugCommands } from './client/debug-commands.ts';
import { addDefinitionCommands } from './client/definition-commands.ts';
import { addDeviceCommands } from './client/device-commands.ts';
import { addEventCommand } from './client/event-command.ts';
import { addFaultCommands } from './client/fault-commands.ts';
import { addGuestCommands } from './client/guest-commands.ts';
import { addHostCommands } from './client/host-commands.ts';
import { addNodeCommands } from './client/node-commands.ts';
import { addNotificationCommand } from './client/notification-command.ts';
import { addPlacementCommands } from './client/placement-commands.ts';
import { addSnapshotCommands } from './client/snapshot-commands.ts';
import { addStatisticsCommands } from './client/statistics-commands.ts';
import { addCompletion } from './completion.ts';
import { addDoctor } from './doctor.ts';
import { EXIT, exitCodeFor, exitCodeForStatus } from './exit-code.ts';
import { addImport } from './import.ts';
import { inventoryCheck } from './inventory-check.ts';
import { addMibs } from './mibs.ts';
import { addScenario } from './scenario.ts';
import { addScore } from './score.ts';
import type { ServeFlags } from './serve.ts';
import { addSnmpCommands } from './snmp/snmp-commands.ts';
import { addTrapd } from './snmp/trapd-command.ts';
import { UsageError } from './usage-error.ts';

const out = (line: string) => process.stdout.write(`${line}\n`);
const err = (line: string) => process.stderr.write(`${line}\n`);

/** All commands with their options; `done` is told the exit code of the one that runs, unless that is 0. */
export function createProgram(done: (exitCode: number) => void): Command {
  const program = new Command('virtsnmp')
    .description('An SNMP agent that serves libvirt’s MIB over a simulated hypervisor.')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  addServe(program, done);
  addInventory(program, done);
  addDoctor(program, out, done);
  addImport(program, out, err, done);
  addMibs(program, out);
  addScenario(program, out, err, done);
  addScore(program, out, done);
  addClient(program, done);
  const snmp = { out, done, env: process.env };
  addSnmpCommands(program, snmp);
  addTrapd(program, snmp);
  addCompletion(program, out);
  return program;
}

/** Runs the command that the arguments name and returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  const unknown = unknownCommand(program, args);
  if (unknown !== undefined) {
    err(`virtsnmp: ${unknown}`);
    return EXIT.usage;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    // Commander has printed what it found itself, and not what a command threw.
    if (thrown instanceof InvalidArgumentError) err(`virtsnmp: ${thrown.message}`);
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (thrown instanceof UsageError) {
      for (const line of thrown.message.split('\n')) err(`virtsnmp: ${line}`);
      return EXIT.usage;
    }
    if (thrown instanceof ApiRefusal) {
      err(`virtsnmp: ${thrown.message}`);
      return exitCodeForStatus(thrown.status);
    }
    if (!(thrown instanceof VirtsnmpError)) throw thrown;
    err(`virtsnmp: ${errorText(thrown)}`);
    return exitCodeFor(thrown.code);
  }
}

/** What is wrong with the first word: without this, what is no command would be an argument of `serve`. */
function unknownCommand(program: Command, [first]: readonly string[]): string | undefined {
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (first === undefined || first.startsWith('-') || names.includes(first)) return undefined;
  const like = nearest(first, names);
  return `there is no command ${first}; ${like ? `did you mean ${like}?` : 'virtsnmp --help lists them'}`;
}

/** The commands that talk to a running daemon. */
function addClient(program: Command, done: (exitCode: number) => void): void {
  const context = clientContext(out, process.env);
  addGuestCommands(program, context);
  addDebugCommands(program, context);
  addDefinitionCommands(program, context);
  addDeviceCommands(program, context);
  addStatisticsCommands(program, context);
  addPlacementCommands(program, context);
  addHostCommands(program, context);
  addNodeCommands(program, context);
  addClockCommands(program, context);
  addFaultCommands(program, context);
  addEventCommand(program, context);
  addSnapshotCommands(program, context, done);
  addNotificationCommand(program, context);
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
    .option('--clock <time>', 'simulated time of day at the start, such as 2026-01-05T09:00:00Z')
    .option('--state <folder>', 'where what managers set is kept')
    .option(
      '--snapshot <file>',
      'go on from a snapshot: its hosts and guests instead of those of the configuration',
    )
    .option('--trap <host:port...>', 'where SNMPv2c traps go')
    .option('--api <address:port>', 'where the HTTP API listens; a port alone for loopback, off for nowhere')
    .option('--compat <agent>', 'imitate another agent’s ways: libvirt-snmp')
    .option('--json', 'print what is served as data, on one line')
    .action(async (flags: ServeFlags) => {
      // Read now, as no other command needs the whole agent, and each starts faster without.
      const { serve } = await import('./serve.ts');
      done(await serve(flags, out, err));
    });
}

function addInventory(program: Command, done: (exitCode: number) => void): void {
  program
    .command('inventory')
    .description('look at domain definitions without serving them')
    .command('check')
    .argument('<path...>', 'files, or folders of them')
    .description('read libvirt domain XML files or folders, and say what they define or why they are refused')
    .option('--json', 'print an array of what was read')
    .action((paths: string[], options: { json?: boolean }) => {
      done(inventoryCheck(paths, { json: options.json ?? false }, out, err));
    });
}
