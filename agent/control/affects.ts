import { z } from '@hono/zod-openapi';
import type { Change } from '../emulation/change.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { DomainConfig } from '../emulation/domain/domain-config.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { conflict } from './problem.ts';

/** What a change is for, as virsh's options of these names say. */
export const affectsQuery = z.object({
  affects: z
    .enum(['current', 'live', 'config', 'both', 'persistent'])
    .default('current')
    .openapi({
      param: { name: 'affects', in: 'query' },
      description:
        'The running guest (live), the definition that its next start takes (config), or both; current is whichever is in effect, persistent both of a guest that runs',
    }),
});

/** A value of {@link affectsQuery}. */
export type Affects = z.output<typeof affectsQuery>['affects'];

/** What a change is to be made to. Throws a 409 where there is no such thing: no running guest, no definition. */
export function scopeOf(
  domain: Domain,
  affects: Affects,
): { readonly live: boolean; readonly config: boolean } {
  const live = affects === 'live' || affects === 'both' || (affects !== 'config' && domain.isActive);
  if (live && !domain.isActive) throw conflict(`domain ${domain.name} is not running`);
  const config = !live || affects === 'both' || affects === 'persistent';
  if (config && !domain.isPersistent)
    throw conflict(`domain ${domain.name} is transient: there is no definition to change`);
  return { live, config };
}

/**
 * Makes a change to the running guest, to its definition, or to both: then all of it or none.
 *
 * `live` changes what runs, `config` is the definition after the change.
 */
export function applyTo(
  hypervisor: Hypervisor,
  domain: Domain,
  affects: Affects,
  live: Change,
  config: (definition: DomainConfig) => DomainConfig,
): void {
  const scope = scopeOf(domain, affects);
  const transaction = hypervisor.transaction();
  try {
    if (scope.config)
      transaction.apply({
        op: 'update',
        domain,
        config: Object.freeze(config(domain.persistentConfig)),
        silent: true,
      });
    if (scope.live) transaction.apply(live);
  } catch (thrown) {
    transaction.rollback();
    throw thrown;
  }
  transaction.commit();
}
