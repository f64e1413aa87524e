import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DropReport } from '../../../agent/daemon/drop-report.ts';
import { type LogFields, silentLogger } from '../../../agent/util/logger.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function report() {
  const told: LogFields[] = [];
  const warn = (_message: string, fields: LogFields = {}) => {
    told.push(fields);
  };
  return { drops: new DropReport({ ...silentLogger, warn }), told };
}

it('tells of the first drop at once, and of those behind it once a minute', () => {
  const { drops, told } = report();
  drops.add('192.0.2.1');
  expect(told).toEqual([{ dropped: 1, source: '192.0.2.1' }]);
  for (let i = 0; i < 1000; i++) drops.add('192.0.2.1');
  drops.add('192.0.2.2');
  vi.advanceTimersByTime(59_999);
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([
    { dropped: 1, source: '192.0.2.1' },
    { dropped: 1001, source: '192.0.2.2' },
  ]);
  drops.add('192.0.2.3');
  expect(told).toHaveLength(2);
  vi.advanceTimersByTime(60_000);
  expect(told).toHaveLength(3);
});

it('begins anew after a minute without drops', () => {
  const { drops, told } = report();
  drops.add('a');
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
  drops.add('b');
  expect(told).toEqual([
    { dropped: 1, source: 'a' },
    { dropped: 1, source: 'b' },
  ]);
});

it('tells what is left when it stops', () => {
  const { drops, told } = report();
  drops.add('a');
  drops.add('a');
  drops.stop();
  expect(told).toEqual([
    { dropped: 1, source: 'a' },
    { dropped: 1, source: 'a' },
  ]);
  drops.stop();
  expect([told.length, vi.getTimerCount()]).toEqual([2, 0]);
});
