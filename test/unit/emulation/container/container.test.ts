import { describe, expect, it } from 'vitest';
import { DEVICE_DEFAULTS } from '../../../../agent/emulation/block/block-config.ts';
import { cgroupFiles, readSystemTime } from '../../../../agent/emulation/container/container-read.ts';
import { containerNamespaces, namespaceRefusal } from '../../../../agent/emulation/container/namespaces.ts';
import { settle } from '../../../../agent/emulation/machine/machine.ts';
import { StorageDriver, spec } from '../block/driver.ts';
import { ContainerDriver, limits, MEBIBYTE } from './driver.ts';

describe("a container's CPU", () => {
  it('A5.1 usage = user + system, at most cpus * wall', () => {
    const driver = new ContainerDriver({ cpus: 2 });
    driver.utilisation = 5;
    driver.tick();
    for (const at of [0, 1, 333, 999, 1000]) {
      const usage = driver.read('cpu.usage', at);
      expect(usage).toBe(driver.read('cpu.user', at) + readSystemTime(driver.machine, driver.place, at));
      expect(usage).toBe(2e6 * at);
    }
    expect(driver.read('cpu.nr_periods')).toBe(0);
  });

  it('A5.1 and at most quota / period * wall; a busy one is throttled in every period', () => {
    const driver = new ContainerDriver({ cpus: 2, limits: limits('modern', { cpu: { quotaUs: 50_000 } }) });
    driver.utilisation = 1;
    driver.ticks(10);
    expect(driver.read('cpu.usage')).toBe(5e9);
    expect([driver.read('cpu.nr_periods'), driver.read('cpu.nr_throttled')]).toEqual([100, 100]);
    // Two threads that both want to run all the time: throttled time + run time = wall of both.
    expect(driver.read('cpu.throttled') + driver.read('cpu.usage')).toBe(20e9);
  });

  it('counts no periods while idle, and throttles nothing that stays below its quota', () => {
    const driver = new ContainerDriver({ limits: limits('modern', { cpu: { quotaUs: 50_000 } }) });
    driver.ticks(5);
    expect(driver.read('cpu.nr_periods')).toBe(0);
    driver.utilisation = 0.2;
    driver.ticks(5);
    expect([driver.read('cpu.nr_periods'), driver.read('cpu.nr_throttled')]).toEqual([50, 0]);
  });

  it('gets what the host grants', () => {
    const driver = new ContainerDriver({ cpus: 2, limits: limits('modern', { cpu: { quotaUs: 150_000 } }) });
    driver.utilisation = 1;
    driver.granted = 400_000;
    driver.ticks(3);
    expect(driver.read('cpu.usage')).toBe(1.2e9);
    expect(driver.read('cpu.nr_throttled')).toBe(0);
  });
});

const MEMORY = { max: 100 * MEBIBYTE, swapMax: 0 };

