import type { Command } from 'commander';
import type { NodeCpuStats, NodeMemoryStats } from '../../control/routes/node-stats.ts';
import type { HostView } from '../../control/views.ts';
import type { ClientContext } from './context.ts';

/** Adds the commands that tell what a host has used of its processors and memory. */
export function addNodeCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  /** The path of a host's route; the first host's when none is named. */
  const path = async (name: string | undefined, below: string, query: Record<string, string | undefined>) => {
    const host = name ?? (await client().get<HostView[]>('/hosts'))[0]!.name;
    return context.path(`/hosts/${encodeURIComponent(host)}/${below}`, query);
  };
  const numbered = (text: string | undefined) =>
    text === undefined ? undefined : String(context.whole(text));
  context
    .command(program, 'nodecpustats', 'what the pCPUs of a host have done')
    .argument('[host]', 'its name; the first when not given')
    .option('--cpu <n>', 'one pCPU, from 0')
    .option('--percent', 'what is in use now, and not times in ns')
    .action(
      context.run(async (name: string | undefined, flags: { cpu?: string; percent?: boolean }) => {
        const stats = await client().get<NodeCpuStats>(
          await path(name, 'cpu-stats', { cpu: numbered(flags.cpu) }),
        );
        const percent = (label: string, share: number) =>
          `${`${label}:`.padEnd(15)} ${(share * 100).toFixed(1).padStart(5)}%`;
        const time = (label: string, ns: number) => `${`${label}:`.padEnd(15)} ${String(ns).padStart(20)}`;
        const { userNs, idleNs, usage } = stats;
        context.show(stats, [
          ...(flags.percent
            ? [percent('usage', usage), percent('user', usage), percent('idle', 1 - usage)]
            : [time('user', userNs), time('idle', idleNs)]),
          '',
        ]);
      }),
    );
  context
    .command(program, 'nodememstats', 'the memory of a host')
    .argument('[host]', 'its name; the first when not given')
    .option('--cell <n>', 'one NUMA node, from 0')
    .action(
      context.run(async (name: string | undefined, { cell }: { cell?: string }) => {
        const stats = await client().get<NodeMemoryStats>(
          await path(name, 'memory-stats', { cell: numbered(cell) }),
        );
        const line = (label: string, kib: number) => `${label.padEnd(7)}: ${String(kib).padStart(20)} KiB`;
        context.show(stats, [line('total', stats.totalKiB), line('free', stats.freeKiB), '']);
      }),
    );
}
