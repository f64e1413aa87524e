import { createHash } from 'node:crypto';
import { derivedUuid } from '../../util/uuid.ts';
import type { DomainConfig, InitialState, NumaCellConfig } from '../domain/domain-config.ts';
import { ROLES, type Role } from './roles.ts';

/** What {@link generateDomains} is asked for. */
export interface GeneratedInventory {
  /** The name of the simulated host. */
  readonly hostName: string;
  /** The place of the host among all, from 0: another host begins its round of roles elsewhere. */
  readonly hostIndex: number;
  /** How many guests. */
  readonly guests: number;
  /** The start of all randomness: it decides which guests are shut off and which start with their host. */
  readonly seed: number;
}

/** One guest in how many is shut off; one in how many of the others is not started with its host. */
const SHUTOFF_IN = 12;
const MANUAL_IN = 4;

/**
 * Makes up the guests of one host from their number: named by what they do, of different sizes, mostly running.
 *
 * The same arguments give the same guests. A guest's UUID depends on the names of host and guest only, not on the
 * seed: a dashboard keeps its history when the seed is changed. A smaller number gives the first guests of a larger
 * one as long as the names have the same width. Device arrays are shared between guests of one role.
 */
export function generateDomains(inventory: GeneratedInventory): DomainConfig[] {
  const { hostName, hostIndex, guests, seed } = inventory;
  const width = Math.max(2, String(guests).length);
  const dice = new Dice(`${seed}\0${hostName}`);
  const counts = new Map<string, number>();
  return Array.from({ length: guests }, (_, index) => {
    const role = ROLES[(index + hostIndex * 5) % ROLES.length]!;
    const count = (counts.get(role.name) ?? 0) + 1;
    counts.set(role.name, count);
    const name = `${role.name}-${String(count).padStart(width, '0')}`;
    return domainOf(role, name, derivedUuid(hostName, name), count === 1, rolled(dice, count));
  });
}

/** What chance decides about a guest. The first guest of a role is never off by chance: every role is seen. */
function rolled(dice: Dice, count: number): { isOff: boolean; isManual: boolean } {
  const isOff = dice.oneIn(SHUTOFF_IN) && count > 1;
  return { isOff, isManual: dice.oneIn(MANUAL_IN) };
}

function domainOf(
  role: Role,
  name: string,
  uuid: string,
  isFirst: boolean,
  { isOff, isManual }: { isOff: boolean; isManual: boolean },
): DomainConfig {
  const initialState: InitialState = role.state ?? (isOff ? 'shutoff' : 'running');
  return Object.freeze({
    name,
    uuid,
    type: role.type,
    memoryKiB: role.memoryMiB * 1024,
    currentMemoryKiB: (role.currentMemoryMiB ?? role.memoryMiB) * 1024,
    vcpus: role.vcpus ?? role.maxVcpus,
    maxVcpus: role.maxVcpus,
    nics: role.nics,
    disks: role.disks,
    numaCells: numaCellsOf(role),
    onCrash: 'restart',
    autostart: initialState === 'running' && !isManual,
    initialState,
    load: role.load,
    labels: labelsOf(role),
    ...role.more,
    ...(isFirst ? role.once : {}),
  });
}

const LABELS = new Map<Role, readonly string[]>();

/** The name of the role; one array for all of its guests. */
function labelsOf(role: Role): readonly string[] {
  let labels = LABELS.get(role);
  if (labels === undefined) {
    labels = [role.name];
    LABELS.set(role, labels);
  }
  return labels;
}

const NO_CELLS: readonly NumaCellConfig[] = [];
const CELLS = new Map<Role, readonly NumaCellConfig[]>();

/** Cells of equal size that share the role's vCPUs and memory out among them. */
function numaCellsOf(role: Role): readonly NumaCellConfig[] {
  const count = role.numaCells;
  if (count === undefined) return NO_CELLS;
  let cells = CELLS.get(role);
  if (cells === undefined) {
    const share = role.maxVcpus / count;
    cells = Array.from({ length: count }, (_, id) => ({
      id,
      cpus: Array.from({ length: share }, (__, cpu) => id * share + cpu),
      memoryKiB: (role.memoryMiB * 1024) / count,
    }));
    CELLS.set(role, cells);
  }
  return cells;
}

/** Evenly spread numbers from a key (xorshift of 32 bits). */
class Dice {
  #state: number;

  constructor(key: string) {
    this.#state = createHash('sha1').update(key).digest().readUInt32BE(0) || 1;
  }

  oneIn(count: number): boolean {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % count === 0;
  }
}
