import type { Bench } from '../measure.ts';
import { Asked } from './asked.ts';
import { type LatencyFigures, measureLatency } from './measure-latency.ts';
import { measureRates, type RateFigures } from './measure-rate.ts';
import { measureStorm, type StormFigures } from './measure-storm.ts';
import type { Sinks } from './program.ts';

export interface NotifyFigures {
  readonly rates: readonly RateFigures[];
  readonly latency: LatencyFigures;
  readonly storm: StormFigures;
}

/** Measures how fast notifications go out, how soon a single one leaves, and what a storm of them does to requests. */
export async function measureNotify(bench: Bench, window: number): Promise<NotifyFigures> {
  const { children, placement } = bench;
  const rates = await measureRates(bench);
  const sinks: Sinks = new Asked(children, placement.generator, 'sink.ts');
  const { ports } = await sinks.ask({ open: 1 });
  const latency = await measureLatency(bench, sinks, ports![0]!);
  const storm = await measureStorm(bench, sinks, ports![0]!, window);
  await children.stop(sinks.process);
  return { rates, latency, storm };
}
