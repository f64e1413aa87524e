import { type Command, Option } from 'commander';
import type { Oid } from '../../util/oid.ts';
import { oneOf } from '../choices.ts';
import type { DoctorFlags } from '../doctor/flag-types.ts';
import { readFlags } from '../doctor/flags.ts';
import { EXIT } from '../exit-code.ts';
import { UsageError } from '../usage-error.ts';
import { addAgentOptions } from './agent-options.ts';
import { ErrorStatus, Manager } from './manager.ts';
import { readOid } from './oid-text.ts';
import { OUTPUT_LETTERS, type OutputOptions, readOutputOptions } from './output-options.ts';
import { setValue } from './set-value.ts';
import { varbindJson, varbindText } from './value-text.ts';
import { isException, type ReadVarbind } from './varbind.ts';

/** Flags of the commands that ask an agent. */
type SnmpFlags = Omit<DoctorFlags, 'snmpVersion' | 'trials'> & {
  readonly snmpVersion?: string;
  readonly output: string;
  readonly json?: boolean;
};

/** What a walk starts from when nothing is said: mib-2, as Net-SNMP's tools do. */
const DEFAULT_ROOT = 'mib-2';
/** Repetitions of a GETBULK that fit a datagram mostly. */
const MAX_REPETITIONS = '25';

/** How the commands tell and end. */
export interface SnmpContext {
  readonly out: (line: string) => void;
  readonly done: (exitCode: number) => void;
  readonly env: NodeJS.ProcessEnv;
}

/** Adds `get`, `getnext`, `bulkget`, `walk` and `set`, which ask any agent, and print as Net-SNMP's tools do. */
export function addSnmpCommands(program: Command, context: SnmpContext): void {
  const command = (name: string, about: string) =>
    addOutputOptions(
      addAgentOptions(
        program
          .command(name)
          .description(about)
          .argument('<address>', 'HOST or HOST:PORT of the agent')
          .addOption(
            oneOf(new Option('-v, --snmp-version <version>', 'without it 3 with a user and 2c otherwise'), [
              '1',
              '2c',
              '3',
            ]),
          ),
      ),
    );
  command('get', 'ask an SNMP agent for variables')
    .argument('<oid...>', 'names such as sysUpTime.0, or numbers')
    .action(async (address: string, oids: string[], flags: SnmpFlags) => {
      const names = oids.map(oidOf);
      await ask(context, address, flags, (manager) => manager.get(names));
    });
  command('getnext', 'ask an SNMP agent for the variables that come next')
    .argument('<oid...>', 'names such as sysUpTime, or numbers')
    .action(async (address: string, oids: string[], flags: SnmpFlags) => {
      const names = oids.map(oidOf);
      await ask(context, address, flags, (manager) => manager.getNext(names));
    });
  command('bulkget', 'ask an SNMP agent for many variables that come next, in one answer')
    .argument('<oid...>', 'names such as lvsGuestTable, or numbers')
    .option('--max-repetitions <n>', 'variables for each name', '10')
    .action(async (address: string, oids: string[], flags: SnmpFlags & { maxRepetitions: string }) => {
      const names = oids.map(oidOf);
      if (versionOf(flags) === '1') throw new UsageError('SNMPv1 has no GETBULK; give -v 2c or -v 3');
      const repetitions = countOf(flags.maxRepetitions, '--max-repetitions');
      await ask(context, address, flags, (manager) => manager.getBulk(names, repetitions));
    });
  command('walk', 'ask an SNMP agent for everything below a name')
    .argument('[oid]', 'a name such as lvsGuestTable, or numbers', DEFAULT_ROOT)
    .option('--max-repetitions <n>', 'variables for each request', MAX_REPETITIONS)
    .action(async (address: string, oid: string, flags: SnmpFlags & { maxRepetitions: string }) => {
      const repetitions = countOf(flags.maxRepetitions, '--max-repetitions');
      await walk(context, address, oidOf(oid), flags, repetitions);
    });
  command('set', 'have an SNMP agent change variables')
    .argument('<oid type value...>', 'a name, a letter of i u t a o s x b or =, and a value; again and again')
    .action(async (address: string, words: string[], flags: SnmpFlags) => {
      if (words.length % 3 !== 0)
        throw new UsageError('set takes three words for each variable: a name, a type and a value');
      const varbinds = Array.from({ length: words.length / 3 }, (_, i) => {
        const [name, type, value] = words.slice(i * 3) as [string, string, string];
        const oid = oidOf(name);
        return { oid, ...setValue(oid, type, value) };
      });
      await ask(context, address, flags, (manager) => manager.set(varbinds));
    });
}

