/** `npm run bench`: how fast the agent answers, against a bare UDP echo on the same core in the same run. */
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Children, choosePlacement } from './children.ts';
import { prepareJudge } from './judge.ts';
import { RemoteGenerator } from './load/remote-generator.ts';
import { measureSize, type SizeFigures } from './measure.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import { faults, lost, sizeTable, targetLines, targets } from './report.ts';
import { startEcho } from './servers.ts';

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
  const sizes: SizeFigures[] = [];
  try {
    const generator = new RemoteGenerator(children, placement.generator);
    const echo = await startEcho(children, placement.server);
    const parts = { children, placement, generator, echo, ...(judge ? { judge: judge.run } : {}) };
    for (const guests of options.sizes) {
      const size = await measureSize(parts, guests, options);
      sizes.push(size);
      print(`\n${sizeTable(size)}`);
    }
  } finally {
    judge?.remove();
  }
  return conclude(sizes, options, machine);
}

function conclude(sizes: readonly SizeFigures[], options: BenchOptions, machine: object): number {
  const reached = targets(sizes);
  const wrong = faults(sizes);
  const results = {
    date: new Date().toISOString(),
    machine,
    options,
    sizes,
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
