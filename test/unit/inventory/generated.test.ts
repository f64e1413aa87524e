import { describe, expect, test } from 'vitest';
import { generateDomains } from '../../../agent/emulation/inventory/generated.ts';

const generate = (guests: number, more: { hostName?: string; hostIndex?: number; seed?: number } = {}) =>
  generateDomains({ hostName: 'host-1', hostIndex: 0, seed: 1, guests, ...more });

describe('made-up guests', () => {
  test('the same arguments give the same guests', () => {
    expect(generate(200)).toEqual(generate(200));
  });

  test('none at all', () => {
    expect(generate(0)).toEqual([]);
  });

  test('a default host is varied: types, loads, sizes and states', () => {
    const domains = generate(12);
    const distinct = (key: 'type' | 'load' | 'memoryKiB' | 'maxVcpus' | 'initialState') =>
      new Set(domains.map((domain) => domain[key])).size;
    expect(distinct('type')).toBe(3);
    expect(distinct('load')).toBe(4);
    expect(distinct('memoryKiB')).toBeGreaterThan(5);
    expect(distinct('maxVcpus')).toBeGreaterThan(3);
    expect(distinct('initialState')).toBe(2);
    expect(domains.filter(({ initialState }) => initialState === 'running').length).toBeGreaterThan(8);
    expect(domains.some(({ autostart }) => autostart)).toBe(true);
    expect(domains.some(({ autostart }) => !autostart)).toBe(true);
  });

  test('names sort as they were numbered', () => {
    const domains = generate(2000);
    const web = domains.map(({ name }) => name).filter((name) => name.startsWith('web-'));
    expect([...web].sort()).toEqual(web);
    expect(web[0]).toBe('web-0001');
  });

  test('100,000 guests have names and UUIDs of their own, and share their devices', () => {
    const domains = generate(100_000);
    expect(new Set(domains.map(({ name }) => name)).size).toBe(100_000);
    expect(new Set(domains.map(({ uuid }) => uuid)).size).toBe(100_000);
    expect(new Set(domains.map(({ nics }) => nics)).size).toBeLessThan(20);
    expect(new Set(domains.map(({ disks }) => disks)).size).toBeLessThan(20);
    expect(new Set(domains.map(({ numaCells }) => numaCells)).size).toBeLessThan(5);
  });

  test('two hosts share no UUID; another seed keeps names and UUIDs and changes states', () => {
    const uuids = (list: ReturnType<typeof generate>) => list.map(({ uuid }) => uuid);
    const first = generate(300);
    const other = new Set(uuids(generate(300, { hostName: 'host-2', hostIndex: 1 })));
    expect(uuids(first).some((uuid) => other.has(uuid))).toBe(false);
    const reseeded = generate(300, { seed: 2 });
    expect(uuids(reseeded)).toEqual(uuids(first));
    expect(reseeded.map(({ initialState }) => initialState)).not.toEqual(
      first.map(({ initialState }) => initialState),
    );
  });

  test('every guest is one that libvirt could define', () => {
    for (const domain of generate(64)) {
      expect(domain.currentMemoryKiB).toBeLessThanOrEqual(domain.memoryKiB);
      expect(domain.vcpus).toBeLessThanOrEqual(domain.maxVcpus);
      expect(domain.vcpus).toBeGreaterThan(0);
      expect(new Set(domain.disks.map(({ target }) => target)).size).toBe(domain.disks.length);
      const cpus = domain.numaCells.flatMap((cell) => cell.cpus);
      if (domain.numaCells.length > 0) {
        expect(cpus).toEqual(Array.from({ length: domain.maxVcpus }, (_, cpu) => cpu));
        expect(domain.numaCells.reduce((sum, cell) => sum + cell.memoryKiB, 0)).toBe(domain.memoryKiB);
      }
    }
  });
});
