import { VirtsnmpError } from '../../util/errors.ts';
import type { DurablePart } from '../durable-state.ts';
import { type Interface, lowerCount } from './interface.ts';

/** What a manager has set of an interface. */
export interface InterfaceSetting {
  /** ifAlias. */
  readonly alias?: string;
  /** ifLinkUpDownTrapEnable. */
  readonly linkTraps?: boolean;
  /** ifPromiscuousMode; forgotten when the program ends, as the kernel forgets it. */
  readonly promiscuous?: boolean;
}

const ALIAS_OCTETS = 64;
const NOTHING: InterfaceSetting = {};

/**
 * What managers have set of interfaces, by name. BOUNDED: by the interfaces that are there; what was set of a tap
 * goes with it, unless its name is one that its guest's definition gives it.
 */
export class InterfaceSettings implements DurablePart {
  #byName = new Map<string, InterfaceSetting>();

  of({ name }: Interface): InterfaceSetting {
    return this.#byName.get(name) ?? NOTHING;
  }

  /** Changes what is given, and returns what takes the change back. */
  change({ name }: Interface, setting: InterfaceSetting): () => void {
    const before = this.#byName.get(name);
    this.#byName.set(name, { ...before, ...setting });
    return () => {
      if (before) this.#byName.set(name, before);
      else this.#byName.delete(name);
    };
  }

  /** An interface is gone. */
  gone(one: Interface): void {
    if (one.kind !== 'tap' || one.nic.config.target === undefined) this.#byName.delete(one.name);
  }

  snapshot(): Record<string, InterfaceSetting> {
    return Object.fromEntries(
      Array.from(this.#byName, ([name, { promiscuous: _, ...kept }]) => [name, kept] as const).filter(
        ([, kept]) => Object.keys(kept).length > 0,
      ),
    );
  }

  restore(stored: unknown): void {
    if (typeof stored !== 'object' || stored === null || !Object.values(stored).every(isSound))
      throw new VirtsnmpError(
        'STATE_FAILED',
        `each interface has an alias, a text of at most ${ALIAS_OCTETS} octets, and linkTraps, true or false`,
      );
    this.#byName = new Map(Object.entries(stored));
  }
}

function isSound(value: unknown): value is InterfaceSetting {
  if (typeof value !== 'object' || value === null) return false;
  const { alias, linkTraps } = value as Record<string, unknown>;
  return (
    (alias === undefined || (typeof alias === 'string' && Buffer.byteLength(alias) <= ALIAS_OCTETS)) &&
    (linkTraps === undefined || typeof linkTraps === 'boolean')
  );
}

/**
 * Whether linkUp and linkDown are sent for an interface that nobody has set it for: for one that is stacked on
 * no other (RFC 2863 section 6, ifLinkUpDownTrapEnable).
 */
export function linkTraps(settings: InterfaceSettings, one: Interface): boolean {
  return settings.of(one).linkTraps ?? lowerCount(one) === 0;
}
