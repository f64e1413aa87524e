import { describe, expect, it } from 'vitest';
import { History } from '../../../agent/control/history.ts';
import { Fleet } from '../emulation/fleet.ts';
import { ControlLaboratory } from './laboratory.ts';

describe('the history of a guest', () => {
  it("holds rates that add up to what the guest's counters grew by", () => {
    const fleet = new Fleet();
    const domain = fleet.define('web');
    const history = new History(fleet.hypervisor);
    history.start();
    history.start();
    fleet.act(domain, 'start');
    expect(history.of(domain)).toBeUndefined();
    fleet.pass(600);
    const { series, intervalMs, atMs } = history.of(domain)!;
    expect(intervalMs).toBe(10_000);
    expect(atMs).toBeGreaterThan(590_000);
    expect(series.cpu).toHaveLength(60);
    // The first sample is of the time since the start, the others of an interval each.
    const [first, ...others] = series.cpu;
    const firstMs = atMs - 59 * intervalMs;
    const busyNs =
      (first! * firstMs + others.reduce<number>((sum, share) => sum + share!, 0) * intervalMs) * 1e6;
    expect(busyNs * domain.vcpus).toBeGreaterThan(0.95 * domain.cpuTimeNs);
    expect(busyNs * domain.vcpus).toBeLessThan(1.05 * domain.cpuTimeNs);
    expect(series.memory.at(-1)).toBe(domain.memoryKiB);
    expect(series.used.at(-1)).toBeLessThan(domain.memoryKiB);
  });

  it('has gaps while it is shut off, and no longer than an hour', () => {
    const fleet = new Fleet();
    const domain = fleet.define('web');
    const history = new History(fleet.hypervisor);
    history.start();
    fleet.pass(4000);
    expect(history.of(domain)!.series.cpu).toEqual(new Array(360).fill(null));
    fleet.act(domain, 'start');
    fleet.pass(30);
    const { cpu } = history.of(domain)!.series;
    expect(cpu).toHaveLength(360);
    expect(cpu.slice(-2).every((share) => share !== null)).toBe(true);
    expect(history.trend(domain, 3).at(-1)).toBe(cpu.at(-1));
  });

  it('keeps to its budget: longer intervals for more guests, and none for those that are too many', () => {
    const fleet = new Fleet();
    const domains = ['a', 'b', 'c'].map((name) => fleet.define(name));
    const hourOfOne = (samples: number) => samples * 8 * 4;
    expect(new History(fleet.hypervisor, 3 * hourOfOne(360)).intervalMs).toBe(10_000);
    expect(new History(fleet.hypervisor, 3 * hourOfOne(180)).intervalMs).toBe(20_000);
    const small = new History(fleet.hypervisor, 2 * hourOfOne(6));
    expect(small.intervalMs).toBe(600_000);
    small.start();
    fleet.pass(700);
    expect(domains.filter((domain) => small.of(domain) !== undefined)).toHaveLength(2);
  });

  it('changes nothing: the clock of the simulation counts none of its timers', () => {
    const fleet = new Fleet();
    fleet.define('web');
    const { pending } = fleet.clock;
    new History(fleet.hypervisor).start();
    fleet.pass(100);
    expect(fleet.clock.pending).toBe(pending);
  });

  it('is told with what is inside of a guest, and which faults there are', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web');
    expect((await lab.ask('GET', '/guests/web/details')).status).toBe(409);
    expect(await lab.ask('GET', '/guests/web/history')).toMatchObject({
      status: 200,
      body: { intervalMs: 10_000, series: { cpu: [], write: [] } },
    });
    lab.fleet.act(domain, 'start');
    lab.fleet.pass(60);
    const { body } = await lab.ask('GET', '/guests/web/details');
    const { vcpus, nics, disks, numa, memory } = body as {
      vcpus: { timeNs: number }[];
      nics: { queues: unknown[] }[];
      disks: unknown[];
      numa: { nodesKiB: number[] };
      memory: {
        currentKiB: number;
        programsKiB: number;
        kernelKiB: number;
        cacheKiB: number;
        freeKiB: number;
      };
    };
    expect(vcpus).toHaveLength(domain.config.maxVcpus);
    expect(vcpus[0]!.timeNs).toBe(domain.vcpu(0)!.timeNs);
    expect(nics).toHaveLength(domain.config.nics.length);
    expect(disks).toHaveLength(domain.config.disks.length);
    expect(numa.nodesKiB.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(0);
    const { programsKiB, kernelKiB, cacheKiB, freeKiB } = memory;
    expect(programsKiB + kernelKiB + cacheKiB + freeKiB).toBeCloseTo(memory.currentKiB, 3);
    const rates = (await lab.ask('GET', '/rates')).body as { uuid: string; trend: number[] }[];
    expect(rates.map(({ uuid }) => uuid)).toEqual([domain.uuid]);
    expect(rates[0]!.trend.length).toBeGreaterThan(3);
    const kinds = (await lab.ask('GET', '/fault-kinds')).body as { kind: string; on: string }[];
    expect(kinds).toContainEqual(
      expect.objectContaining({ kind: 'hung-monitor', on: 'guest', parameters: [] }),
    );
  });

  it('comes with what the agents serve, and refuses what is no object identifier', async () => {
    const lab = new ControlLaboratory();
    expect((await lab.ask('GET', '/mib')).body).toMatchObject([{ name: 'sysUpTime' }]);
    expect((await lab.ask('GET', '/hosts/one/snmp?oid=1.3.6.1.2.1.1.3')).body).toEqual({
      reach: '-v2c -c public 127.0.0.1:1161',
      instances: [{ oid: '1.3.6.1.2.1.1.3.0', object: 'sysUpTime', index: '0', row: '', value: '5' }],
    });
    expect((await lab.ask('GET', '/hosts/one/snmp?oid=sysUpTime')).status).toBe(400);
    expect((await lab.ask('GET', '/hosts/three/snmp?oid=1.3')).status).toBe(404);
  });
});
