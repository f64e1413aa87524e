import type { Target } from '../report.ts';
import type { NotifyFigures } from './measure-notify.ts';

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
    ...rates.map(
      ({ sinks, perSecond, barePerSecond, ratio, cpuRatio }) =>
        `  to ${sinks}: ${count(perSecond)}/s, bare ${count(barePerSecond)}/s, ratio ${ratio.toFixed(2)} by rate, ${cpuRatio.toFixed(2)} by CPU time`,
    ),
    `Event to datagram, ${count(latency.events)} events: p50 ${latency.p50.toFixed(2)} ms, p99 ${latency.p99.toFixed(2)} ms`,
    `${count(storm.guests)} guests crash at once: ${count(storm.events)} events, ${count(storm.informs)} informs ` +
      `acknowledged in ${storm.seconds.toFixed(1)} s; ${storm.gaps} gaps, ${storm.disorder} out of order, ` +
      `${storm.repeated} repeated; GET p99 ${count(storm.stormP99)} us, at worst ${count(storm.worstP99)} us, idle ${count(storm.idleP99)} us`,
  ];
}

/** What the project is to reach. */
export function notifyTargets({ rates, storm, latency }: NotifyFigures): Target[] {
  const verdict = (reached: boolean) => (reached ? 'reached' : 'MISSED');
  return [
    ...rates.map(
      ({ sinks, ratio, cpuRatio }): Target => ({
        what: `traps to ${sinks} at least ${RATE_TARGET} of a bare sender`,
        measured: `${ratio.toFixed(2)} by rate, ${cpuRatio.toFixed(2)} by CPU time`,
        verdict: verdict(ratio >= RATE_TARGET),
      }),
    ),
    {
      what: `event to datagram within ${LATENCY_TARGET_MS} ms at p99`,
      measured: `${latency.p99.toFixed(2)} ms`,
      verdict: verdict(latency.p99 <= LATENCY_TARGET_MS),
    },
    {
      what: 'storm: every event acknowledged once and in order',
      measured: `${storm.informs} informs for ${storm.events} events, ${storm.gaps} gaps, ${storm.disorder} out of order`,
      verdict: verdict(storm.informs >= storm.events && storm.gaps === 0 && storm.disorder === 0),
    },
    {
      what: `storm: GET p99 at most ${STORM_TARGET} times the idle one`,
      measured:
        `${(storm.stormP99 / storm.idleP99).toFixed(1)} times in the middle of its rounds, ` +
        `${(storm.worstP99 / storm.idleP99).toFixed(1)} in the worst`,
      // The p99 of all its requests lies between the two.
      verdict:
        storm.stormP99 > storm.idleP99 * STORM_TARGET
          ? 'MISSED'
          : storm.worstP99 > storm.idleP99 * STORM_TARGET
            ? 'unclear'
            : 'reached',
    },
  ];
}

function count(number: number): string {
  return Math.round(number).toLocaleString('en');
}
