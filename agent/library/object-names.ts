import { nearest } from '../config/nearest.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Registry } from '../mib/registry.ts';
import { namesIn } from '../mib/served.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { formatOid, type Oid, parseOid } from '../util/oid.ts';
import { uuidOctets } from '../util/uuid.ts';

const NAME = /^(?:[\w-]+::)?(?<name>[a-zA-Z][\w-]*)(?:\[(?<guest>[^\]]+)\])?(?<rest>(?:\.\d+)*)$/;

/** Names and identifiers of what one agent serves. */
export class ObjectNames {
  readonly #byName = new Map<string, Oid>();
  readonly #byOid = new Map<string, string>();
  readonly #host: Host;

  constructor(registry: Registry, host: Host) {
    this.#host = host;
    for (const { definition } of registry.modules)
      for (const [name, oid] of namesIn(definition)) {
        this.#byName.set(name, oid);
        this.#byOid.set(formatOid(oid), name);
      }
  }

  /**
   * The identifier that a text means: numbers, or a name with what follows it, as in `sysUpTime.0`; in square brackets
   * the name or UUID of a guest stands for its index, as in `lvsVcpuTime[web-01].0`.
   *
   * Throws NOT_FOUND with the nearest name.
   */
  resolve(text: string): Oid {
    const numeric = parseOid(text.replace(/^\./, ''));
    if (numeric) return numeric;
    const { name, guest, rest } = NAME.exec(text)?.groups ?? {};
    if (name === undefined)
      throw new VirtsnmpError(
        'NOT_FOUND',
        `${JSON.stringify(text)} names no object; expected numbers, NAME.INDEX or NAME[GUEST]`,
      );
    const oid = this.#byName.get(name);
    if (!oid) {
      const near = nearest(name, [...this.#byName.keys()]);
      throw new VirtsnmpError('NOT_FOUND', `no object ${name}${near ? `; did you mean ${near}?` : ''}`);
    }
    const index = rest ? rest.slice(1).split('.').map(Number) : [];
    return [...oid, ...(guest === undefined ? [] : this.#guestIndex(guest)), ...index];
  }

  /** The name of the object that an identifier belongs to with the rest as numbers; numbers alone for no known one. */
  text(oid: Oid): string {
    for (let length = oid.length; length > 0; length--) {
      const name = this.#byOid.get(formatOid(oid.slice(0, length)));
      if (name !== undefined) return [name, ...oid.slice(length)].join('.');
    }
    return formatOid(oid);
  }

  #guestIndex(guest: string): readonly number[] {
    const { domains, name } = this.#host;
    const domain = domains.byName(guest) ?? domains.byUuid(guest.toLowerCase());
    if (domain) return Array.from(uuidOctets(domain.uuid));
    const near = nearest(
      guest,
      Array.from(domains, (each) => each.name),
    );
    throw new VirtsnmpError(
      'NOT_FOUND',
      `${name} has no guest ${guest}${near ? `; did you mean ${near}?` : ''}`,
    );
  }
}