describe("a container's memory", () => {
  it('A5.2 stays at or below memory.max; a failed reclaim gives max, then oom and oom_kill', () => {
    const driver = new ContainerDriver({ limits: limits('modern', { memory: MEMORY }) });
    driver.memory.anonWanted = 300 * MEBIBYTE;
    let last = { max: 0, oom: 0, kill: 0 };
    for (let i = 0; i < 30; i++) {
      driver.tick(100);
      const now = {
        max: driver.read('memory.max'),
        oom: driver.read('memory.oom'),
        kill: driver.read('memory.oom_kill'),
      };
      expect(driver.current).toBeLessThanOrEqual(MEMORY.max);
      if (now.oom > last.oom) expect(now.max).toBeGreaterThan(last.max);
      expect(now.kill).toBeLessThanOrEqual(now.oom);
      last = now;
    }
    expect(last.kill).toBeGreaterThan(0);
    expect(driver.oom).toHaveLength(last.kill);
    expect(driver.oom[0]).toMatchObject({ kind: 'container-oom', guest: 7, whole: false });
  });

  it('A5.2 memory.high alone never yields oom_kill: it reclaims, counts and slows down', () => {
    const high = 100 * MEBIBYTE;
    const run = (memory: object) => {
      const driver = new ContainerDriver({ limits: limits('modern', { memory }) });
      driver.memory.anonWanted = 300 * MEBIBYTE;
      driver.utilisation = 1;
      driver.ticks(20);
      return driver;
    };
    const slowed = run({ high, swapMax: 0 });
    expect([slowed.read('memory.oom'), slowed.read('memory.oom_kill')]).toEqual([0, 0]);
    expect(slowed.read('memory.high')).toBeGreaterThan(0);
    expect(slowed.current).toBeGreaterThan(high);
    const free = run({});
    expect(free.read('memory.high')).toBe(0);
    expect(slowed.current).toBeLessThan(0.6 * free.current);
    expect(slowed.read('cpu.usage')).toBeLessThan(0.6 * free.read('cpu.usage'));
  });

  it('reclaims page cache before anything is killed, and swaps before it kills', () => {
    const driver = new ContainerDriver({
      limits: limits('modern', { memory: { ...MEMORY, swapMax: 50 * MEBIBYTE } }),
    });
    driver.memory.cacheWanted = 80 * MEBIBYTE;
    driver.ticks(5);
    expect(driver.gauge('memory.file')).toBe(80 * MEBIBYTE);
    driver.memory.anonWanted = 88 * MEBIBYTE;
    driver.memory.cacheWanted = 0;
    driver.ticks(3);
    expect([driver.gauge('memory.anon'), driver.gauge('memory.file')]).toEqual([88 * MEBIBYTE, 0]);
    expect(driver.read('memory.oom')).toBe(0);
    driver.memory.anonWanted = 130 * MEBIBYTE;
    driver.ticks(3);
    expect(driver.gauge('memory.anon') + driver.gauge('memory.swap.current')).toBe(130 * MEBIBYTE);
    expect(driver.read('memory.pswpout')).toBeGreaterThan(0);
    expect(driver.read('memory.oom')).toBe(0);
    driver.memory.anonWanted = 180 * MEBIBYTE;
    driver.ticks(3);
    expect(driver.read('memory.oom_kill')).toBeGreaterThan(0);
  });

  it('kills all together with memory.oom.group', () => {
    const memory = { ...MEMORY, oomGroup: true };
    const driver = new ContainerDriver({ limits: limits('modern', { memory }) });
    driver.memory.anonWanted = 300 * MEBIBYTE;
    driver.tick();
    expect(driver.oom).toEqual([expect.objectContaining({ whole: true })]);
  });

  it('is reclaimed and killed until it fits when memory.max is lowered', () => {
    const driver = new ContainerDriver();
    driver.memory.anonWanted = 300 * MEBIBYTE;
    driver.ticks(3);
    driver.relimit(limits('modern', { memory: MEMORY }));
    driver.tick();
    expect(driver.current).toBeLessThanOrEqual(MEMORY.max);
    expect(driver.read('memory.oom_kill')).toBeGreaterThan(0);
  });

  it('yields to the host down to memory.low, then with low events down to memory.min', () => {
    const driver = new ContainerDriver({
      limits: limits('modern', { memory: { low: 60 * MEBIBYTE, min: 30 * MEBIBYTE } }),
    });
    driver.memory.cacheWanted = 92 * MEBIBYTE;
    driver.ticks(4);
    expect(driver.current).toBe(100 * MEBIBYTE);
    driver.memory.cacheWanted = 0;
    driver.memory.anonWanted = 0;
    const yieldOnce = (bytes: number) => {
      driver.memory.hostReclaim = bytes;
      driver.memory.cacheWanted = 1e12;
      const before = driver.gauge('memory.file');
      driver.plan = { ...driver.plan, nature: { ...driver.plan.nature, cacheBytesPerSecond: 0 } };
      driver.tick();
      return before - driver.gauge('memory.file');
    };
    expect(yieldOnce(40 * MEBIBYTE)).toBe(40 * MEBIBYTE);
    expect(driver.read('memory.low')).toBe(0);
    expect(yieldOnce(100 * MEBIBYTE)).toBe(30 * MEBIBYTE);
    expect(driver.read('memory.low')).toBeGreaterThan(0);
    expect(driver.current).toBe(30 * MEBIBYTE);
    expect(yieldOnce(100 * MEBIBYTE)).toBe(0);
  });
});

describe('pids', () => {
  it('refuses forks above the limit and counts them; a lowered limit kills nothing', () => {
    const driver = new ContainerDriver({ limits: limits('modern', { pidsMax: 50 }) });
    driver.pids = 60;
    driver.ticks(3);
    expect([driver.gauge('pids.current'), driver.read('pids.max')]).toEqual([50, 30]);
    driver.relimit(limits('modern', { pidsMax: 20 }));
    driver.pids = 50;
    driver.tick();
    expect([driver.gauge('pids.current'), driver.read('pids.max')]).toEqual([50, 30]);
    driver.pids = 10;
    driver.tick();
    expect(driver.gauge('pids.current')).toBe(10);
  });

  it('are not limited by RHEL 6, which has no such controller', () => {
    const driver = new ContainerDriver({ profile: 'rhel6', limits: limits('rhel6', { pidsMax: 50 }) });
    driver.pids = 60;
    driver.ticks(3);
    expect([driver.gauge('pids.current'), driver.read('pids.max')]).toEqual([60, 0]);
  });
});

describe('the freezer', () => {
  it('A5.3 cpu usage stands and memory stays; after the thaw nothing jumps', () => {
    const driver = new ContainerDriver();
    driver.utilisation = 0.5;
    driver.memory.anonWanted = 50 * MEBIBYTE;
    driver.ticks(5);
    driver.tick();
    const frozenAt = 5400;
    settle(driver.machine, frozenAt);
    const usage = driver.read('cpu.usage', frozenAt);
    const memory = driver.current;
    expect(usage).toBe(5.4e9);
    expect(driver.read('cpu.usage', 90_000)).toBe(usage);
    expect(driver.current).toBe(memory);
    driver.nowMs = 90_000;
    driver.tick();
    expect(driver.read('cpu.usage', 90_001) - usage).toBe(1e6);
    expect(driver.read('cpu.usage')).toBe(usage + 1e9);
  });
});

