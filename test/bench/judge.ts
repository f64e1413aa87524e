import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Children } from './children.ts';
import type { Kind } from './load/request-template.ts';
import type { MeasureOptions } from './measure.ts';
import { COMMUNITY, ROOT } from './servers.ts';

const SOURCE = fileURLToPath(new URL('../../../shared/bench/snmpload.c', import.meta.url));
const COMPILER = 'cc';
const MODE: Record<Kind, string> = { GET: 'get', GETNEXT: 'getnext', GETBULK: 'bulk' };

/** What a generator that is not of this project measured. */
export interface JudgeFigures {
  readonly requestsPerSecond: number;
  readonly varbindsPerSecond: number;
  /** Errors and names out of order that it counted. */
  readonly faults: number;
}

/** Runs one round of the judge against an agent. */
export type RunJudge = (kind: Kind, port: number, options: MeasureOptions) => Promise<JudgeFigures>;

/** A compiled judge, and what removes it again. */
export interface Judge {
  readonly run: RunJudge;
  readonly remove: () => void;
}

/** Compiles snmpload.c from beside the project. Throws when it or a C compiler is missing. */
export function prepareJudge(children: Children, cpu: number | undefined): Judge {
  if (!existsSync(SOURCE)) throw new Error('--judge needs ../shared/bench/snmpload.c, and there is none');
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-judge-'));
  const program = join(folder, 'snmpload');
  const compiler = spawnSync(COMPILER, ['-O2', '-o', program, SOURCE], { encoding: 'utf8' });
  if (compiler.status !== 0) {
    rmSync(folder, { recursive: true });
    throw new Error(`--judge needs a C compiler: ${compiler.error?.message ?? compiler.stderr}`);
  }
  return {
    run: async (kind, port, options) =>
      figures(await run(children, cpu, [program, ...judgeArguments(kind, port, options)])),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function judgeArguments(kind: Kind, port: number, options: MeasureOptions): string[] {
  const { seconds, window, repetitions } = options;
  const numbers = { '-p': port, '-d': seconds, '-w': window, '-r': repetitions };
  return [...Object.entries(numbers).flat().map(String), '-c', COMMUNITY, MODE[kind], ROOT];
}

async function run(children: Children, cpu: number | undefined, command: readonly string[]): Promise<string> {
  const child = children.start(command, cpu, ['ignore', 'pipe', 'inherit']);
  let output = '';
  child.stdout!.on('data', (text: Buffer) => {
    output += text;
  });
  await once(child, 'close');
  return output;
}

function figures(output: string): JudgeFigures {
  const figure = (name: string) => Number(new RegExp(`\\b${name}=(\\S+)`).exec(output)?.[1]);
  return {
    requestsPerSecond: figure('requests/s'),
    varbindsPerSecond: figure('varbinds/s'),
    faults: figure('errors') + figure('disorder'),
  };
}
