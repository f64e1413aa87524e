import { ManagedTable, ROW_STATUS } from '../../mib/managed-table.ts';
import { parseStoredUsers, type StoredUser, storedUser } from './stored-users.ts';
import type { UsmUser } from './user.ts';
import { USER_RULES } from './user-rules.ts';

/** Users that one table holds at most; another one is refused. */
export const MAX_USERS = 4096;

/** The users of an engine: usmUserTable (RFC 3414 section 5). Managers make at most {@link MAX_USERS} rows. */
export class UserTable {
  /** The rows in any state, in the order of their indexes. */
  readonly rows = new ManagedTable<UsmUser>(USER_RULES, MAX_USERS);
  /** BOUNDED by the rows. The active ones by engine ID and name, as {@link rowKey} has them. */
  #active: ReadonlyMap<string, UsmUser> = new Map();
  /** The one found last, as most agents are asked by one manager. */
  #last: UsmUser | undefined;
  /** The state of the rows that #active and #last are for. */
  #changes = 0;

  /** The user that a message may use: its row must be active. */
  find(engineId: Uint8Array, name: Uint8Array): UsmUser | undefined {
    if (this.#changes !== this.rows.changes) this.#index();
    const last = this.#last;
    if (last && isSame(last.name, name) && isSame(last.engineId, engineId)) return last;
    const user = this.#active.get(rowKey(engineId, name));
    if (user) this.#last = user;
    return user;
  }

  /** Takes over the users of a configuration; see {@link USER_RULES} for what stays of managers' changes. */
  configure(users: Iterable<UsmUser>): void {
    this.rows.configure(users);
  }

  /** What must be stored to have the managers' users and changes again, with all keys. */
  snapshot(): StoredUser[] {
    return this.rows.durable().map(storedUser);
  }

  /**
   * Puts a stored snapshot over the configured users. Throws STATE_FAILED, with nothing changed, when it is not
   * one.
   */
  restore(stored: unknown): void {
    this.rows.restore(parseStoredUsers(stored));
  }

  #index(): void {
    const active = new Map<string, UsmUser>();
    for (const user of this.rows) {
      if (user.status === ROW_STATUS.active) active.set(rowKey(user.engineId, user.name), user);
    }
    this.#active = active;
    this.#last = undefined;
    this.#changes = this.rows.changes;
  }
}

/** Engine ID and name as latin1 text, with the length of the first before it. */
function rowKey(engineId: Uint8Array, name: Uint8Array): string {
  return `${engineId.length} ${latin1(engineId)}${latin1(name)}`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}
