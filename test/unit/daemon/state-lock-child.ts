import { writeSync } from 'node:fs';
import { StateLock } from '../../../agent/daemon/state-lock.ts';
import { errorText } from '../../../agent/util/errors.ts';

/**
 * Another program on a state folder: `state-lock-child.ts FOLDER`.
 *
 * It waits for a line, tries to get the folder, tells what came of it, and keeps it until it is ended.
 */
const [folder] = process.argv.slice(2);
writeSync(1, 'ready\n');
process.stdin.once('data', () => {
  try {
    StateLock.acquire(folder!);
    writeSync(1, 'held\n');
  } catch (thrown) {
    writeSync(1, `${errorText(thrown)}\n`);
  }
});
