import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, VirtsnmpError } from './errors.ts';

/**
 * Replaces a file's content so that a reader, or a restart after a crash at any moment, finds the old or the
 * new content whole. The file is readable by its owner alone. Throws STATE_FAILED with the old content kept.
 */
export function replaceFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.new`;
  try {
    const descriptor = openSync(temporary, 'w', 0o600);
    try {
      // One write may take a part of it only.
      for (let rest = Buffer.from(content); rest.length > 0; )
        rest = rest.subarray(writeSync(descriptor, rest));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
    syncFolder(dirname(file));
  } catch (thrown) {
    discard(temporary);
    throw new VirtsnmpError('STATE_FAILED', `${file} cannot be written: ${errorText(thrown)}`);
  }
}

/** A leftover is harmless: the next replacement overwrites it. */
function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // What went wrong with the file itself is what the caller is told.
  }
}

/** A rename is durable once its folder is. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
