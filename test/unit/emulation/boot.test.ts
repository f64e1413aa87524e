import { describe, expect, it } from 'vitest';
import { bootStatus } from '../../../agent/emulation/console/boot.ts';
import { consoleAt } from '../../../agent/emulation/console/console.ts';
import type { BootStage } from '../../../agent/emulation/console/console-config.ts';
import { readContainer } from '../../../agent/emulation/container/container-read.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { Fleet, nameOfEvent, stateOf } from './fleet.ts';

const STEP_MS = 20;

function stageOf(domain: Domain): BootStage | undefined {
  return bootStatus(consoleAt(domain.devices!.console!, domain.guestMs).boot, domain.guestMs).stage;
}

/** How long a guest that has just been started is in each stage, in ms. */
function stageTimes(fleet: Fleet, domain: Domain): Map<BootStage, number> {
  const times = new Map<BootStage, number>();
  for (let stage = stageOf(domain); stage; stage = stageOf(domain)) {
    times.set(stage, (times.get(stage) ?? 0) + STEP_MS);
    fleet.pass(STEP_MS / 1000);
  }
  return times;
}

/** Stages of a guest with one vCPU, of which it may use a share. */
function booted(share: number, changes: Partial<DomainConfig> = {}): Map<BootStage, number> {
  const fleet = new Fleet();
  const quotaUs = Math.round(share * 100_000);
  const domain = fleet.define('guest', { vcpus: 1, cputune: { periodUs: 100_000, quotaUs }, ...changes });
  fleet.act(domain, 'start');
  const times = stageTimes(fleet, domain);
  expect(domain.isBooting).toBe(false);
  return times;
}

const sum = (times: Map<BootStage, number>): number =>
  [...times.values()].reduce((all, each) => all + each, 0);

