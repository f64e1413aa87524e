import type { Target } from '../report.ts';
import type { LatencyFigures, Spread } from './measure-latency.ts';
import type { NotifyFigures } from './measure-notify.ts';
import type { RateFigures } from './measure-rate.ts';
import type { Answered, StormFigures } from './measure-storm.ts';

/** Least rate over that of a bare sender. */
const RATE_TARGET = 0.5;
/** Most that p99 of GET may grow in a storm. */
const STORM_TARGET = 5;
/** Longest time from an event to its datagram at p99, in ms. */
const LATENCY_TARGET_MS = 5;

/** What was measured, in lines. */
export function notifyLines({ rates, storm, latency }: NotifyFigures): string[] {
  return [
    'Notifications, SNMPv2c traps against a bare sender of the same datagrams:',
    ...rates.map(rateLine),
    `Event to datagram, ${count(latency.events)} events: ${spread(latency.total)}; of that until the operating system has it ` +
      `${spread(latency.own)}, CPU time ${spread(latency.ownCpu)}; a bare datagram to the same receiver ${spread(latency.bare)}; ${latency.lost} lost`,
    `${count(storm.guests)} guests crash at once: ${count(storm.events)} life-cycle events, ${count(storm.made)} informs, ` +
      `${count(storm.acknowledged)} acknowledged, ${storm.lost} lost; received ${count(storm.received)} in ${storm.seconds.toFixed(1)} s, ` +
      `${storm.gaps} gaps, ${storm.disorder} out of order, ${storm.repeated} repeated`,
    `  GET p99: ${answered('idle', storm.idle)}; ${answered('storm', storm.storm)}; ${answered('while they crash', storm.crash)}; ` +
      answered('afterwards', storm.drain),
    `  the garbage collector stopped the program for ${storm.pausesMs.toFixed(0)} ms, ${storm.longestPauseMs.toFixed(0)} ms at most`,
  ];
}

/** What the project is to reach. */
export function notifyTargets({ rates, storm, latency }: NotifyFigures): Target[] {
  return [
    ...rates.map(rateTarget),
    latencyTarget(latency),
    {
      what: 'storm: every inform acknowledged once and in order',
      measured: `${storm.acknowledged} of ${storm.made}, ${storm.lost} lost, ${storm.gaps} gaps, ${storm.disorder} out of order`,
      verdict: wholeness(storm),
    },
    stormTarget(storm),
  ];
}

function rateTarget({ sinks, ratio, cpuRatio, disturbed, rounds }: RateFigures): Target {
  return {
    what: `traps to ${sinks} at least ${RATE_TARGET} of a bare sender`,
    measured: `${ratio.toFixed(2)} by rate, ${cpuRatio.toFixed(2)} by CPU time`,
    verdict: verdict(ratio >= RATE_TARGET, disturbed * 2 > rounds),
  };
}

/** A bare datagram that takes as long says that it was the machine. */
function latencyTarget({ total, own, ownCpu, bare }: LatencyFigures): Target {
  return {
    what: `event to datagram within ${LATENCY_TARGET_MS} ms at p99`,
    measured:
      `${total.p99.toFixed(2)} ms; in the agent ${own.p99.toFixed(2)}, of CPU time ${ownCpu.p99.toFixed(2)}; ` +
      `bare ${bare.p99.toFixed(2)}`,
    verdict: verdict(total.p99 <= LATENCY_TARGET_MS, bare.p99 > LATENCY_TARGET_MS),
  };
}

function stormTarget({ idle, storm, crash }: StormFigures): Target {
  const times = (part: Answered) => (part.p99 / idle.p99).toFixed(1);
  return {
    what: `storm: GET p99 at most ${STORM_TARGET} times the idle one`,
    measured: `${times(storm)} times, ${times(crash)} while the guests crash`,
    verdict: verdict(
      storm.p99 <= idle.p99 * STORM_TARGET,
      (idle.disturbed + storm.disturbed) * 2 > idle.rounds + storm.rounds,
    ),
  };
}

/** Where nothing is lost but time was up, a machine that was too busy says nothing. */
function wholeness({
  left,
  made,
  acknowledged,
  lost,
  gaps,
  disorder,
  storm,
}: StormFigures): Target['verdict'] {
  if (made === 0 || lost > 0 || gaps > 0 || disorder > 0) return 'MISSED';
  if (left === 0 && acknowledged === made) return 'reached';
  return storm.disturbed * 2 > storm.rounds ? 'unclear' : 'MISSED';
}

/** Nothing can be said of a run that the machine was too busy for. */
function verdict(isReached: boolean, isDisturbed: boolean): Target['verdict'] {
  return isDisturbed ? 'unclear' : isReached ? 'reached' : 'MISSED';
}

function rateLine(figures: RateFigures): string {
  const { sinks, perSecond, barePerSecond, cpuUs, bareCpuUs, ratio, cpuRatio } = figures;
  return (
    `  to ${sinks}: ${count(perSecond)}/s, bare ${count(barePerSecond)}/s, ratio ${ratio.toFixed(2)} by rate; ` +
    `CPU ${cpuUs.toFixed(1)} us, bare ${bareCpuUs.toFixed(1)} us, ratio ${cpuRatio.toFixed(2)}; ` +
    `arrived ${percent(figures.arrived)}, bare ${percent(figures.bareArrived)}; ` +
    `${figures.disturbed} of ${figures.rounds} rounds disturbed`
  );
}

function spread({ p50, p99 }: Spread): string {
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}

function answered(what: string, { p99, turnUs, rounds, disturbed, busy }: Answered): string {
  return `${what} ${count(p99)} us (a turn's CPU time ${count(turnUs)} us; ${disturbed} of ${rounds} rounds disturbed, ${percent(busy)} of its CPU)`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en');
}
