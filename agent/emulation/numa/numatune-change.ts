import { VirtsnmpError } from '../../util/errors.ts';
import type { NumaMode, NumatuneConfig } from './numa-config.ts';

/** What a live change of `<numatune>` asks for; what is absent stays. */
export interface NumatuneChange {
  readonly mode?: NumaMode;
  readonly nodeset?: readonly number[];
}

/**
 * The NUMA tuning of a running domain after a live change.
 *
 * The mode never changes, and the nodes only of a domain that was started as strict (libvirt's rules;
 * emulation facts, section 4). Throws OPERATION_INVALID when the change breaks them, DOMAIN_INVALID when the
 * host has no such node.
 */
export function changeNumatune(
  running: NumatuneConfig | undefined,
  change: NumatuneChange,
  hostNodes: number,
): NumatuneConfig {
  const mode = running?.mode ?? 'strict';
  if (change.mode !== undefined && change.mode !== mode) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `numatune mode ${change.mode} cannot replace ${mode} while the domain runs; change it in the definition and start the domain again`,
    );
  }
  const { nodeset } = change;
  if (nodeset === undefined) return running ?? { mode, nodeset: allNodes(hostNodes), memnodes: [] };
  checkNodeset(nodeset, hostNodes);
  if (mode !== 'strict' || running === undefined) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `the nodeset of a running domain can be changed in mode strict only; this domain was started ${running ? `as ${mode}` : 'without <numatune>'}`,
    );
  }
  return { ...running, nodeset };
}

/** Throws DOMAIN_INVALID when a set of nodes is empty or names a node that the host does not have. */
export function checkNodeset(nodeset: readonly number[], hostNodes: number): void {
  if (nodeset.length === 0)
    throw new VirtsnmpError('DOMAIN_INVALID', 'the nodeset is empty; it must name one node at least');
  const missing = nodeset.find((node) => !Number.isInteger(node) || node < 0 || node >= hostNodes);
  if (missing === undefined) return;
  throw new VirtsnmpError(
    'DOMAIN_INVALID',
    `the host has no NUMA node ${missing}; its nodes are 0 to ${hostNodes - 1}`,
  );
}

function allNodes(count: number): readonly number[] {
  return Array.from({ length: count }, (_, node) => node);
}
