import type { Command } from 'commander';
import { type DiffOptions, differenceLines, diffPictures } from '../../snapshot/diff.ts';
import { decodeSnapshot, readPictures, type Snapshot } from '../../snapshot/document.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import { replaceFile } from '../../util/replace-file.ts';
import { readSnapshot, readSnapshotFile, replayProgress } from '../snapshot-file.ts';
import type { ApiClient } from './api-client.ts';
import type { ClientContext } from './context.ts';

/** Real ms between two looks at how far a restoration has come. */
const LOOK_MS = 500;
/** What `snapshot diff` exits with, as diff does. */
const DIFF_EXIT = { equal: 0, different: 1, trouble: 2 } as const;

interface RestoredView {
  readonly hosts: number;
  readonly guests: number;
  readonly now: string;
  readonly nowMs: number;
}

/** Adds `snapshot save`, `restore` and `diff`. `done` is told what diff exits with. */
export function addSnapshotCommands(
  program: Command,
  context: ClientContext,
  done: (exitCode: number) => void,
): void {
  const snapshot = program
    .command('snapshot')
    .description('the whole state: save, restore, diff (docs/SNAPSHOTS.md)');
  context
    .command(snapshot, 'save', 'write the state of this instant into a file')
    .argument('<file>', 'the snapshot')
    .action(context.run((file: string) => save(context, file)));
  context
    .command(snapshot, 'restore', 'have the daemon go on from a file')
    .argument('<file>', 'the snapshot')
    .action(context.run((file: string) => restore(context, file)));
  snapshot
    .command('diff')
    .description(
      'how two files differ: exits with 0 when they do not, 1 when they do, 2 when one cannot be read',
    )
    .argument('<a>', 'the earlier snapshot')
    .argument('<b>', 'the later one')
    .option('--only <name...>', 'values with * and ?, alarms, faults, events, hidden')
    .option('--ignore <name...>', 'what to leave out of that')
    .option('--json', 'print data')
    .action((a: string, b: string, options: DiffOptions & { json?: boolean }) => {
      try {
        done(diff(context, a, b, options));
      } catch (thrown) {
        if (!(thrown instanceof VirtsnmpError)) throw thrown;
        process.stderr.write(`virtsnmp: ${thrown.message}\n`);
        done(DIFF_EXIT.trouble);
      }
    });
}

async function save(context: ClientContext, file: string): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of await context.client().stream('/snapshot')) pieces.push(piece as Buffer);
  const octets = Buffer.concat(pieces);
  const { head } = decodeSnapshot(octets, 'what the API sent');
  replaceFile(file, octets);
  const { writes, pictures, instant } = head;
  const data = { file, octets: octets.length, atMs: instant.atMs, writes, pictures };
  context.say(`${file}: the state at ${seconds(instant.atMs)}, ${octets.length} octets`, data);
}

async function restore(context: ClientContext, file: string): Promise<void> {
  const octets = readSnapshotFile(file);
  const { head } = decodeSnapshot(octets, file);
  const client = context.client();
  const told = replayProgress(head.instant.atMs);
  const look = setInterval(() => void tell(client, told.at), LOOK_MS);
  try {
    const text = await client.text('PUT', '/snapshot', octets, 'application/x-ndjson');
    const restored = JSON.parse(text) as RestoredView;
    const { hosts, guests, now, nowMs } = restored;
    context.say(`restored: ${hosts} hosts with ${guests} guests, at ${seconds(nowMs)}, ${now}`, restored);
  } finally {
    clearInterval(look);
    told.end();
  }
}

/** That it cannot be asked is told by the request that waits. */
async function tell(client: ApiClient, at: (atMs: number) => void): Promise<void> {
  try {
    const { atMs } = await client.get<{ readonly atMs?: number }>('/snapshot/progress');
    if (atMs !== undefined) at(atMs);
  } catch {
    return;
  }
}

function diff(
  context: ClientContext,
  fileA: string,
  fileB: string,
  options: DiffOptions & { json?: boolean },
): number {
  const [a, b] = [readSnapshot(fileA), readSnapshot(fileB)];
  const differences = diffPictures(readPictures(a, fileA), readPictures(b, fileB), options);
  if (options.json) {
    const data = { a: side(fileA, a), b: side(fileB, b), differences };
    context.write(`${JSON.stringify(data, undefined, 2)}\n`);
  } else if (differences.length > 0) {
    const lines = [
      `A: ${sideText(fileA, a)}`,
      `B: ${sideText(fileB, b)}`,
      ...differences.flatMap(differenceLines),
    ];
    context.write(`${lines.join('\n')}\n`);
  }
  return differences.length > 0 ? DIFF_EXIT.different : DIFF_EXIT.equal;
}

function side(file: string, { head: { program, start, instant } }: Snapshot) {
  return { file, program, seed: start.seed, atMs: instant.atMs };
}

function sideText(file: string, { head: { start, instant } }: Snapshot): string {
  const at = new Date(start.epochMs + instant.atMs).toISOString();
  return `${file}, seed ${start.seed}, at ${seconds(instant.atMs)}, ${at}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
