import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ProcessOrder } from '../../agent/emulation/domain/process-order.ts';
import type { ActionName } from '../../agent/emulation/lifecycle/story.ts';
import { runs } from '../support/runs.ts';
import { config, Fleet } from '../unit/emulation/fleet.ts';

const GUESTS = 20;
const ACTIONS: readonly ActionName[] = ['start', 'destroy', 'kill', 'suspend', 'reset'];

/** What the order says, and that each number leads to its place. */
function listed(order: ProcessOrder): (readonly [number, string])[] {
  return Array.from({ length: order.size }, (_, place) => {
    expect(order.placeOf(order.numberAt(place))).toBe(place);
    return [order.numberAt(place), order.at(place).name] as const;
  });
}

it('processes are in the order of their starts, whatever comes, goes and is taken back', () => {
  const arbStep = fc.record({
    guest: fc.nat(GUESTS - 1),
    what: fc.constantFrom(...ACTIONS, 'undefine', 'reboot'),
    isTakenBack: fc.boolean(),
    isLookedAt: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(arbStep, { maxLength: 60 }), (steps) => {
      const fleet = new Fleet();
      const configs = Array.from({ length: GUESTS }, (_, i) => config(`guest-${i}`));
      fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
      const order = fleet.one.domains.processes();
      const look = (): void => {
        const active = [...fleet.one.domains].filter(({ isActive }) => isActive);
        const oracle = active.map(({ hostProcess, name }) => [hostProcess!.number, name] as const);
        expect(listed(order)).toEqual(oracle.sort(([a], [b]) => a - b));
        expect(order.placeOf(Number.MAX_SAFE_INTEGER)).toBe(order.size);
      };
      look();
      for (const { guest, what, isTakenBack, isLookedAt } of steps) {
        const domain = fleet.one.domains.byName(`guest-${guest}`);
        if (!domain) continue;
        const change =
          what === 'undefine'
            ? ({ op: 'undefine', domain } as const)
            : what === 'reboot'
              ? ({ op: 'host', host: fleet.one, action: 'reboot' } as const)
              : ({ op: 'act', domain, action: what } as const);
        if (fleet.hypervisor.check(change)) continue;
        const transaction = fleet.hypervisor.transaction();
        transaction.apply(change);
        if (isLookedAt) look();
        if (isTakenBack) transaction.rollback();
        else transaction.commit();
        look();
        if (what === 'reboot') fleet.pass(400);
      }
      look();
    }),
    { numRuns: runs(30) },
  );
});
