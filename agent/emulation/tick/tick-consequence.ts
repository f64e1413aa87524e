import type { BlockConsequence } from '../block/block-consequence.ts';
import type { ContainerOom } from '../container/container-memory.ts';
import type { MemoryConsequence } from '../memory/consequence.ts';

/** What the models of a tick want done, by system; `guest` is the number of its process on the host. */
export interface TickConsequences {
  readonly memory: MemoryConsequence[];
  readonly block: BlockConsequence[];
  readonly container: ContainerOom[];
}

/** Nothing to be done. */
export function noConsequences(): TickConsequences {
  return { memory: [], block: [], container: [] };
}
