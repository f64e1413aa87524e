import type { IndexStore, NamedIndex } from '../objects/if-mib/interface-indexes.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { type Journal, openJournal } from '../util/journal.ts';
import type { Logger } from '../util/logger.ts';

/**
 * Keeps ifIndex of each interface by name over a restart, in a journal that is readable by its owner alone.
 *
 * A number is written before anybody is told of it.
 */
export class InterfaceStore implements IndexStore {
  readonly kept: readonly NamedIndex[];
  readonly #journal: Journal;

  /** Throws STATE_FAILED when the file cannot be read, written or understood. */
  constructor(file: string, logger: Logger) {
    const { journal, records, damage } = openJournal({
      file,
      sync: 'soon',
      onError: (error) => logger.error('ifIndex is not kept over a restart', { error: errorText(error) }),
    });
    if (damage)
      logger.warn('the end of the stored interfaces was damaged and is left out', { file, ...damage });
    this.#journal = journal;
    try {
      this.kept = Array.from(records, parse);
    } catch (thrown) {
      void journal.close();
      throw new VirtsnmpError(
        'STATE_FAILED',
        `${file}: ${errorText(thrown)}; delete it to have interfaces numbered anew`,
      );
    }
  }

  add(entry: NamedIndex): void {
    this.#journal.append(encode(entry));
  }

  replace(all: Iterable<NamedIndex>): void {
    void this.#journal.compact(Array.from(all, encode));
  }

  flush(): void {
    this.#journal.flush();
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#journal.close();
  }
}

function encode(entry: NamedIndex): Uint8Array {
  return Buffer.from(JSON.stringify(entry));
}

function parse(octets: Uint8Array): NamedIndex {
  const entry: unknown = JSON.parse(Buffer.from(octets).toString());
  if (Array.isArray(entry) && entry.length === 2) {
    const [name, index]: unknown[] = entry;
    if (typeof name === 'string' && Number.isInteger(index) && (index as number) > 0)
      return [name, index as number];
  }
  throw new Error('an interface is not a name and a number');
}
