import { createWriteStream, type WriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { errorText } from '../util/errors.ts';

const FILE_MODE = 0o600;
/** Octets that may wait for a slow disk before lines are left out. */
const PENDING_LIMIT = 4 * 1024 * 1024;

/**
 * A log file that lines are appended to, made with mode 0600.
 *
 * It never throws and never emits an error: the first one is given to `onFailure`, and from then on
 * everything written is discarded. At most 4 MiB wait for the disk; lines beyond that are discarded.
 */
export class FileOutput extends Writable {
  readonly #onFailure: (reason: string) => void;
  readonly #file: WriteStream;
  #failed = false;

  constructor(path: string, onFailure: (reason: string) => void) {
    super({ decodeStrings: false });
    this.#onFailure = onFailure;
    this.#file = createWriteStream(path, { flags: 'a', mode: FILE_MODE });
    this.#file.on('error', (error) => this.#fail(errorText(error)));
  }

  /** Writes out what is pending and closes the file. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#file.closed) return resolve();
      this.#file.once('close', resolve);
      this.#file.end();
    });
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.#failed && !this.#file.writableEnded && this.#file.writableLength < PENDING_LIMIT) {
      this.#file.write(chunk);
    }
    done();
  }

  #fail(reason: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onFailure(reason);
  }
}
