/** The process that makes the load: takes tasks from its parent, one after the other, and tells the results. */
import { discover } from './discovery.ts';
import { Instances } from './instances.ts';
import { encodeOid } from './oid-octets.ts';
import { type RoundOptions, type RoundResult, runRound } from './round.ts';

/** What the generator is asked to do. */
export type GeneratorTask =
  | { readonly do: 'discover'; readonly port: number; readonly community: string; readonly root: string }
  | ({ readonly do: 'load' } & RoundOptions);

/** What it answers: how many instances there are, what a round came to, or what went wrong. */
export type GeneratorReply =
  | { readonly instances: number }
  | { readonly round: RoundResult }
  | { readonly error: string };

let instances = new Instances();
let root: Uint8Array = new Uint8Array(0);

process.on('message', (task: GeneratorTask) => {
  perform(task).then(
    (reply) => process.send?.(reply),
    (thrown: unknown) => process.send?.({ error: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
});

async function perform(task: GeneratorTask): Promise<GeneratorReply> {
  if (task.do === 'load') return { round: await runRound(task, root, instances) };
  root = encodeOid(task.root);
  instances = await discover(task.port, task.community, root);
  return { instances: instances.count };
}
