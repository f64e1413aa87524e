import { describe, expect, it } from 'vitest';
import {
  DEVICE_DEFAULTS,
  iotuneRefusal,
  rotationNs,
} from '../../../../agent/emulation/block/block-config.ts';
import { ioErrorChain } from '../../../../agent/emulation/block/block-consequence.ts';
import {
  failRequest,
  releaseDisk,
  resumeDisk,
  runDisk,
  setThreshold,
} from '../../../../agent/emulation/block/disk.ts';
import {
  readCompleted,
  readDiskError,
  readDiskSpace,
  readOutstanding,
  readThreshold,
} from '../../../../agent/emulation/block/disk-read.ts';
import { closedLoopRate, firstWrittenBytes } from '../../../../agent/emulation/block/latency.ts';
import { begin, settle } from '../../../../agent/emulation/machine/machine.ts';
import { GIBIBYTE, MEBIBYTE, StorageDriver, spec, type TestGuest } from './driver.ts';

const CLOSED = { offered: Number.POSITIVE_INFINITY };
const RANDOM_READS = {
  depth: 8,
  readShare: 1,
  readBytes: 4096,
  writeBytes: 4096,
  sequentialShare: 0,
  flushesPerWrite: 0,
  workingSetBytes: 0,
};
const WRITES = { ...RANDOM_READS, readShare: 0, workingSetBytes: 10 * GIBIBYTE };

describe('the latency of a closed loop', () => {
  it('is the service time for one request, and the queue rule for many', () => {
    expect(closedLoopRate(1, 0, 10e6)).toBeCloseTo(100, 9);
    // 1000 requests in flight, each made 20 ms after the last came back, would be 50,000 a second; u = 0.5.
    const rate = closedLoopRate(1000, 1000 * 20e6, 10e6);
    const latencyNs = (1000 * 1e9) / rate - 1000 * 20e6;
    const u = rate * 0.01;
    expect(latencyNs / (10e6 / (1 - u))).toBeCloseTo(1, 2);
  });

  it('gives a disk of 7200 rpm 75 to 180 requests a second at depth 1 (half a turn is 4.17 ms)', () => {
    expect(rotationNs(7200)).toBe(4_166_667);
    const driver = new StorageDriver();
    const guest = driver.add(spec({ work: { ...RANDOM_READS, depth: 1 } }), CLOSED);
    driver.ticks(10);
    const iops = driver.read(guest, 'rd.reqs') / 10;
    expect(iops).toBeGreaterThan(75);
    expect(iops).toBeLessThan(180);
  });

  it('A11.4 Little: mean in flight = requests per second * latency', () => {
    for (const offered of [20, 60, 200, Number.POSITIVE_INFINITY]) {
      const driver = new StorageDriver();
      const guest = driver.add(spec(), { offered });
      driver.ticks(200);
      const times = (['rd.times', 'wr.times', 'fl.times'] as const).map((field) => driver.read(guest, field));
      const mean = times.reduce((a, b) => a + b) / (200 * 1e9);
      const outstanding = readOutstanding(guest.machine, guest.place, driver.nowMs);
      expect(Math.abs(mean - outstanding)).toBeLessThan(0.55);
    }
  });
});

