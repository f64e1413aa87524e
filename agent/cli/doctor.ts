import { type Command, Option } from 'commander';
import { diagnose } from './doctor/diagnose.ts';
import { COMMUNITY_STEPS, type Diagnosis, Findings, isWell, V3_STEPS } from './doctor/diagnosis.ts';
import type { DoctorFlags } from './doctor/flag-types.ts';
import { readFlags } from './doctor/flags.ts';
import { EXIT } from './exit-code.ts';
import { addAgentOptions } from './snmp/agent-options.ts';

/** Flags of Net-SNMP's tools that change what is printed and not what is asked. */
const PRINTING_FLAGS = ['-O', '-I', '-P', '-L', '-m', '-M'] as const;

/** Adds the command `doctor` to the program; `done` is told the exit code. */
export function addDoctor(
  program: Command,
  out: (line: string) => void,
  done: (exitCode: number) => void,
): void {
  const command = program
    .command('doctor')
    .argument('<address>', 'HOST or HOST:PORT of the agent')
    .argument('[oid]', 'what is asked for; sysUpTime.0 when not given')
    .description(
      'say in words which step of a failing SNMP request fails, and what to change; any agent will do',
    )
    .usage('[options] ADDRESS[:PORT] [OID]')
    .option('-v, --snmp-version <version>', '1, 2c or 3', '3')
    .option('--auth-key <hex>', 'localized key instead of a password')
    .option('--priv-key <hex>', 'localized key instead of a password')
    .option('-e, --engine-id <hex>', 'engine ID to ask with instead of the discovered one')
    .option('-E, --context-engine-id <hex>', 'engine whose context it is')
    .option('--no-trials', 'do not try other protocols; each counts as a failed authentication at the agent')
    .option('--json', 'print the steps as data')
    .action(async (address: string, oid: string | undefined, flags: DoctorFlags & { json?: boolean }) => {
      done(await doctor(address, oid, flags, process.env, out));
    });
  addAgentOptions(command);
  for (const flag of PRINTING_FLAGS) command.addOption(new Option(`${flag} <ignored>`).hideHelp());
}

/**
 * `virtsnmp doctor`: makes the request that the flags describe step by step, and prints what works, what fails and
 * what to change. Returns the exit code: 0 when all is well, 1 when a step failed, 2 when the flags cannot be used.
 */
export async function doctor(
  address: string,
  oid: string | undefined,
  flags: DoctorFlags & { readonly json?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  out: (line: string) => void,
): Promise<number> {
  const { request, says, problems } = readFlags(address, oid, flags, env);
  const findings = new Findings(flags.snmpVersion === '3' ? V3_STEPS : COMMUNITY_STEPS);
  if (request) {
    findings.ok('flags', says);
    await diagnose(request, findings);
  } else {
    const what = problems.map((problem) => problem.what).join('; ');
    findings.failed(
      'flags',
      what,
      problems.map(({ change }) => change),
    );
  }
  const diagnosis = findings.diagnosis();
  const lines = flags.json
    ? [JSON.stringify({ ok: isWell(diagnosis), ...diagnosis }, null, 2)]
    : text(diagnosis);
  for (const line of lines) out(line);
  if (!request) return EXIT.usage;
  return isWell(diagnosis) ? EXIT.ok : EXIT.failed;
}

/** One line for each step, and a paragraph about what to change. */
function text(diagnosis: Diagnosis): string[] {
  const { steps, advice } = diagnosis;
  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(({ step, status, says }) => `${status.padEnd(7)}  ${step.padEnd(width)}  ${says}`);
  const paragraph = isWell(diagnosis)
    ? ['All is well: a request with these flags is answered.']
    : ['What to change:', ...advice.map((sentence) => `  ${sentence}`)];
  return [...lines, '', ...paragraph];
}
