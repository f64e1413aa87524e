import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { replaceFile } from '../util/replace-file.ts';

/** Largest snmpEngineBoots (RFC 3414 section 2.2.2). */
export const MAX_BOOTS = 2 ** 31 - 1;
const MAX_TIME = 2 ** 31 - 1;

/**
 * The first five octets of an engine ID (RFC 3411 section 5, SnmpEngineID): the highest bit for this form, the
 * enterprise number of Net-SNMP (8072), and 5 for octets that an administrator assigned.
 * Why that number: docs/decisions/0022.
 */
const ENGINE_ID_HEAD = [0x80, 0x00, 0x1f, 0x88, 5];
/** With 96 random bits no two agents of this world meet; 17 octets is what Net-SNMP's engine IDs have, too. */
const RANDOM_OCTETS = 12;

export interface EngineIdentityOptions {
  /** Where ID and boots are kept; without it the engine is a new one at each start. */
  readonly file?: string;
  /** snmpEngineID that an administrator chose, 5 to 32 octets; it needs a file, or its boots would come again. */
  readonly id?: Uint8Array;
  /** Without a file: the engine of the same process that this one goes on as, with raised boots. */
  readonly previous?: EngineIdentity;
  /**
   * Milliseconds of a clock that is never set. It must run as the managers' clocks do, and so be the machine's
   * and not a simulated one: they expect our time within 150 seconds of their own (RFC 3414 section 2.2.3).
   */
  readonly monotonicMs?: () => number;
  /** Gives this many random octets. */
  readonly randomOctets?: (count: number) => Uint8Array;
}

/** What is kept from one start to the next. */
interface Stored {
  readonly id: Uint8Array;
  readonly boots: number;
}

/**
 * Who an SNMP engine is, and when: snmpEngineID, snmpEngineBoots and snmpEngineTime (RFC 3414 section 2.2).
 *
 * A message cannot be replayed because no pair of boots and time comes twice under one ID. Therefore ID and boots
 * stand in one file and can only be lost together, and the constructor returns when the raised number is on disk:
 * whatever happens afterwards, the next start has a greater one.
 *
 * Without a file the ID is random at each start, and boots are 1. That is safe for the same reason: a new ID is a
 * new engine, whose keys (localised to the ID) fit none of the messages sent to the one before. Managers must
 * discover it again.
 */
export class EngineIdentity {
  /** snmpEngineID, 17 octets for one generated here. */
  readonly id: Uint8Array;
  readonly #file: string | undefined;
  readonly #monotonicMs: () => number;
  #boots: number;
  /** When boots last changed, in ms of the clock. */
  #sinceMs: number;

  /** Throws STATE_FAILED when the file is damaged or cannot be written; there must be no answer then. */
  constructor(options: EngineIdentityOptions = {}) {
    const { file, previous, monotonicMs = () => performance.now(), randomOctets = randomBytes } = options;
    this.#file = file;
    this.#monotonicMs = monotonicMs;
    const kept =
      file === undefined ? previous && { id: previous.id, boots: previous.boots() } : readStored(file);
    // Boots belong to an ID: under a new one they begin again.
    const stored = options.id && kept && Buffer.compare(options.id, kept.id) !== 0 ? undefined : kept;
    this.id = options.id ?? stored?.id ?? Uint8Array.of(...ENGINE_ID_HEAD, ...randomOctets(RANDOM_OCTETS));
    this.#boots = stored?.boots ?? 0;
    this.#sinceMs = monotonicMs();
    this.#raiseBoots();
  }

  /** snmpEngineBoots, 1 to 2,147,483,647. */
  boots(): number {
    this.#turn();
    return this.#boots;
  }

  /**
   * snmpEngineTime: whole seconds since boots were raised, 0 to 2,147,483,647.
   *
   * Where it would grow further, boots are raised and it begins again (RFC 3414 section 2.2.2). Throws STATE_FAILED,
   * each time it is asked for, when that cannot be stored.
   */
  timeSeconds(): number {
    this.#turn();
    const seconds = this.#elapsedSeconds();
    return seconds > MAX_TIME ? MAX_TIME : seconds;
  }

  /**
   * Whether boots have reached their maximum: from then on no message counts as timely, so all authenticated ones
   * are refused, until an administrator gives the engine another ID by removing its file (RFC 3414 section 2.2.2).
   */
  get latched(): boolean {
    return this.boots() === MAX_BOOTS;
  }

  #elapsedSeconds(): number {
    return Math.floor((this.#monotonicMs() - this.#sinceMs) / 1000);
  }

  #turn(): void {
    while (this.#elapsedSeconds() > MAX_TIME && this.#boots < MAX_BOOTS) {
      this.#raiseBoots();
      this.#sinceMs += (MAX_TIME + 1) * 1000;
    }
  }

  /** Nothing is changed in memory before it is on disk. */
  #raiseBoots(): void {
    const boots = Math.min(this.#boots + 1, MAX_BOOTS);
    if (this.#file !== undefined) writeStored(this.#file, { id: this.id, boots });
    this.#boots = boots;
  }
}

function writeStored(file: string, { id, boots }: Stored): void {
  const content = { engineId: Buffer.from(id).toString('hex'), engineBoots: boots };
  replaceFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

function readStored(file: string): Stored | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    // No file: this engine never was. Any other reason might hide a number that was used.
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new VirtsnmpError('STATE_FAILED', `${file} cannot be read: ${errorText(thrown)}`);
  }
  const stored = parseStored(text);
  if (stored) return stored;
  throw new VirtsnmpError(
    'STATE_FAILED',
    `${file} is damaged: it must hold engineId (10 to 64 hexadecimal digits) and engineBoots (1 to ${MAX_BOOTS}). ` +
      'Put it back from a copy and raise engineBoots above any that was in use, or delete it to become a new ' +
      'engine, which managers must discover again',
  );
}

function parseStored(text: string): Stored | undefined {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { engineId, engineBoots } = stored as Record<string, unknown>;
  if (typeof engineId !== 'string' || typeof engineBoots !== 'number') return undefined;
  if (!Number.isInteger(engineBoots) || engineBoots < 1 || engineBoots > MAX_BOOTS) return undefined;
  const id = Uint8Array.from(Buffer.from(engineId, 'hex'));
  return isEngineId(engineId, id) ? { id, boots: engineBoots } : undefined;
}

/** 5 to 32 octets, neither all zeros nor all ones (RFC 3411 section 5, SnmpEngineID). */
function isEngineId(hex: string, id: Uint8Array): boolean {
  if (!/^([0-9a-f]{2}){5,32}$/i.test(hex)) return false;
  return id.some((octet) => octet !== 0) && id.some((octet) => octet !== 0xff);
}
