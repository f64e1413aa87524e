/** How a notification fares on its way to a target; see {@link NotificationRecord.state}. */
export const NOTIFICATION_STATES = ['queued', 'sent', 'acknowledged', 'failed', 'dropped'] as const;
/** A name of {@link NOTIFICATION_STATES}. */
export type NotificationState = (typeof NOTIFICATION_STATES)[number];

/** A notification for a target, as it was when it was queued. */
export interface QueuedNotification {
  /** Simulated time, RFC 3339, UTC. */
  readonly time: string;
  readonly host: string;
  /** Number of the notification: durable, and the same for all of its targets. */
  readonly notification: number;
  /** Sequence of the event that it tells of; absent for what the agent tells of itself. */
  readonly event?: number;
  readonly name: string;
  /** Value of snmpTrapOID.0. */
  readonly oid: string;
  readonly guest?: string;
  readonly uuid?: string;
  readonly target: string;
  /** Where it goes: `HOST:PORT`. */
  readonly address: string;
  readonly version: 'v1' | 'v2c' | 'v3';
  readonly type: 'trap' | 'inform';
}

/** What has become of one notification on its way to one target. */
export interface NotificationRecord extends QueuedNotification {
  /** 1 for the first of the run, then without gaps. */
  readonly seq: number;
  /**
   * `queued`: it waits; `sent`: a trap is gone, or an inform waits for its answer; `acknowledged`; `failed`: it could
   * not be sent, was refused, or no try so far was answered; `dropped`: the queue was full, or the target removed.
   */
  readonly state: NotificationState;
  /** How often an inform was sent again. */
  readonly retries: number;
  /** Why it failed or was dropped. */
  readonly reason?: string;
  /** Simulated time. */
  readonly acknowledgedAt?: string;
}

/** A change of a notification's state. */
export interface NotificationChange {
  readonly state: NotificationState;
  readonly retries: number;
  readonly reason?: string;
  /** Simulated time, RFC 3339, UTC. */
  readonly time: string;
}

/** Which records a list shall have; absent is any. */
export interface NotificationQuery {
  /** Whether a record is wanted. */
  readonly wanted: (record: NotificationRecord) => boolean;
  readonly limit: number;
  /** The first that come after this one; the latest of all when absent. */
  readonly after?: number | undefined;
}

/** A record in the ring: a change alters it, and what is told or listed is a copy. */
type Kept = { -readonly [Field in keyof NotificationRecord]: NotificationRecord[Field] };

/** Records that are kept. */
const KEPT = 20_000;
/** Changes that are told in one go: about half a ms of work. */
const SLICE = 200;

/**
 * What has become of the latest notifications, for each of their targets.
 *
 * BOUNDED: a ring; the oldest record gives way, whatever its state, and what becomes of it then is not told.
 */
export class NotificationList {
  readonly #ring: (Kept | undefined)[];
  /** Sequences of those whose state can still change, by {@link keyOf}. BOUNDED by the ring. */
  readonly #open = new Map<string, number>();
  /** Sequences of those that have changed since that was told. BOUNDED by the ring but for those being told. */
  readonly #changed = new Set<number>();
  #last = 0;
  #telling = false;
  /** Told of records that are new or have changed, once for all that happened to one since it was told last. */
  onChange: ((record: NotificationRecord) => void) | undefined;

  constructor(kept = KEPT) {
    this.#ring = new Array(kept);
  }

  /** Adds a notification for a target. */
  add(queued: QueuedNotification): void {
    const seq = ++this.#last;
    const place = seq % this.#ring.length;
    const oldest = this.#ring[place];
    if (oldest) {
      const key = keyOf(oldest.host, oldest.target, oldest.notification);
      if (this.#open.get(key) === oldest.seq) this.#open.delete(key);
    }
    this.#open.set(keyOf(queued.host, queued.target, queued.notification), seq);
    this.#put({ seq, ...queued, state: 'queued', retries: 0 });
  }

  /** Changes the state of one that is still kept. */
  change(host: string, target: string, notification: number, change: NotificationChange): void {
    const key = keyOf(host, target, notification);
    const record = this.#at(this.#open.get(key));
    if (!record) return;
    const { state, retries, reason, time } = change;
    if (isFinal(record, state)) this.#open.delete(key);
    record.state = state;
    record.retries = retries;
    if (reason !== undefined) record.reason = reason;
    else if (record.reason !== undefined) delete record.reason;
    if (state === 'acknowledged') record.acknowledgedAt = time;
    this.#changedNow(record);
  }

  /** Records in the order of their sequence. */
  list({ wanted, limit, after }: NotificationQuery): NotificationRecord[] {
    const oldest = Math.max(1, this.#last - this.#ring.length + 1);
    const found: NotificationRecord[] = [];
    if (after === undefined) {
      for (let seq = this.#last; seq >= oldest && found.length < limit; seq--) {
        const record = this.#at(seq)!;
        if (wanted(record)) found.push({ ...record });
      }
      return found.reverse();
    }
    for (let seq = Math.max(after + 1, oldest); seq <= this.#last && found.length < limit; seq++) {
      const record = this.#at(seq)!;
      if (wanted(record)) found.push({ ...record });
    }
    return found;
  }

  #at(seq: number | undefined): Kept | undefined {
    return seq === undefined ? undefined : this.#ring[seq % this.#ring.length];
  }

  #put(record: Kept): void {
    this.#ring[record.seq % this.#ring.length] = record;
    this.#changedNow(record);
  }

  #changedNow(record: Kept): void {
    if (!this.onChange) return;
    this.#changed.add(record.seq);
    if (this.#telling) return;
    this.#telling = true;
    setImmediate(() => this.#tell());
  }

  /** A storm of changes is told in slices, so that others get their turn. */
  #tell(): void {
    let told = 0;
    for (const seq of this.#changed) {
      this.#changed.delete(seq);
      const record = this.#at(seq);
      if (record?.seq === seq) this.onChange?.({ ...record });
      if (++told === SLICE) break;
    }
    this.#telling = this.#changed.size > 0;
    if (this.#telling) setImmediate(() => this.#tell());
  }
}

/** Whether nothing more can become of it: an inform that failed for want of an answer is tried again. */
function isFinal({ type }: NotificationRecord, state: NotificationState): boolean {
  if (state === 'acknowledged' || state === 'dropped') return true;
  return type === 'trap' && state !== 'queued';
}

function keyOf(host: string, target: string, notification: number): string {
  return `${notification} ${host} ${target}`;
}
