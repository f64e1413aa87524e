import { expect, it, onTestFinished } from 'vitest';
import { TAG } from '../../../agent/ber/tags.ts';
import type { DeliveryStep } from '../../../agent/notify/target.ts';
import { NAME, NOTIFICATION, NotifyLaboratory, numbered, targetAt } from '../../support/notify-laboratory.ts';

/** An originator whose steps are written down. */
function followed() {
  const laboratory = new NotifyLaboratory({});
  onTestFinished(() => laboratory.originator.stop());
  const steps: DeliveryStep[] = [];
  laboratory.originator.onStep((step) => steps.push(step));
  const states = () => steps.map(({ notificationId, state }) => `${notificationId} ${state}`);
  return { laboratory, steps, states, originator: laboratory.originator };
}

it('an inform that nobody answers has failed once its retries are over, and is tried on', async () => {
  const { laboratory, steps, states, originator } = followed();
  originator.setTargets([targetAt(9, { kind: 'inform' })]);
  originator.send(NOTIFICATION);
  await laboratory.until(() => states().includes('1 failed'));
  expect(steps.slice(0, 5).map(({ state, retries }) => [state, retries])).toEqual([
    ['queued', 0],
    ['sent', 0],
    ['sent', 1],
    ['sent', 2],
    ['failed', 2],
  ]);
  expect(steps[4]!.reason).toBe('it does not answer');
  await laboratory.until(() => steps.at(-1)!.retries === 3);
  expect(steps.at(-1)!.state).toBe('failed');
});

it('what a full queue loses, and what waits for a target that goes, is dropped with the reason', () => {
  const { steps, originator } = followed();
  originator.setTargets([targetAt(9, { kind: 'inform', queueLength: 2 })]);
  for (let n = 1; n <= 4; n++) originator.send(numbered(n));
  originator.setTargets([]);
  const dropped = steps.filter(({ state }) => state === 'dropped').map(({ reason }) => reason);
  expect(dropped).toHaveLength(4);
  expect(new Set(dropped)).toEqual(new Set(['the queue of the target is full', 'the target was removed']));
});

it('a trap that SNMPv1 cannot carry has failed, and says why', async () => {
  const { laboratory, steps, originator } = followed();
  originator.setTargets([targetAt(9, { version: 'v1' })]);
  originator.send({ ...NOTIFICATION, varbinds: [{ oid: NAME, tag: TAG.COUNTER64, value: 7 }] });
  await laboratory.until(() => steps.length === 2);
  expect(steps[1]).toMatchObject({ state: 'failed', reason: 'SNMPv1 cannot carry a Counter64' });
});
