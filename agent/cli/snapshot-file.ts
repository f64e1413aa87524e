import { readFileSync } from 'node:fs';
import { decodeSnapshot, type Snapshot } from '../snapshot/document.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { type Progress, progress } from './progress.ts';

/** The octets of a snapshot's file. Throws OPERATION_FAILED when it cannot be read. */
export function readSnapshotFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw new VirtsnmpError('OPERATION_FAILED', `${file} cannot be read: ${errorText(thrown)}`);
  }
}

/** A snapshot from its file. Throws OPERATION_FAILED or SNAPSHOT_INVALID. */
export function readSnapshot(file: string): Snapshot {
  return decodeSnapshot(readSnapshotFile(file), file);
}

/** Tells how far a replay of so many simulated ms has come, in simulated seconds. */
export function replayProgress(ofMs: number): Progress {
  const told = progress(Math.floor(ofMs / 1000), 'simulated seconds replayed');
  return { at: (atMs) => told.at(Math.floor(atMs / 1000)), end: told.end };
}