describe('the namespaces of a container', () => {
  const plain = { interfaces: 0, privnet: false, idmap: false };

  it('are mnt, ipc, pid and uts, and net only with interfaces or privnet', () => {
    const own = (config: typeof plain) =>
      [...containerNamespaces('modern', config)].flatMap(([name, kind]) => (kind === 'own' ? [name] : []));
    expect(own(plain)).toEqual(['ipc', 'mnt', 'pid', 'uts']);
    expect(own({ ...plain, interfaces: 1 })).toContain('net');
    expect(own({ ...plain, privnet: true })).toContain('net');
    expect(own({ ...plain, idmap: true })).toContain('user');
  });

  it('are those that the kernel of the era has', () => {
    expect([...containerNamespaces('rhel6', plain).keys()]).toEqual(['ipc', 'mnt', 'net', 'pid', 'uts']);
    expect(containerNamespaces('modern', plain).get('time')).toBe('shared');
    expect(namespaceRefusal('rhel6', { ...plain, idmap: true })).toContain('user namespaces');
    expect(namespaceRefusal('modern', { ...plain, idmap: true })).toBeUndefined();
  });
});

describe('the cgroup file system of a container', () => {
  const view = (profile: 'rhel6' | 'modern', frozen = false) => {
    const driver = new ContainerDriver({
      profile,
      limits: limits(profile, { cpu: { quotaUs: 50_000 }, memory: MEMORY, pidsMax: 100 }),
    });
    driver.utilisation = 1;
    driver.memory.anonWanted = 20 * MEBIBYTE;
    driver.ticks(2);
    const storage = new StorageDriver([DEVICE_DEFAULTS.ssd]);
    const disk = storage.add(spec(), { offered: 100 });
    storage.ticks(2);
    const { machine } = driver;
    const io = readIo(storage, disk);
    return {
      files: cgroupFiles({
        machine,
        place: driver.place,
        plan: driver.plan,
        devices: [],
        frozen,
        nowMs: 2000,
      }),
      devices: cgroupFiles({
        machine: disk.machine,
        place: { part: { counters: 0, state: 0 }, counterCount: 0 },
        plan: driver.plan,
        devices: [{ number: '253:0', place: disk.place }],
        frozen,
        nowMs: 2000,
      }),
      io,
    };
  };
  const readIo = (storage: StorageDriver, disk: Parameters<StorageDriver['read']>[0]) => ({
    rbytes: storage.read(disk, 'rd.bytes'),
    wios: storage.read(disk, 'wr.reqs'),
  });

  it('is version 2 on a modern host', () => {
    const { files, devices, io } = view('modern');
    expect(files.get('cpu.stat')).toBe(
      'usage_usec 1000000\nuser_usec 700000\nsystem_usec 300000\nnr_periods 20\nnr_throttled 20\nthrottled_usec 3000000\n',
    );
    expect(files.get('cpu.max')).toBe('50000 100000\n');
    expect(files.get('cpu.weight')).toBe('100\n');
    expect(files.get('memory.current')).toBe(`${28 * MEBIBYTE}\n`);
    expect(files.get('memory.max')).toBe(`${100 * MEBIBYTE}\n`);
    expect(files.get('memory.high')).toBe('max\n');
    expect(files.get('memory.events')).toBe('low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n');
    expect(files.get('pids.max')).toBe('100\n');
    expect(files.get('cgroup.events')).toBe('populated 1\nfrozen 0\n');
    expect(devices.get('io.stat')).toMatch(
      new RegExp(`^253:0 rbytes=${io.rbytes} wbytes=\\d+ rios=\\d+ wios=${io.wios} dbytes=0 dios=0\n$`),
    );
    expect(view('modern', true).files.get('cgroup.freeze')).toBe('1\n');
    expect(files.has('freezer.state')).toBe(false);
  });

  it('is version 1 on RHEL 6, from the same model', () => {
    const { files, devices, io } = view('rhel6');
    expect(files.get('cpuacct.usage')).toBe('1000000000\n');
    expect(files.get('cpuacct.stat')).toBe('user 70\nsystem 30\n');
    expect(files.get('cpu.cfs_quota_us')).toBe('50000\n');
    expect(files.get('cpu.shares')).toBe('1024\n');
    expect(files.get('memory.usage_in_bytes')).toBe(`${28 * MEBIBYTE}\n`);
    expect(files.get('memory.max_usage_in_bytes')).toBe(`${28 * MEBIBYTE}\n`);
    expect(files.get('memory.failcnt')).toBe('0\n');
    expect(files.get('freezer.state')).toBe('THAWED\n');
    expect(view('rhel6', true).files.get('freezer.state')).toBe('FROZEN\n');
    expect(devices.get('blkio.throttle.io_service_bytes')).toContain(`253:0 Read ${io.rbytes}\n`);
    for (const name of ['pids.max', 'memory.high', 'memory.low', 'io.stat'])
      expect(files.has(name)).toBe(false);
  });
});
