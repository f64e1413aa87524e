import type { Command } from 'commander';
import type { Affects } from '../../control/affects.ts';
import type { ClientContext } from './context.ts';

/** virsh's options that say what a change is for. */
export interface AffectsOptions {
  readonly live?: boolean;
  readonly config?: boolean;
  readonly current?: boolean;
  readonly persistent?: boolean;
}

/** Adds them to a command. */
export function withAffects(command: Command): Command {
  return command
    .option('--live', 'change the guest that runs')
    .option('--config', 'change what its next start takes')
    .option('--current', 'change what is in effect')
    .option('--persistent', 'change both, where it runs');
}

/** What they say together; virsh's default is what is in effect. */
export function affectsOf(context: ClientContext, options: AffectsOptions): Affects {
  const { live, config, current, persistent } = options;
  if (current && (live || config || persistent))
    throw context.usage('--current cannot be used with --live, --config or --persistent');
  if (persistent) return live && config ? 'both' : 'persistent';
  if (live && config) return 'both';
  return live ? 'live' : config ? 'config' : 'current';
}
