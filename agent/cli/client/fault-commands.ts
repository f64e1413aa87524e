import { Argument, type Command } from 'commander';
import { FAULT_KINDS } from '../../emulation/fault/fault-kind.ts';
import { oneOf } from '../choices.ts';
import type { ClientContext } from './context.ts';
import { parseDuration } from './duration.ts';
import { tableLines } from './table.ts';

interface FaultView {
  readonly id: number;
  readonly kind: string;
  readonly rule: string;
  readonly host: string;
  readonly guest?: string;
  readonly begun: string;
}

interface AlarmView {
  readonly number: number;
  readonly kind: string;
  readonly severity: string;
  readonly host: string;
  readonly guest?: string;
  readonly text: string;
  readonly raised: string;
}

/** Adds the commands about what goes wrong, and what is found of it. */
export function addFaultCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  const fault = program.command('fault').description('what goes wrong: list, raise, clear');
  context.command(fault, 'list', 'the faults that are in effect').action(
    context.run(async () => {
      const faults = await client().get<FaultView[]>('/faults');
      context.show(faults, faultLines(faults));
    }),
  );
  context
    .command(fault, 'raise', 'let something go wrong (docs/FAULTS.md)')
    .addArgument(oneOf(new Argument('<kind>', 'what goes wrong'), Object.keys(FAULT_KINDS)))
    .option('--guest <guest>', 'name or UUID of the guest that has it')
    .option('--host <name>', 'the host that has it, or whose guest is meant')
    .option('--duration <time>', 'simulated, such as 90s or 5m; until it is cleared when not given')
    .option('--set <name=value...>', 'parameters of the kind')
    .action(
      context.run(
        async (kind: string, flags: { guest?: string; host?: string; duration?: string; set?: string[] }) => {
          const durationMs = flags.duration === undefined ? undefined : parseDuration(flags.duration);
          if (flags.duration !== undefined && durationMs === undefined)
            throw context.usage(`${flags.duration} is no duration such as 90s or 5m`);
          const parameters =
            flags.set && Object.fromEntries(flags.set.map((text) => parameter(text, context)));
          const { guest, host } = flags;
          const faults = await client().send<FaultView[]>('POST', '/faults', {
            kind,
            guest,
            host,
            durationMs,
            parameters,
          });
          context.show(faults, faultLines(faults));
        },
      ),
    );
  context
    .command(fault, 'clear', 'let it be right again')
    .argument('<id>', 'as fault list tells it')
    .action(
      context.run(async (id: string) => {
        await client().send('DELETE', `/faults/${context.whole(id)}`);
        context.say(`fault ${id} is cleared`);
      }),
    );
  const alarm = program.command('alarm').description('what was found to be wrong: list');
  context
    .command(alarm, 'list', 'the alarms that are up')
    .option('--host <name>', 'of one host')
    .action(
      context.run(async ({ host }: { host?: string }) => {
        const alarms = await client().get<AlarmView[]>(context.path('/alarms', { host }));
        const rows = alarms.map((one) => [
          String(one.number),
          one.severity,
          one.kind,
          one.guest ?? one.host,
          one.raised,
          one.text,
        ]);
        context.show(alarms, tableLines(['No', 'Severity', 'Kind', 'On', 'Raised', 'What'], rows));
      }),
    );
}

function faultLines(faults: readonly FaultView[]): string[] {
  const rows = faults.map(({ id, kind, guest, host, begun, rule }) => [
    String(id),
    kind,
    guest === undefined ? host : `${guest} (${host})`,
    begun,
    rule,
  ]);
  return tableLines(['Id', 'Kind', 'On', 'Begun', 'Rule'], rows);
}

/** `name=value`, with a number, true or false as what it is. */
function parameter(text: string, context: ClientContext): [string, unknown] {
  const match = /^([a-zA-Z]+)=(.*)$/.exec(text);
  if (!match) throw context.usage(`${text} is no parameter; expected NAME=VALUE`);
  const [, name, value] = match as unknown as [string, string, string];
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}
