import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../measure.ts';
import { Asked } from './asked.ts';
import type { ProgramReply, ProgramTask } from './program-server.ts';
import type { SinkFigures, SinkTask } from './sink.ts';

/** The receivers of notifications. */
export type Sinks = Asked<SinkTask, { readonly ports?: readonly number[]; readonly figures?: SinkFigures }>;

/** The whole program in a process of its own. */
export type Program = Asked<ProgramTask, ProgramReply>;

/** Runs the whole program towards a sink, and removes its state afterwards. */
export async function withProgram<T>(
  { children, placement }: Bench,
  setup: { readonly guests: number; readonly port: number; readonly kind: 'trap' | 'inform' },
  body: (program: Program, port: number) => Promise<T>,
): Promise<T> {
  const state = mkdtempSync(join(tmpdir(), 'virtsnmp-bench-'));
  const program: Program = new Asked(children, placement.server, 'program-server.ts');
  try {
    const { port } = await program.ask({ do: 'start', ...setup, state });
    return await body(program, port!);
  } finally {
    await children.stop(program.process);
    rmSync(state, { recursive: true, force: true });
  }
}
