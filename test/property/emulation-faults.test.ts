import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../agent/emulation/change.ts';
import { FAULT_KIND_NAMES, FAULT_KINDS } from '../../agent/emulation/fault/fault-kind.ts';
import { type FaultRule, RULE_EVENTS } from '../../agent/emulation/fault/fault-rule.ts';
import { hostDefaults } from '../../agent/emulation/host/host-config.ts';
import { runs } from '../support/runs.ts';
import { FaultyFleet, line } from '../unit/emulation/fault/faulty.ts';
import { picture } from '../unit/emulation/snapshot.ts';

const GIB_KIB = 2 ** 20;

const arbParameters: fc.Arbitrary<FaultRule['parameters']> = fc.record(
  {
    nic: fc.nat(1),
    queue: fc.nat(2),
    disk: fc.constantFrom('vda', 'vdb'),
    factor: fc.constantFrom(1, 3, 100),
    share: fc.constantFrom(0, 0.4, 1),
    cycleMs: fc.constantFrom(200, 3000),
    lockShare: fc.constantFrom(0, 0.2),
    bytesPerSecond: fc.constantFrom(1, 2 ** 24, 2 ** 30),
    recipient: fc.constantFrom('HYPERVISOR' as const, 'GUEST' as const),
    actionRequired: fc.boolean(),
  },
  { requiredKeys: [] },
);

function arbRule(index: number, names: readonly string[]): fc.Arbitrary<FaultRule> {
  return fc.record(
    {
      name: fc.constant(`rule-${index}`),
      kind: fc.constantFrom(...FAULT_KIND_NAMES),
      parameters: arbParameters,
      target: fc.record(
        {
          name: fc.constantFrom('*', 'kvm*', '?xc', 'nobody'),
          host: fc.constantFrom('*', 'host', 'two'),
          type: fc.constantFrom('kvm', 'lxc'),
          probability: fc.constantFrom(0.3, 1),
        },
        { requiredKeys: [] },
      ),
      when: fc.oneof(
        fc.record({ atMs: fc.nat(20_000) }),
        fc.record({ everyMs: fc.integer({ min: 500, max: 20_000 }) }),
        fc.record({ after: fc.constantFrom(...RULE_EVENTS) }),
        fc.record({ while: fc.constantFrom(...names) }),
      ),
      delayMs: fc.nat(3000),
      jitterMs: fc.nat(2000),
      durationMs: fc.integer({ min: 1, max: 30_000 }),
      count: fc.integer({ min: 1, max: 4 }),
    },
    { requiredKeys: ['name', 'kind', 'parameters', 'target', 'when'] },
  );
}

const NAMES = ['rule-0', 'rule-1', 'rule-2', 'rule-3'];
const arbRules = fc
  .tuple(...NAMES.map((_, index) => arbRule(index, NAMES)))
  .chain((rules) => fc.nat(NAMES.length).map((count) => rules.slice(0, count)));

function newFleet(seed: number): FaultyFleet {
  const { memory } = hostDefaults('modern');
  const size = { memoryKiB: GIB_KIB, currentMemoryKiB: GIB_KIB, autostart: true };
  const watched = { watchdog: {}, qxl: {}, agent: { channel: true, installed: true, restartMs: 3000 } };
  return new FaultyFleet(
    {
      'kvm-1': { ...size, load: 'steady', devices: watched, onCrash: 'restart' },
      'kvm-2': { ...size, load: 'bursty', memballoon: { autodeflate: true }, onCrash: 'destroy' },
      xen: { ...size, type: 'xen', osType: 'linux', load: 'idle' },
      lxc: { ...size, type: 'lxc', load: 'steady', disks: [], nics: [] },
    },
    {
      memory: {
        ...memory,
        nodesKiB: [3 * GIB_KIB, 3 * GIB_KIB],
        hostUseKiB: GIB_KIB / 4,
        swapKiB: GIB_KIB / 4,
      },
      pools: [{ ...hostDefaults('modern').pools[0]!, capacityBytes: 64 * 2 ** 30 }],
      grows: false,
    },
    { seed },
  );
}

/** What must hold whatever goes wrong. */
function checkConservation({ host, clock }: FaultyFleet): void {
  const { memory, storage } = host;
  const { total, hostUse, hugePool, free } = memory.pages;
  expect(free).toBeGreaterThanOrEqual(0);
  expect(free + hostUse + hugePool).toBeLessThanOrEqual(total);
  const space = storage.pools.read(0, clock.nowMs);
  expect(space.available).toBeGreaterThanOrEqual(0);
  expect(space.allocation + space.available).toBe(space.capacity);
  for (const domain of host.domains) {
    expect(domain.memoryKiB >= 1 && domain.memoryKiB <= domain.maxMemoryKiB).toBe(true);
    expect(domain.isActive || domain.cpuTimeNs === 0).toBe(true);
  }
}

