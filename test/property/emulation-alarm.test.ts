import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resourceKey, SEVERITIES } from '../../agent/emulation/alarm/alarm.ts';
import { AlarmLog } from '../../agent/objects/alarm-mib/alarm-log.ts';
import { alarmMib } from '../../agent/objects/alarm-mib/index.ts';
import { libvirtStatsMib } from '../../agent/objects/libvirt-stats/index.ts';
import { lvsNotification } from '../../agent/objects/libvirt-stats/notifications/index.ts';
import { VirtsnmpError } from '../../agent/util/errors.ts';
import { runs } from '../support/runs.ts';
import { fewCpus, smallPool, Watched, WRITING } from '../unit/emulation/alarm/watched.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const upTime = (atMs: number): number => Math.floor(atMs / 10);

/** One thing that happens to a guest, or time that passes. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 90 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      guest: fc.constantFrom(...NAMES),
      act: fc.constantFrom('panic', 'destroy', 'start', 'suspend', 'resume', 'reset', 'kill', 'shutdown'),
      kept: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ guest: fc.constantFrom(...NAMES), agentDies: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ guest: fc.constantFrom(...NAMES), pageBreaks: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ guest: fc.constantFrom(...NAMES), undefine: fc.constant(true) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function watched(): Watched {
  const busy = {
    load: 'steady',
    vcpus: 4,
    nics: [],
    devices: { agent: { channel: true, installed: true } },
  } as const;
  const own = Object.fromEntries(
    NAMES.map((name, i) => [name, { ...busy, ...(i < 2 ? WRITING : { disks: [] }) }]),
  );
  return new Watched(own, { ...smallPool(8), ...fewCpus(2) }, { agentLost: { holdSeconds: 5 } });
}

function run(stage: Watched, steps: readonly Step[], look: () => void): void {
  const { fleet } = stage;
  for (const each of steps) {
    try {
      if ('pass' in each) {
        fleet.pass(each.pass);
      } else {
        const domain = stage.of(each.guest);
        if (!domain) continue;
        if ('act' in each) {
          const transaction = fleet.hypervisor.transaction();
          try {
            transaction.apply({ op: 'act', domain, action: each.act as never });
          } finally {
            transaction[each.kept ? 'commit' : 'rollback']();
          }
        } else if ('agentDies' in each) {
          fleet.hypervisor.apply({ op: 'device', domain, action: { kind: 'agent-death' } });
        } else if ('pageBreaks' in each) {
          const action = { kind: 'memory-failure', recipient: 'GUEST', actionRequired: false } as const;
          fleet.hypervisor.apply({
            op: 'device',
            domain,
            action: { ...action, frame: 1, outcome: 'Recovered' },
          });
        } else {
          fleet.hypervisor.apply({ op: 'undefine', domain });
        }
      }
    } catch (thrown) {
      if (!(thrown instanceof VirtsnmpError)) throw thrown;
    }
    look();
  }
}

it('alarms are raised and cleared in turn, and everything that counts them agrees', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const stage = watched();
      const { host, fleet, events } = stage;
      const tell = (event: (typeof events)[number]) =>
        lvsNotification(event, upTime(event.atMs), { libvirtSnmp: false })!;
      const log = new AlarmLog(host, 0, fleet.clock.wallMs, tell, 5);
      fleet.hypervisor.onEvent((event) => {
        if (event.kind === 'alarm' && event.host === host) log.hear(event);
      });
      const stats = libvirtStatsMib(fleet.hypervisor, host, upTime);
      const keep = <T>(change: T): T => change;
      const mib = alarmMib({ host, log, engineId: new Uint8Array(5), address: '127.0.0.1', upTime, keep });
      run(stage, steps, () => {
        const up = new Map<string, number>();
        for (const { event, alarm } of events) {
          const key = `${alarm.kind} ${alarm.guest?.uuid} ${resourceKey(alarm.resource)}`;
          expect(up.has(key)).toBe(event === 'CLEARED');
          if (event === 'RAISED') up.set(key, alarm.number);
          else up.delete(key);
        }
        const numbers = [...up.values()].sort((a, b) => a - b);
        expect(host.alarms.active.map(({ number }) => number)).toEqual(numbers);
        const { rows } = stats.tables['lvsAlarmTable']!;
        const shown: number[] = [];
        for (let at = rows.first(); at >= 0; at = rows.next(at)) shown.push(rows.row(at).number);
        expect(shown).toEqual(numbers);
        expect(log.byNumber.map(({ alarm }) => alarm.number)).toEqual(numbers);
        expect(log.byTime).toHaveLength(numbers.length);
        const count = (name: string) => stats.scalars[name]!.read(undefined);
        expect(count('lvsAlarmsActive')).toBe(numbers.length);
        for (const severity of SEVERITIES) {
          const name = `lvsAlarms${severity[0]!.toUpperCase()}${severity.slice(1)}`;
          expect(count(name)).toBe(host.alarms.active.filter((alarm) => alarm.severity === severity).length);
        }
        const raised = events.filter(({ event }) => event === 'RAISED').length;
        expect([count('lvsAlarmsRaised'), count('lvsAlarmsCleared')]).toEqual([
          raised,
          events.length - raised,
        ]);
        const { columns } = mib.tables['alarmActiveStatsTable']!;
        expect(columns['alarmActiveStatsActiveCurrent']!(host.alarms)).toBe(numbers.length);
        expect(columns['alarmActiveStatsActives']!(host.alarms)).toBe(raised);
        expect(log.cleared.length).toBe(Math.min(5, events.length - raised));
      });
    }),
    { numRuns: runs(12) },
  );
});

it('the same steps bring the same alarms, however the ticks were sliced', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 20 }), (steps) => {
      const story = (sliced: boolean) => {
        const stage = watched();
        const { clock } = stage.fleet;
        const advanceTo = clock.advanceTo.bind(clock);
        if (sliced)
          clock.advanceTo = (ms) => {
            while (!advanceTo(ms, () => false)) stage.of('a')?.memoryKiB;
            return true;
          };
        run(stage, steps, () => {});
        return stage.events.map(({ event, atMs, alarm }) => [
          event,
          atMs,
          alarm.number,
          alarm.kind,
          alarm.text,
        ]);
      };
      expect(story(true)).toEqual(story(false));
    }),
    { numRuns: runs(5) },
  );
});
