import type { Command } from 'commander';
import type { RunFlags } from './scenario-actions.ts';

type Print = (line: string) => void;

/** Adds the commands about scenarios; what they do is read when one of them runs, as it brings the whole agent with it. */
export function addScenario(
  program: Command,
  out: Print,
  err: Print,
  done: (exitCode: number) => void,
): void {
  const scenario = program
    .command('scenario')
    .description('stories with things expected of them: run, check, list');
  scenario
    .command('run')
    .argument('<file...>', 'scenarios in YAML')
    .description(
      'run scenarios; exits with 0 when all was as expected, 1 when not, 2 for a file or a start that is wrong',
    )
    .option('--junit <file>', 'write JUnit XML')
    .option('--json', 'print data instead of lines')
    .option('--speed <number>', 'simulated seconds for each real second, or max')
    .option('--event-log <file>', 'append the truth about each event as JSON lines')
    .option('--seed <number>', 'start of all randomness')
    .option('--listen <address...>', 'addresses that the agents listen on')
    .option('--port <port>', 'UDP port; any free one unless the scenario names it')
    .option('--api <address:port>', 'where the HTTP API listens; off for nowhere')
    .option('--trap <host:port...>', 'where SNMPv2c traps go')
    .action(async (files: string[], flags: RunFlags) => {
      const { runFiles } = await import('./scenario-actions.ts');
      done(await runFiles(files, flags, out, err));
    });
  scenario
    .command('check')
    .argument('<file...>', 'scenarios in YAML')
    .description('read scenarios without running them, and say what is wrong with file, line and column')
    .option('--json', 'print data')
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const { checkFiles } = await import('./scenario-actions.ts');
      done(checkFiles(files, json ?? false, out, err));
    });
  scenario
    .command('list')
    .description('the scenarios that come with the program')
    .option('--json', 'print data')
    .action(async ({ json }: { json?: boolean }) => {
      const { listShipped } = await import('./scenario-actions.ts');
      listShipped(json ?? false, out);
    });
}