describe('a latency fault', () => {
  it('A11.4 x3 on a closed-loop disk: IOPS falls to 1/3, rd.times per request x3, in = done + queued', () => {
    const run = (latencyFactor: number) => {
      const driver = new StorageDriver([DEVICE_DEFAULTS.ssd]);
      const guest = driver.add(spec({ work: RANDOM_READS }), { ...CLOSED, latencyFactor });
      driver.ticks(30);
      const { machine, place } = guest;
      const requests = driver.read(guest, 'rd.reqs');
      const submitted = driver.read(guest, 'submitted');
      expect(submitted).toBe(
        readCompleted(machine, place, driver.nowMs) + readOutstanding(machine, place, driver.nowMs),
      );
      expect(readOutstanding(machine, place, driver.nowMs)).toBe(8);
      return { requests, each: driver.read(guest, 'rd.times') / requests };
    };
    const healthy = run(1);
    const slow = run(3);
    expect((3 * slow.requests) / healthy.requests).toBeCloseTo(1, 3);
    expect(slow.each / (3 * healthy.each)).toBeCloseTo(1, 3);
  });

  it('slows the neighbours on the same device too', () => {
    const neighbour = (latencyFactor: number) => {
      const driver = new StorageDriver();
      driver.add(spec({ work: RANDOM_READS }), { offered: 30, latencyFactor });
      const guest = driver.add(spec({ work: RANDOM_READS }), { offered: 30 });
      driver.ticks(20);
      return driver.read(guest, 'rd.times') / driver.read(guest, 'rd.reqs');
    };
    expect(neighbour(3)).toBeGreaterThan(1.2 * neighbour(1));
  });
});

describe('a device that many disks want', () => {
  it('is shared by weight', () => {
    const driver = new StorageDriver();
    const [light, heavy] = [100, 300].map((weight) =>
      driver.add(spec({ weight, work: RANDOM_READS }), CLOSED),
    );
    driver.ticks(100);
    const ratio = driver.read(heavy!, 'rd.reqs') / driver.read(light!, 'rd.reqs');
    expect(ratio).toBeCloseTo(3, 1);
    expect(driver.host.devices.utilisation(0)).toBeGreaterThan(0.99);
  });

  it('gives a guest that starts in mid-tick only what is left', () => {
    const startLate = (offered: number) => {
      const driver = new StorageDriver([DEVICE_DEFAULTS.hdd], [MEBIBYTE]);
      driver.add(spec({ work: RANDOM_READS }), { offered });
      driver.tick();
      driver.nowMs = 500;
      const late = driver.add(spec({ format: 'qcow2', work: WRITES }), { ...CLOSED, late: true });
      begin(late.machine, 500, 500);
      runDisk(late.machine.numbers, late.place, late.plan, late.input, driver.host, driver.consequences);
      driver.nowMs = 1000;
      return { driver, done: driver.read(late, 'wr.reqs') };
    };
    expect(startLate(Number.POSITIVE_INFINITY).done).toBe(0);
    const { driver, done } = startLate(20);
    // 79 requests a second, of which 20 are taken, for half a second.
    expect(done).toBeGreaterThan(12);
    expect(done).toBeLessThanOrEqual(30);
    expect(driver.host.devices.utilisation(0)).toBeGreaterThan(0.99);
    expect(driver.consequences).toMatchObject([{ kind: 'io-error', errno: 'ENOSPC' }]);
    expect(driver.host.pools.read(0, 1000)).toMatchObject({ allocation: MEBIBYTE, available: 0 });
    expect(driver.host.pools.allocate(0, 1)).toBe(false);
  });

  it('and its pool are put back by their snapshots', () => {
    const driver = new StorageDriver([DEVICE_DEFAULTS.hdd], [GIBIBYTE]);
    driver.add(spec({ format: 'qcow2', work: WRITES }), CLOSED);
    driver.ticks(2);
    const { devices, pools } = driver.host;
    const before = {
      devices: devices.snapshot(),
      pools: pools.snapshot(),
      space: pools.read(0, driver.nowMs),
    };
    driver.ticks(2);
    expect(pools.allocate(0, MEBIBYTE)).toBe(true);
    pools.free(0, 4096);
    expect(pools.read(0, driver.nowMs)).not.toEqual(before.space);
    devices.restore(before.devices);
    pools.restore(before.pools);
    expect(pools.read(0, driver.nowMs)).toEqual(before.space);
    expect(devices.snapshot()).toEqual(before.devices);
  });
});

