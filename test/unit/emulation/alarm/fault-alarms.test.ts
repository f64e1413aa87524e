import { describe, expect, it } from 'vitest';
import { FaultyFleet } from '../fault/faulty.ts';

/** Alarms since the last call, each as `event kind resource [faults]`. */
function take({ alarms }: FaultyFleet): string[] {
  const lines = alarms.map(
    ({ event, alarm, faults }) => `${event} ${alarm.kind} ${alarm.resource.kind} [${faults.join()}]`,
  );
  alarms.length = 0;
  return lines;
}

describe('alarms of faults', () => {
  it('monitorHung is up while the monitor does not answer, once', () => {
    const fleet = new FaultyFleet({ a: { load: 'steady' } });
    fleet.pass(20);
    take(fleet);
    fleet.raise('hung-monitor', fleet.guest('a'), { durationMs: 300_000 });
    fleet.pass(120);
    expect(take(fleet)).toEqual(['RAISED monitorHung guest [1]']);
    expect(fleet.host.alarms.active.map(({ kind }) => kind)).toEqual(['monitorHung']);
    fleet.pass(300);
    expect(take(fleet)).toEqual(['CLEARED monitorHung guest []']);
  });

  it('displayGuestBug is up from the bug to the reset', () => {
    const fleet = new FaultyFleet({ a: { devices: { qxl: {} } } });
    fleet.pass(20);
    take(fleet);
    fleet.raise('qxl-guest-bug', fleet.guest('a'));
    fleet.pass(120);
    expect(take(fleet)).toEqual(['RAISED displayGuestBug display [1]']);
    fleet.act(fleet.guest('a'), 'reset');
    fleet.pass(120);
    expect(take(fleet)).toEqual(['CLEARED displayGuestBug display [1]']);
  });
});
