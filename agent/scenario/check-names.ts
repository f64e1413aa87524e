import type { Problem } from '../config/problems.ts';
import type { HostInventory } from '../daemon/inventory.ts';
import { globMatch } from '../util/glob.ts';
import { adviceOn } from './shape.ts';
import type { Step } from './timeline.ts';

/** Actions after which there are other names than at the start. */
const NAMING = ['define', 'rename'];

/** Guests and hosts that steps name and nobody has: a scenario with such a name would only seem to test something. */
export function checkNames(
  steps: readonly Step[],
  inventory: readonly HostInventory[] | undefined,
): Problem[] {
  if (!inventory) return [];
  const hosts = inventory.map(({ name }) => name);
  const domains = inventory.flatMap((host) => host.domains);
  const guests = domains.map(({ name }) => name);
  const isGuest = (pattern: string) =>
    domains.some(({ name, uuid }) => globMatch(pattern, name) || uuid === pattern.toLowerCase());
  const changing = steps.some((step) => step.kind === 'do' && NAMING.includes(step.action.name));
  return steps.flatMap((step) => {
    const { path, guest, host, target } = namesOf(step);
    const problems: Problem[] = [];
    for (const name of [host, target])
      if (name !== undefined && !hosts.includes(name))
        problems.push({ path, message: `there is no host ${name}; ${advice(name, hosts)}` });
    if (guest !== undefined && !changing && !isGuest(guest))
      problems.push({ path, message: `no guest fits ${guest}; ${advice(guest, guests)}` });
    return problems;
  });
}

interface Names {
  readonly path: readonly PropertyKey[];
  readonly guest?: string | undefined;
  readonly host?: string | undefined;
  /** Where a guest migrates to. */
  readonly target?: string | undefined;
}

function namesOf(step: Step): Names {
  const path = ['timeline', step.number - 1, step.kind];
  if (step.kind !== 'do') return { path: [...path, step.expectation.kind], ...step.expectation.names };
  const { name, on, body } = step.action;
  const own = name === 'fault' || name === 'clear' ? (body as Omit<Names, 'path'>) : {};
  const { target } = name === 'act' ? (body as Pick<Names, 'target'>) : {};
  return { path: [...path, name], guest: on.guest ?? own.guest, host: on.host ?? own.host, target };
}

function advice(name: string, known: readonly string[]): string {
  return known.length === 0 ? 'expected one in the configuration' : adviceOn(name, known);
}
