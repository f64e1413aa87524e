import { describe, expect, it } from 'vitest';
import { HostCpu } from '../../../../agent/emulation/vcpu/host-cpu.ts';
import { FULL, HOST_CPU_DEFAULTS } from '../../../../agent/emulation/vcpu/vcpu-config.ts';

const CONFIG = { ...HOST_CPU_DEFAULTS.modern, sockets: 1, cores: 1, threads: 1, nodes: 1 };
const MINUTE_MS = 60_000;

/** Lets the only processor be busy by a share in each second, and returns it with its busy time at each second. */
function run(shares: readonly number[]): { cpu: HostCpu; busy: number[] } {
  const cpu = new HostCpu(CONFIG);
  const busy: number[] = [];
  shares.forEach((share, second) => {
    cpu.beginTick();
    cpu.claim(0, share * FULL, 1024);
    cpu.share();
    cpu.take(0, share * FULL, 1024);
    cpu.endTick(second * 1000, 1000);
    busy.push(cpu.busyNs(0, second * 1000));
  });
  return { cpu, busy };
}

describe('the load of a processor', () => {
  const shares = Array.from({ length: 200 }, (_, second) => ((second * 7) % 10) / 10);

  it('is what it was busy over the last minute, where that began at a sample', () => {
    const { cpu, busy } = run(shares);
    const last = busy.length - 1;
    // Samples are 5 s apart from the first on.
    expect((last - 60) % 5).not.toBe(0);
    const nowMs = 195_000;
    const again = run(shares.slice(0, 196));
    expect(again.cpu.load(0, nowMs)).toBeCloseTo((busy[195]! - busy[135]!) / 60e9, 10);
    const exact = (busy[last]! - busy[last - 60]!) / 60e9;
    expect(Math.abs(cpu.load(0, last * 1000) - exact)).toBeLessThan(5 / 60 / 2);
  });

  it('is exact once the processor has had nothing to do since, however long that is', () => {
    const { cpu } = run([...Array<number>(33).fill(1), 0]);
    const busyUntilMs = 33_000;
    for (const nowMs of [40_000, 60_000, 80_000, 92_999, 93_000, 500_000]) {
      const fromMs = Math.max(0, nowMs - MINUTE_MS);
      const expected = Math.max(0, busyUntilMs - fromMs) / Math.min(nowMs, MINUTE_MS);
      expect(cpu.load(0, nowMs), String(nowMs)).toBeCloseTo(expected, 2);
    }
  });

  it('is that since the boot in the first minute, and 0 at its instant', () => {
    const { cpu } = run([1, 1, 0]);
    expect(cpu.load(0, 2000)).toBe(1);
    expect(cpu.load(0, 4000)).toBe(0.5);
    expect(new HostCpu(CONFIG, 5000).load(0, 5000)).toBe(0);
  });

  it('is not changed by what is taken back', () => {
    const { cpu } = run(shares);
    const nowMs = 199_500;
    const before = cpu.load(0, nowMs);
    const record = cpu.snapshot();
    cpu.takeLate(0, FULL, nowMs);
    cpu.load(0, nowMs);
    cpu.restore(record);
    expect(cpu.load(0, nowMs)).toBe(before);
  });

  it('asks nothing of what was not looked at: reads change nothing', () => {
    const often = run(shares);
    for (let ms = 0; ms < 1000; ms += 10) often.cpu.load(0, 199_000 + ms);
    expect(often.cpu.load(0, 200_000)).toBe(run(shares).cpu.load(0, 200_000));
  });
});
