/** `npm run bench`: how fast the agent answers, against a bare UDP echo on the same core in the same run, and what the emulation costs. */
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Children, choosePlacement } from './children.ts';
import { prepareJudge } from './judge.ts';
import { RemoteGenerator } from './load/remote-generator.ts';
import { measureSize, type SizeFigures } from './measure.ts';
import { measureNotify, type NotifyFigures } from './notify/measure-notify.ts';
import { notifyLines, notifyTargets } from './notify/report-notify.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { faults, lost, sizeTable, targetLines, targets, tickTable } from './report.ts';
import { startEcho } from './servers.ts';
import { measureTick, type TickFigures } from './tick-cost.ts';
import { measureWholeTree, type WholeTreeFigures, wholeTreeLine, wholeTreeTarget } from './whole-tree.ts';

const RESULTS = fileURLToPath(new URL('../../bench-results.json', import.meta.url));

const print = (text: string) => process.stdout.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const children = new Children();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void children.stopAll().then(() => process.exit(1));
    });
  }
  try {
    const options = parseOptions(args);
    if (options.help) {
      print(USAGE);
      return 0;
    }
    if (!existsSync('/proc/self/net/udp')) throw new Error('the bench reads /proc and so needs Linux');
    return await bench(options, children);
  } catch (thrown) {
    process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return 1;
  } finally {
    await children.stopAll();
  }
}

async function bench(options: BenchOptions, children: Children): Promise<number> {
  const placement = choosePlacement();
  const machine = conditions(placement.server !== undefined);
  print(
    `Node ${machine.node}, ${machine.cpus} x ${machine.cpu}, servers and generator ` +
      `${machine.pinned ? 'each pinned to a CPU of their own' : 'not pinned'}; window ${options.window}, ` +
      `medians of ${options.rounds} rounds of ${options.seconds} s`,
  );
  const judge = options.judge ? prepareJudge(children, placement.generator) : undefined;
  const ticks: TickFigures[] = [];
  for (const guests of options.ticks) ticks.push(await measureTick(children, placement.server, guests));
  if (ticks.length > 0) print(`\n${tickTable(ticks)}`);
  const sizes: SizeFigures[] = [];
  let notify: NotifyFigures | undefined;
  let tree: WholeTreeFigures | undefined;
  try {
    const generator = new RemoteGenerator(children, placement.generator);
    const echo = await startEcho(children, placement.server);
    const parts = { children, placement, generator, echo, ...(judge ? { judge: judge.run } : {}) };
    for (const guests of options.requests ? options.sizes : []) {
      const size = await measureSize(parts, guests, options);
      sizes.push(size);
      print(`\n${sizeTable(size)}`);
    }
    if (options.requests) {
      tree = await measureWholeTree(parts, options);
      print(`\n${wholeTreeLine(tree)}`);
    }
    if (options.notify) {
      notify = await measureNotify(parts, options.window);
      print(`\n${notifyLines(notify).join('\n')}`);
    }
  } finally {
    judge?.remove();
  }
  return conclude(sizes, ticks, tree, notify, options, machine);
}

function conclude(
  sizes: readonly SizeFigures[],
  ticks: readonly TickFigures[],
  tree: WholeTreeFigures | undefined,
  notify: NotifyFigures | undefined,
  options: BenchOptions,
  machine: object,
): number {
  const reached = [
    ...targets(sizes, ticks),
    ...(tree ? [wholeTreeTarget(tree)] : []),
    ...(notify ? notifyTargets(notify) : []),
  ];
  const wrong = [...faults(sizes), ...(tree?.faults ?? [])];
  const results = {
    date: new Date().toISOString(),
    machine,
    options,
    sizes,
    ticks,
    tree,
    notify,
    targets: reached,
    faults: wrong,
  };
  writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  if (reached.length > 0) print(`\n${targetLines(reached).join('\n')}`);
  print(`\n${lost(sizes)} requests lost and sent again; all figures are in bench-results.json`);
  for (const line of wrong) process.stderr.write(`bench: ${line}\n`);
  return wrong.length === 0 ? 0 : 1;
}

/** What the figures depend on. */
function conditions(pinned: boolean) {
  const all = cpus();
  return {
    node: process.version,
    kernel: release(),
    cpu: all[0]?.model.trim() ?? 'unknown CPU',
    cpus: all.length,
    pinned,
  };
}
