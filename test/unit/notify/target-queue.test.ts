import { expect, it } from 'vitest';
import type { PendingNotification } from '../../../agent/notify/pending.ts';
import { SendSlices } from '../../../agent/notify/send-slices.ts';
import { TargetQueue } from '../../../agent/notify/target-queue.ts';

function item(id: number, octets = 10): PendingNotification {
  const encoded = { oid: [1, 3], upTimeCentiseconds: 0, ownStart: 0, hasCounter64: false };
  return { id, eventSequence: undefined, bindings: new Uint8Array(octets), ...encoded };
}

function drained(queue: TargetQueue): number[] {
  const ids: number[] = [];
  for (let next = queue.shift(); next; next = queue.shift()) ids.push(next.id);
  return ids;
}

it('gives back in order what was put in, however much has gone through', () => {
  const queue = new TargetQueue();
  const ids: number[] = [];
  for (let id = 0; id < 10_000; id++) {
    queue.push(item(id));
    if (id % 3 > 0) ids.push(queue.shift()!.id);
  }
  expect(queue.length).toBe(10_000 - ids.length);
  expect([...ids, ...drained(queue)]).toEqual(Array.from({ length: 10_000 }, (_, id) => id));
  expect([queue.length, queue.first]).toEqual([0, undefined]);
});

it('gives up its oldest when it is too long, but not the one under way', () => {
  const queue = new TargetQueue();
  for (let id = 0; id < 6; id++) queue.push(item(id));
  expect(queue.takeSurplus(4, false)?.id).toBe(0);
  expect(queue.takeSurplus(4, true)?.id).toBe(2);
  expect(queue.takeSurplus(4, true)).toBeUndefined();
  expect(drained(queue)).toEqual([1, 3, 4, 5]);
});

it('counts a large notification for several, and keeps the newest however large it is', () => {
  const queue = new TargetQueue();
  for (let id = 0; id < 3; id++) queue.push(item(id, 3000));
  expect([queue.takeSurplus(4, false)?.id, queue.takeSurplus(4, false)?.id]).toEqual([0, 1]);
  queue.push(item(3, 60_000));
  expect(queue.takeSurplus(4, false)?.id).toBe(2);
  expect(queue.takeSurplus(4, false)).toBeUndefined();
});

it('lets workers take turns in a storm, and other things happen between', async () => {
  const slices = new SendSlices();
  const done: string[] = [];
  const worker = (name: string, pieces: number) => ({
    pump() {
      done.push(name);
      return --pieces > 0;
    },
  });
  for (const name of ['a', 'b']) slices.wake(worker(name, 200));
  // One piece each at once; all else later.
  expect(done).toEqual(['a', 'b']);
  let turns = 0;
  while (done.length < 400) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  expect(turns).toBeGreaterThan(0);
  expect(done.slice(2, 18).join('')).toBe('aaaaaaaabbbbbbbb');
  slices.wake(worker('c', 1));
  slices.stop();
  expect(done.at(-1)).toBe('c');
});

it('does what little there is at once', () => {
  const slices = new SendSlices();
  let done = 0;
  const worker = {
    pump() {
      done++;
      return false;
    },
  };
  for (let i = 0; i < 64; i++) slices.wake(worker);
  expect(done).toBe(64);
  slices.wake(worker);
  expect(done).toBe(64);
  slices.stop();
});