describe('I/O limits', () => {
  it('hold requests per second and let the wait show in the times', () => {
    const limit = { perSecond: 50, max: 0, lengthSeconds: 1 };
    const driver = new StorageDriver([DEVICE_DEFAULTS.ssd]);
    const guest = driver.add(spec({ work: RANDOM_READS, iotune: { total_iops: limit } }), CLOSED);
    driver.ticks(20);
    expect(driver.read(guest, 'rd.reqs')).toBe(1000);
    expect(driver.read(guest, 'rd.times') / 1000).toBeCloseTo(8e9 / 50, -3);
  });

  it('hold bytes per second of one direction', () => {
    const limit = { perSecond: MEBIBYTE, max: 0, lengthSeconds: 1 };
    const driver = new StorageDriver([DEVICE_DEFAULTS.nvme]);
    const guest = driver.add(spec({ iotune: { write_bytes: limit } }), CLOSED);
    driver.ticks(20);
    expect(driver.read(guest, 'wr.bytes') / (20 * MEBIBYTE)).toBeCloseTo(1, 2);
    expect(driver.read(guest, 'rd.bytes')).toBeGreaterThan(driver.read(guest, 'wr.bytes'));
  });

  it('let a burst through once, and again after a rest', () => {
    const limit = { perSecond: 100, max: 1000, lengthSeconds: 5 };
    const driver = new StorageDriver([DEVICE_DEFAULTS.ssd]);
    const guest = driver.add(spec({ work: RANDOM_READS, iotune: { total_iops: limit } }), CLOSED);
    driver.ticks(20);
    expect(driver.read(guest, 'rd.reqs')).toBe(5 * 1000 + 15 * 100);
    guest.input = { ...guest.input, offered: 0 };
    driver.ticks(45);
    const before = driver.read(guest, 'rd.reqs');
    guest.input = { ...guest.input, ...CLOSED };
    driver.ticks(5);
    expect(driver.read(guest, 'rd.reqs') - before).toBeGreaterThan(4900 - 500);
  });

  it('are refused when total and split are both set, and bursts that are none', () => {
    const limit = { perSecond: 100, max: 0, lengthSeconds: 1 };
    expect(iotuneRefusal({ total_iops: limit, read_bytes: limit })).toBeUndefined();
    expect(iotuneRefusal({ total_iops: limit, read_iops: limit })).toContain('total_iops_sec');
    expect(iotuneRefusal({ total_iops: { ...limit, max: 50 } })).toContain('100 or more');
    expect(iotuneRefusal({ total_iops: { ...limit, perSecond: 0, max: 50 } })).toContain('must be 0');
    expect(iotuneRefusal({ read_iops: { ...limit, perSecond: -1 } })).toContain('not negative');
    expect(iotuneRefusal({ read_iops: { ...limit, lengthSeconds: 0 } })).toContain('1 or more');
  });
});