describe('any rules of faults', () => {
  it('keep what must be kept, and each fault that began has ended or is in effect', () => {
    fc.assert(
      fc.property(arbRules, fc.integer(), (rules, seed) => {
        const fleet = newFleet(seed);
        const open = new Map<number, string>();
        fleet.hypervisor.onEvent((event) => {
          if (event.kind !== 'fault') return;
          const { id, kind } = event.fault;
          expect(event.faults).toContain(id);
          if (event.event === 'ENDED') expect(open.delete(id)).toBe(true);
          else {
            expect(open.has(id)).toBe(false);
            open.set(id, kind);
          }
        });
        fleet.hypervisor.setFaultRules(rules);
        for (let i = 0; i < 40; i++) {
          fleet.pass(1.5);
          checkConservation(fleet);
          const active = fleet.hypervisor.faults.map(({ id, kind }) => [id, kind]);
          expect(active).toEqual([...open]);
        }
        fleet.hypervisor.setFaultRules([]);
        // What is left ends by itself, with the boot of its host.
        expect(
          fleet.hypervisor.faults.filter(
            ({ kind }) => FAULT_KINDS[kind as 'sensor'].ends !== ('up' as string),
          ),
        ).toEqual([]);
        expect(fleet.host.memory.pages.hostUse).toBe(newFleet(seed).host.memory.pages.hostUse);
      }),
      { numRuns: runs(15) },
    );
  });

  it('give the same events twice from the same seed', () => {
    fc.assert(
      fc.property(arbRules, fc.integer(), (rules, seed) => {
        const trace = (): unknown => {
          const fleet = newFleet(seed);
          fleet.hypervisor.setFaultRules(rules);
          fleet.pass(60);
          return [fleet.all.map((event) => [event.sequence, line(event)]), picture(fleet)];
        };
        expect(trace()).toEqual(trace());
      }),
      { numRuns: runs(10) },
    );
  });
});

describe('faults in a transaction', () => {
  const arbSteps = fc.array(
    fc.record({
      kind: fc.constantFrom(...FAULT_KIND_NAMES),
      guest: fc.constantFrom('kvm-1', 'kvm-2', 'xen', 'lxc'),
      parameters: arbParameters,
      clear: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      action: fc.option(fc.constantFrom('reset' as const, 'destroy' as const, 'start' as const), {
        nil: undefined,
      }),
      passMs: fc.nat(4000),
    }),
    { maxLength: 8 },
  );
  type Step = typeof arbSteps extends fc.Arbitrary<(infer S)[]> ? S : never;

  function changesOf(fleet: FaultyFleet, step: Step): Change[] {
    const { kind, guest, parameters, clear, action } = step;
    const domain = fleet.guest(guest);
    const target = FAULT_KINDS[kind].on === 'host' ? fleet.host : domain;
    return [
      ...(action ? [{ op: 'act' as const, domain, action }] : []),
      ...(clear === undefined ? [] : [{ op: 'fault' as const, action: { clear } }]),
      { op: 'fault', action: { raise: kind, target, parameters, durationMs: 10_000 } },
    ];
  }

  function play(fleet: FaultyFleet, steps: readonly Step[]): void {
    for (const step of steps) {
      for (const change of changesOf(fleet, step))
        if (!fleet.hypervisor.check(change)) fleet.hypervisor.apply(change);
      fleet.pass(step.passMs / 1000);
    }
  }

  const step = (kind: Step['kind']): Step => ({
    ...{ kind, guest: 'kvm-1', parameters: {}, clear: undefined, action: undefined, passMs: 0 },
  });

  it('leave nothing behind when it is rolled back', () => {
    fc.assert(
      fc.property(arbSteps, arbSteps, (before, inside) => {
        const [fleet, other] = [newFleet(1), newFleet(1)];
        play(fleet, before);
        play(other, before);
        const transaction = fleet.hypervisor.transaction();
        for (const step of inside)
          for (const change of changesOf(fleet, step))
            if (!fleet.hypervisor.check(change)) transaction.apply(change);
        transaction.rollback();
        const seen = (each: FaultyFleet) => [
          picture(each),
          each.hypervisor.faults.map(({ id, kind }) => [id, kind]),
        ];
        expect(seen(fleet)).toEqual(seen(other));
        fleet.takeAll();
        other.takeAll();
        fleet.pass(150);
        other.pass(150);
        expect(fleet.takeAll()).toEqual(other.takeAll());
        const alarms = (each: FaultyFleet) =>
          each.alarms.map(({ atMs, event, alarm }) => [
            atMs,
            event,
            alarm.kind,
            alarm.guest?.name,
            alarm.resource,
          ]);
        expect(alarms(fleet)).toEqual(alarms(other));
        expect(seen(fleet)).toEqual(seen(other));
      }),
      { numRuns: runs(15), examples: [[[step('disk-full')], [step('memory-leak')]]] },
    );
  });
});
