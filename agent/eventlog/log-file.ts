import { type FileHandle, open, rename } from 'node:fs/promises';

const FILE_MODE = 0o600;
const NEWLINE = 0x0a;

/** How an event log is kept. */
export interface LogFileOptions {
  readonly path: string;
  /** Octets from which on another file is begun; 0 for never. */
  readonly maxOctets: number;
  /** Files beside the present one: `path.1` is the last before it. */
  readonly keep: number;
  /** The first line of each file that is begun or appended to, without its end; told whether a run goes on there. */
  readonly heading: (continued: boolean) => string;
}

/**
 * A file that lines are appended to, made with mode 0600. One call at a time.
 *
 * What the disk refused is kept, and goes first at the next try: no line is there twice, or in part. A last line
 * without an end, which a killed program leaves, gets one.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  #handle: FileHandle | undefined;
  #size = 0;
  #begun = false;
  #rotates = true;
  #rest: Buffer = Buffer.alloc(0);

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Makes the file if need be, and writes what an earlier call could not. Throws what the system says. */
  async flush(): Promise<void> {
    this.#handle ??= await this.#open();
    const handle = this.#handle;
    while (this.#rest.length > 0) {
      const { bytesWritten } = await handle.write(this.#rest);
      this.#size += bytesWritten;
      this.#rest = this.#rest.subarray(bytesWritten);
    }
    const { maxOctets } = this.#options;
    if (this.#rotates && maxOctets > 0 && this.#size >= maxOctets) await this.#rotate(handle);
  }

  /** Appends whole lines. They are taken even when this throws, as {@link flush} does. */
  append(lines: string): Promise<void> {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(lines)]);
    return this.flush();
  }

  /** Closes the file with all that was written safely on the disk. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (!handle) return;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  async #open(): Promise<FileHandle> {
    const handle = await open(this.#options.path, 'a+', FILE_MODE);
    try {
      this.#size = (await handle.stat()).size;
      const heading = `${(await this.#endsInLine(handle)) ? '' : '\n'}${this.#options.heading(this.#begun)}\n`;
      this.#rest = Buffer.concat([Buffer.from(heading), this.#rest]);
      this.#begun = true;
    } catch (thrown) {
      await handle.close();
      throw thrown;
    }
    return handle;
  }

  async #endsInLine(handle: FileHandle): Promise<boolean> {
    if (this.#size === 0) return true;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, this.#size - 1);
    return buffer[0] === NEWLINE;
  }

  async #rotate(handle: FileHandle): Promise<void> {
    const { path, keep } = this.#options;
    // Where no other file can be begun, this one goes on.
    this.#rotates = false;
    for (let number = keep; number > 0; number--) {
      const from = number === 1 ? path : `${path}.${number - 1}`;
      await rename(from, `${path}.${number}`).catch(ignoreAbsent);
    }
    this.#rotates = true;
    this.#handle = undefined;
    await handle.close();
  }
}

function ignoreAbsent(thrown: unknown): void {
  if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
}