describe('a thin image', () => {
  it('grows by first writes towards its working set, and never past it', () => {
    expect(firstWrittenBytes(100, 100, 0)).toBe(0);
    expect(firstWrittenBytes(100, 100, 1e9)).toBe(100);
    const driver = new StorageDriver([DEVICE_DEFAULTS.nvme]);
    const set = 64 * MEBIBYTE;
    const work = { ...WRITES, workingSetBytes: set };
    const guest = driver.add(spec({ format: 'qcow2', work }), { offered: 200 });
    const sizes = Array.from({ length: 60 }, () => {
      driver.tick();
      return readDiskSpace(guest.machine, guest.place, guest.plan, driver.nowMs).allocation;
    });
    expect(sizes.every((size, i) => i === 0 || size >= sizes[i - 1]!)).toBe(true);
    expect(sizes[0]! % 65_536).toBe(0);
    expect(sizes[0]! - 0).toBeGreaterThan(sizes[40]! - sizes[39]!);
    expect(sizes[59]! / set).toBeGreaterThan(0.99);
    expect(sizes[59]).toBeLessThanOrEqual(set);
    expect(driver.host.pools.read(0, driver.nowMs).allocation).toBe(sizes[59]);
  });

  it('raises one event when it grows past its threshold', () => {
    const driver = new StorageDriver([DEVICE_DEFAULTS.nvme]);
    const guest = driver.add(spec({ format: 'qcow2', work: WRITES }), { offered: 100 });
    setThreshold(guest.machine.numbers, guest.place, 10 * MEBIBYTE);
    expect(readThreshold(guest.machine, guest.place)).toBe(10 * MEBIBYTE);
    driver.ticks(10);
    expect(driver.consequences).toEqual([
      {
        kind: 'block-threshold',
        guest: 0,
        dev: 'vda',
        path: '/images/guest.img',
        threshold: 10 * MEBIBYTE,
        excess: expect.any(Number),
      },
    ]);
    expect(readThreshold(guest.machine, guest.place)).toBeUndefined();
  });

  it('gives the space back that it would have taken after a stop in mid-tick', () => {
    const driver = new StorageDriver([DEVICE_DEFAULTS.nvme]);
    const guest = driver.add(spec({ format: 'qcow2', work: WRITES }), { offered: 100 });
    driver.ticks(2);
    const { machine, place, plan } = guest;
    const stopAt = 1300;
    releaseDisk(machine.numbers, place, plan, driver.host.pools, stopAt);
    settle(machine, stopAt);
    const { allocation } = readDiskSpace(machine, place, plan, 2000);
    expect(driver.host.pools.read(0, 2000).allocation).toBe(allocation);
  });
});

/** A guest that writes to a thin image in a pool with room for 4 MiB. */
function fillUp(errorPolicy: 'stop' | 'report' | 'ignore' | 'enospace' | undefined) {
  const driver = new StorageDriver([DEVICE_DEFAULTS.nvme], [4 * MEBIBYTE]);
  const disk = spec({ format: 'qcow2', work: WRITES, ...(errorPolicy && { errorPolicy }) });
  const guest = driver.add(disk, { offered: 100 });
  driver.ticks(5);
  return { driver, guest };
}

function failed(driver: StorageDriver, guest: TestGuest): number {
  return driver.read(guest, 'wr.failed') + driver.read(guest, 'rd.failed');
}

describe('A11.2 a pool that is full', () => {
  for (const policy of ['stop', 'enospace', undefined] as const) {
    it(`${policy ?? 'no'} policy: the events, then the pause; the guest sees no error, and tries again`, () => {
      const { driver, guest } = fillUp(policy);
      const { machine, place } = guest;
      expect(driver.consequences).toHaveLength(1);
      const [error] = driver.consequences;
      if (error?.kind !== 'io-error') throw new Error('no I/O error');
      expect(error).toMatchObject({ action: 'pause', errno: 'ENOSPC', direction: 'write' });
      const chain = ioErrorChain(error);
      expect(chain.map((step) => step.event)).toEqual(['IO_ERROR', 'IO_ERROR_REASON', 'SUSPENDED/IOERROR']);
      expect(chain[1]).toMatchObject({ reason: 'enospc', action: 'pause' });
      expect([guest.running, failed(driver, guest), readDiskError(machine, place)]).toEqual([false, 0, 2]);
      expect(driver.host.pools.read(0, driver.nowMs).available).toBe(0);
      const stands = driver.read(guest, 'wr.reqs');
      driver.ticks(3);
      expect(driver.read(guest, 'wr.reqs')).toBe(stands);
      expect(readOutstanding(machine, place, driver.nowMs)).toBeGreaterThan(0);
      // Resumed while the pool is still full, it stops again; with room, it goes on.
      resumeDisk(machine.numbers, place);
      guest.running = true;
      driver.tick();
      expect([guest.running, driver.consequences.length]).toEqual([false, 2]);
      driver.host.pools.extend(0, GIBIBYTE);
      resumeDisk(machine.numbers, place);
      guest.running = true;
      driver.ticks(3);
      expect(guest.running).toBe(true);
      expect(driver.read(guest, 'wr.reqs')).toBeGreaterThan(stands);
      expect(readDiskError(machine, place)).toBe(0);
    });
  }

  it('report: the guest counts errors and runs on', () => {
    const { driver, guest } = fillUp('report');
    expect(guest.running).toBe(true);
    const errors = driver.consequences.filter((each) => each.kind === 'io-error');
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(({ action }) => action === 'report')).toBe(true);
    expect(failed(driver, guest)).toBe(errors.reduce((sum, { count }) => sum + count, 0));
    expect(ioErrorChain(errors[0]!)).toHaveLength(2);
  });

  it('ignore: only the event', () => {
    const { driver, guest } = fillUp('ignore');
    expect([guest.running, failed(driver, guest)]).toEqual([true, 0]);
    expect(driver.consequences.every((each) => each.kind === 'io-error' && each.action === 'none')).toBe(
      true,
    );
    expect(driver.consequences.length).toBeGreaterThan(0);
    expect(driver.read(guest, 'wr.reqs')).toBeGreaterThan(490);
  });
});

