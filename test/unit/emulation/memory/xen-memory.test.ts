import { describe, expect, it } from 'vitest';
import {
  memMax,
  memSet,
  usableXenKiB,
  XEN_MAX_DOMAIN_GB,
  xenBalloonInfo,
} from '../../../../agent/emulation/memory/xen-memory.ts';
import { GIB, KIB_PER_MIB as M, MemoryLaboratory } from './memory-laboratory.ts';

describe('A3.4 memory of a Xen PV guest', () => {
  it('of 160 GB shows 134217728 KiB with the 128 GB limit, 33554432 KiB with 32 GB', () => {
    expect(usableXenKiB(160 * GIB, XEN_MAX_DOMAIN_GB.rhel6)).toBe(134_217_728);
    expect(usableXenKiB(160 * GIB, XEN_MAX_DOMAIN_GB.upstream)).toBe(33_554_432);
    expect(usableXenKiB(4 * GIB, XEN_MAX_DOMAIN_GB.upstream)).toBe(4 * GIB);
  });

  it('mem-set above maxmem is refused, and so is mem-max below the target', () => {
    const domain = { currentKiB: GIB, targetKiB: GIB, maxmemKiB: 2 * GIB };
    expect(memSet(domain, 2 * GIB).targetKiB).toBe(2 * GIB);
    expect(() => memSet(domain, 2 * GIB + 1)).toThrow(/to maxmem, 2097152 KiB/);
    expect(() => memSet(domain, 0)).toThrow(/it must be from 1 KiB/);
    expect(memMax(domain, GIB).maxmemKiB).toBe(GIB);
    expect(() => memMax(domain, GIB - 1)).toThrow(/not be below the present target, 1048576 KiB/);
  });
});

describe('the balloon of a Xen PV guest', () => {
  it('begins with the memory at start and moves 512 frames for each hypercall', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ backing: 'xen' }, GIB);
    expect(guest.currentKiB).toBe(GIB);
    expect(guest.rssKiB).toBe(GIB);
    guest.setTarget(GIB - 300 * M);
    lab.run(1);
    expect(guest.currentKiB).toBe(GIB - 300 * M);
    expect(guest.events.inflateRequests).toBe(150);
    expect(guest.rssKiB).toBe(GIB);
    lab.run(1);
    expect(guest.rssKiB).toBe(GIB - 300 * M);
    expect(lab.lost).toBe(0);
    expect(xenBalloonInfo(2 * GIB, guest.currentKiB, GIB - 300 * M)).toEqual({
      currentKiB: GIB - 300 * M,
      targetKiB: GIB - 300 * M,
      lowKiB: GIB + 300 * M,
      highKiB: 0,
    });
  });

  it('gets back only what the hypervisor has', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [4 * GIB], hostUseKiB: GIB });
    const guest = lab.start({ backing: 'xen' }, GIB);
    const other = lab.start({ backing: 'xen' }, 1536 * M);
    guest.setTarget(2 * GIB);
    lab.run(5);
    expect(guest.currentKiB).toBe(1536 * M);
    expect(lab.host.pages.free).toBe(0);
    other.setTarget(GIB);
    lab.run(5);
    expect(guest.currentKiB).toBe(2 * GIB);
    expect(lab.lost).toBe(0);
  });

  it('does not start when the hypervisor has not all of its memory', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [2 * GIB], hostUseKiB: GIB });
    const { free } = lab.host.pages;
    expect(() => lab.start({ backing: 'xen' })).toThrow(/needs 2097152 KiB at start, more than host nodes 0/);
    expect(lab.host.pages.free).toBe(free);
  });
});