/** Adds how names and values are printed. */
export function addOutputOptions(command: Command): Command {
  const letters = Object.entries(OUTPUT_LETTERS).map(([letter, option]) => `${letter} ${option}`);
  return command
    .option(
      '-O, --output <letters>',
      `as Net-SNMP's tools have them, several together: ${letters.join(', ')}`,
      (letter: string, before: string) => before + letter,
      '',
    )
    .option('--json', 'print data');
}

/** The printing that `-O` asks for. Throws {@link UsageError}. */
export function outputOptions(letters: string): OutputOptions {
  const read = readOutputOptions(letters);
  if (!('unknown' in read)) return read;
  const known = Object.keys(OUTPUT_LETTERS).join(', ');
  throw new UsageError(`-O${read.unknown} is not known here; there are ${known}`);
}

async function ask(
  context: SnmpContext,
  address: string,
  flags: SnmpFlags,
  request: (manager: Manager) => Promise<ReadVarbind[]>,
): Promise<void> {
  const options = outputOptions(flags.output);
  const manager = await Manager.open(targetOf(address, flags, context.env));
  try {
    const varbinds = await request(manager);
    print(context, varbinds, flags, options);
    if (varbinds.some(isException)) context.done(EXIT.notFound);
  } catch (thrown) {
    tellStatus(context, thrown);
  } finally {
    manager.close();
  }
}

async function walk(
  context: SnmpContext,
  address: string,
  root: Oid,
  flags: SnmpFlags,
  maxRepetitions: number,
): Promise<void> {
  const options = outputOptions(flags.output);
  const manager = await Manager.open(targetOf(address, flags, context.env));
  const kept: ReadVarbind[] = [];
  let count = 0;
  try {
    for await (const portion of manager.walk(root, maxRepetitions)) {
      count += portion.length;
      if (flags.json) kept.push(...portion);
      else print(context, portion, flags, options);
    }
    // What has nothing below it may be a variable itself.
    const own = count === 0 && root.length > 1 ? await manager.get([root]) : [];
    if (flags.json) print(context, [...kept, ...own], flags, options);
    else print(context, own, flags, options);
    if (own.some(isException)) context.done(EXIT.notFound);
  } catch (thrown) {
    tellStatus(context, thrown);
  } finally {
    manager.close();
  }
}

function print(
  { out }: SnmpContext,
  varbinds: readonly ReadVarbind[],
  { json }: SnmpFlags,
  options: OutputOptions,
): void {
  if (json)
    out(
      JSON.stringify(
        varbinds.map((varbind) => varbindJson(varbind, options)),
        undefined,
        2,
      ),
    );
  else for (const varbind of varbinds) out(varbindText(varbind, options));
}

function tellStatus({ done }: SnmpContext, thrown: unknown): void {
  if (!(thrown instanceof ErrorStatus)) throw thrown;
  process.stderr.write(`virtsnmp: the agent answers ${thrown.status}\n`);
  done(thrown.status === 'NoSuchName' ? EXIT.notFound : EXIT.refused);
}

function versionOf({ snmpVersion, user }: SnmpFlags): string {
  return snmpVersion ?? (user === undefined ? '2c' : '3');
}

function targetOf(address: string, flags: SnmpFlags, env: NodeJS.ProcessEnv) {
  const snmpVersion = versionOf(flags);
  const community = flags.community ?? env['VIRTSNMP_COMMUNITY'] ?? 'public';
  const { request, problems } = readFlags(
    address,
    undefined,
    { ...flags, ...(snmpVersion !== '3' && { community }), snmpVersion, trials: false },
    env,
  );
  if (request) return request;
  throw new UsageError(problems.map(({ what, change }) => `${what}. ${change}`).join('\n'));
}

/** The identifier of a text. Throws {@link UsageError}. */
function oidOf(text: string): Oid {
  const read = readOid(text);
  if ('oid' in read) return read.oid;
  throw new UsageError(`${read.problem}. ${read.change}`);
}

function countOf(text: string, flag: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} ${text} is no number of 1 to 9999`);
}
