import { readFileSync } from 'node:fs';
import type { PreparedSet } from '../mib/module.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { replaceFile } from '../util/replace-file.ts';

/** A part of what managers change over SNMP that outlives the program. */
export interface DurablePart {
  /** All of it as plain JSON. */
  snapshot(): unknown;
  /** Puts back what {@link snapshot} once gave. Throws STATE_FAILED, with nothing changed, when it is not that. */
  restore(stored: unknown): void;
}

/**
 * One file for all that managers have changed of one agent, so that a SetRequest is stored whole or not at all.
 *
 * It is written before the request is answered: what was answered survives a crash at any moment. Without a
 * file nothing is stored. The file may hold keys; {@link replaceFile} makes it readable by its owner alone.
 */
export class DurableState {
  readonly #file: string | undefined;
  readonly #parts = new Map<string, DurablePart>();
  /** What the file held at the start; parts that nobody claims are kept as they are. */
  readonly #stored: Readonly<Record<string, unknown>>;
  #dirty = false;

  /** Reads the file when it exists. Throws STATE_FAILED when it cannot be understood. */
  constructor(file?: string) {
    this.#file = file;
    this.#stored = file === undefined ? {} : readStored(file);
  }

  /** Takes care of a part, and gives it back what was stored of it. Throws STATE_FAILED. */
  add(name: string, part: DurablePart): void {
    this.#parts.set(name, part);
    if (!Object.hasOwn(this.#stored, name)) return;
    try {
      part.restore(this.#stored[name]);
    } catch (thrown) {
      throw new VirtsnmpError('STATE_FAILED', `${this.#file}: ${name}: ${errorText(thrown)}`);
    }
  }

  /** The same change, stored before it is answered. */
  readonly keep = (change: PreparedSet): PreparedSet => ({
    ...change,
    commit: () => {
      change.commit();
      this.#dirty = true;
    },
    store: () => {
      change.store?.();
      this.#write();
    },
  });

  #write(): void {
    if (!this.#dirty) return;
    if (this.#file !== undefined) {
      const parts = Array.from(this.#parts, ([name, part]) => [name, part.snapshot()]);
      const content = { ...this.#stored, ...Object.fromEntries(parts), version: 1 };
      replaceFile(this.#file, `${JSON.stringify(content, undefined, 2)}\n`);
    }
    this.#dirty = false;
  }
}

function readStored(file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new VirtsnmpError('STATE_FAILED', `${file} cannot be read: ${errorText(thrown)}`);
  }
  const stored = parseStored(text);
  if (stored) return stored;
  throw new VirtsnmpError(
    'STATE_FAILED',
    `${file} is damaged: mend it, or delete it to start from the configuration`,
  );
}

function parseStored(text: string): Readonly<Record<string, unknown>> | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof stored !== 'object' || stored === null) return undefined;
  return 'version' in stored && stored.version === 1 ? { ...stored } : undefined;
}