describe('A7.3 a boot', () => {
  it('takes twice as long with half of the processor, where it waits for it, and not in countdowns', () => {
    const whole = booted(0.4);
    const half = booted(0.2);
    for (const [stage, ms] of whole) {
      const ratio = half.get(stage)! / ms;
      if (stage === 'loader') expect(Math.abs(half.get(stage)! - ms)).toBeLessThanOrEqual(STEP_MS);
      // Stages of less than a tick are as fast as that tick's own load lets them be.
      else if (ms >= 2000) expect(ratio, stage).toBeGreaterThan(1.9);
      if (ms >= 2000) expect(ratio, stage).toBeLessThan(2.1);
    }
    expect(whole.get('loader')).toBeGreaterThan(4900);
    expect(sum(half) - half.get('loader')!).toBeGreaterThan(1.9 * (sum(whole) - whole.get('loader')!));
  });

  it('slows down on a host whose other guests want all of it', () => {
    const fleet = new Fleet();
    const usual = hostDefaults('modern');
    const cpu = { ...usual.cpu, sockets: 1, cores: 1, threads: 1, nodes: 1 };
    const memory = { ...usual.memory, nodesKiB: [64 * 2 ** 20] };
    const time = (rivals: number): number => {
      const host = fleet.hypervisor.addHost(`with ${rivals}`, { ...usual, cpu, memory, grows: false });
      const define = (name: string): Domain => {
        const { uuid, ...config } = fleet.define(`${name} ${rivals}`, { vcpus: 1, maxVcpus: 1 }).config;
        fleet.hypervisor.apply({ op: 'define', host, config: { ...config, uuid } });
        return host.domains.byUuid(uuid)!;
      };
      for (let i = 0; i < rivals; i++) {
        const rival = define(`rival ${i}`);
        fleet.act(rival, 'start');
        fleet.hypervisor.apply({
          op: 'device',
          domain: rival,
          action: { kind: 'boot-hang', stage: 'init', share: 0 },
        });
      }
      // Guests that hang in their boot go on to want the processor.
      fleet.pass(60);
      const guest = define('guest');
      fleet.act(guest, 'start');
      const began = fleet.clock.nowMs;
      while (guest.isBooting) fleet.pass(0.1);
      fleet.clock.advanceTo(Math.ceil(fleet.clock.nowMs / 1000) * 1000);
      return fleet.clock.nowMs - began;
    };
    const alone = time(0);
    expect(time(3)).toBeGreaterThan(2 * alone);
  });

  it('of a container follows its quota', () => {
    const time = (quotaUs: number): number => {
      const fleet = new Fleet();
      const domain = fleet.define('guest', {
        type: 'lxc',
        vcpus: 1,
        container: { limits: { cpu: { quotaUs, periodUs: 100_000 } } },
      });
      fleet.act(domain, 'start');
      while (domain.isBooting) fleet.pass(0.01);
      expect(
        readContainer(domain.process!.machine, domain.process!.container!.place, 'cpu.usage', domain.nowMs),
      ).toBeGreaterThan(0);
      return fleet.clock.nowMs;
    };
    expect(time(20_000) / time(40_000)).toBeCloseTo(2, 0);
  });

  it('of a guest without a console takes as long as that of one with it', () => {
    const time = (devices: DomainConfig['devices']): number => {
      const fleet = new Fleet();
      const domain = fleet.define('guest', {
        vcpus: 1,
        cputune: { quotaUs: 30_000 },
        ...(devices ? { devices } : {}),
      });
      fleet.act(domain, 'start');
      while (domain.isBooting) fleet.pass(0.01);
      return fleet.clock.nowMs;
    };
    expect(time({ console: false })).toBe(time(undefined));
  });

  it('goes on at another pace once the quota is lifted', () => {
    const time = (lift: boolean): number => {
      const fleet = new Fleet();
      const domain = fleet.define('guest', { vcpus: 1, cputune: { quotaUs: 10_000 } });
      fleet.act(domain, 'start');
      fleet.pass(8);
      if (lift) fleet.hypervisor.apply({ op: 'tune', domain, cpu: { quotaUs: -1 } });
      while (domain.isBooting) fleet.pass(0.1);
      return fleet.clock.nowMs;
    };
    const slow = time(false);
    expect(slow).toBeGreaterThan(30_000);
    expect(time(true)).toBeLessThan(slow - 15_000);
  });

  it('stands still while the guest is paused, and goes on where it was', () => {
    const run = (pause: boolean): number => {
      const fleet = new Fleet();
      const domain = fleet.define('guest', { vcpus: 1, cputune: { quotaUs: 30_000 } });
      fleet.act(domain, 'start');
      fleet.pass(12);
      if (pause) {
        fleet.act(domain, 'suspend');
        fleet.pass(600);
        expect(domain.isBooting).toBe(true);
        fleet.act(domain, 'resume');
      }
      while (domain.isBooting) fleet.pass(0.05);
      return domain.guestMs;
    };
    expect(Math.abs(run(true) - run(false))).toBeLessThan(2000);
  });

  it('is waited for, however long it takes, by a guest that is asked to shut down', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { vcpus: 1, cputune: { quotaUs: 50_000 } });
    fleet.act(domain, 'start');
    fleet.act(domain, 'shutdown');
    fleet.pass(3);
    fleet.hypervisor.apply({ op: 'tune', domain, cpu: { quotaUs: 5000 } });
    fleet.pass(60);
    expect(stateOf(domain)).toBe('SHUTDOWN/USER');
    expect(domain.isBooting).toBe(true);
    while (domain.isBooting) fleet.pass(0.1);
    const upMs = fleet.clock.nowMs;
    fleet.pass(12);
    expect(fleet.events.map(nameOfEvent)).toEqual([
      'STARTED/BOOTED',
      'TUNABLE',
      'SHUTDOWN/GUEST',
      'STOPPED/SHUTDOWN',
    ]);
    // What the shutdown itself takes begins when the guest is up.
    expect(fleet.events[2]!.atMs).toBeGreaterThanOrEqual(upMs - 100 + 3000);
  });

  it('is as it was after a rollback', () => {
    const run = (rolledBack: boolean): string => {
      const fleet = new Fleet();
      const domain = fleet.define('guest', { vcpus: 1, cputune: { quotaUs: 40_000 } });
      fleet.act(domain, 'start');
      fleet.pass(7.3);
      if (rolledBack) {
        const transaction = fleet.hypervisor.transaction();
        transaction.apply({ op: 'tune', domain, cpu: { quotaUs: 5000 } });
        transaction.apply({ op: 'act', domain, action: 'suspend' });
        transaction.apply({ op: 'act', domain, action: 'reset' });
        transaction.rollback();
      }
      while (domain.isBooting) fleet.pass(0.001);
      return `${fleet.clock.nowMs} ${domain.cpuTimeNs} ${consoleAt(domain.devices!.console!, domain.guestMs).log.text}`;
    };
    expect(run(true)).toBe(run(false));
  });
});
