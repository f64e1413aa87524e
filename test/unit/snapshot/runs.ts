import { RecordedRun } from '../../../agent/snapshot/recorded-run.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { config, FURNISHED } from '../emulation/fleet.ts';

/** A run with a guest `web` that has run for some seconds, and was paused. */
export function pausedWeb(): RecordedRun {
  const run = new RecordedRun(new VirtualClock({ epochMs: Date.UTC(2026, 0, 5, 9) }), { seed: 7 });
  const { hypervisor } = run;
  const host = hypervisor.addHost('one');
  const configs = [config('web', { ...FURNISHED, initialState: 'running' }), config('db')];
  hypervisor.apply({ op: 'populate', host, configs }, 'config');
  hypervisor.clock.advanceTo(20_000);
  hypervisor.apply({ op: 'act', domain: host.domains.byName('web')!, action: 'suspend' });
  hypervisor.clock.advanceTo(30_500);
  return run;
}
