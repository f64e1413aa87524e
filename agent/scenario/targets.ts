import { nearest } from '../config/nearest.ts';
import { findHost } from '../control/find.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { globMatch } from '../util/glob.ts';

/** Which guests are meant: names or a UUID; `*` stands for any characters, `?` for one. */
export interface GuestPattern {
  readonly guest: string;
  /** Whose guests; of all hosts when absent. */
  readonly host?: string | undefined;
}

/** The guests that a pattern fits, by host and UUID. Throws OPERATION_INVALID when there is none. */
export function guestsOf(hypervisor: Hypervisor, { guest, host }: GuestPattern): Domain[] {
  const hosts = host === undefined ? hypervisor.hosts : [findHost(hypervisor, host)];
  const domains = hosts.flatMap((each) => [...each.domains]);
  const found = domains.filter(({ name, uuid }) => uuid === guest || globMatch(guest, name));
  if (found.length > 0) return found;
  const near = nearest(
    guest,
    domains.map(({ name }) => name),
  );
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new VirtsnmpError('OPERATION_INVALID', `no guest fits ${guest}${hint}`);
}