describe('A11.2 one request that fails', () => {
  const inject = (policy: 'stop' | 'report' | 'ignore' | 'enospace', errno: 'EIO' | 'ENOSPC') => {
    const driver = new StorageDriver();
    const guest = driver.add(spec({ errorPolicy: policy }), { offered: 10 });
    driver.ticks(2);
    const { machine, place, plan } = guest;
    const running = readOutstanding(machine, place, driver.nowMs);
    const error = failRequest(machine.numbers, place, plan, 0, 'write', errno);
    return {
      action: error.action,
      failed: failed(driver, guest),
      held: readOutstanding(machine, place, driver.nowMs) - running,
      state: readDiskError(machine, place),
    };
  };

  it('stop: held for the retry', () => {
    expect(inject('stop', 'ENOSPC')).toEqual({ action: 'pause', failed: 0, held: 1, state: 2 });
    expect(inject('stop', 'EIO')).toEqual({ action: 'pause', failed: 0, held: 1, state: 1 });
  });

  it('report: guest error count + 1', () => {
    expect(inject('report', 'ENOSPC')).toEqual({ action: 'report', failed: 1, held: 0, state: 0 });
  });

  it('ignore: only the event', () => {
    expect(inject('ignore', 'EIO')).toEqual({ action: 'none', failed: 0, held: 0, state: 0 });
  });

  it('enospace with EIO: like report', () => {
    expect(inject('enospace', 'EIO')).toEqual(inject('report', 'EIO'));
  });
});

describe('a device that fails a share of its requests', () => {
  it('fails reads as rerror_policy says, with one event for each tick', () => {
    const driver = new StorageDriver([DEVICE_DEFAULTS.ssd]);
    const guest = driver.add(spec({ work: RANDOM_READS }), { offered: 100, readErrorShare: 0.05 });
    driver.ticks(20);
    const all = driver.read(guest, 'rd.reqs') + driver.read(guest, 'rd.failed');
    expect(driver.read(guest, 'rd.failed') / all).toBeCloseTo(0.05, 2);
    expect(driver.consequences).toHaveLength(20);
    const stopping = driver.add(spec({ work: RANDOM_READS, rerrorPolicy: 'stop' }), {
      offered: 100,
      readErrorShare: 0.05,
    });
    driver.tick();
    expect([stopping.running, driver.read(stopping, 'rd.failed')]).toEqual([false, 0]);
    expect(readDiskError(stopping.machine, stopping.place)).toBe(1);
  });

  it('fails writes as error_policy says', () => {
    const driver = new StorageDriver([DEVICE_DEFAULTS.ssd]);
    const guest = driver.add(spec({ work: WRITES }), { offered: 100, writeErrorShare: 0.1 });
    driver.ticks(10);
    expect(driver.read(guest, 'wr.failed') / 1000).toBeCloseTo(0.1, 2);
    expect(guest.running).toBe(true);
  });
});
