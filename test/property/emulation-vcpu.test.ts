import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrangePools } from '../../agent/emulation/vcpu/affinity.ts';
import { fairLevel, grantAt } from '../../agent/emulation/vcpu/fair-share.ts';
import { PcpuRates } from '../../agent/emulation/vcpu/pcpu-rates.ts';
import { FULL, type KernelProfile, type PauseHardware } from '../../agent/emulation/vcpu/vcpu-config.ts';
import {
  readBlocked,
  readExits,
  readGuestTime,
  readOffline,
  readPollFail,
  readSteal,
  readVcpu,
  VCPU_FIELDS,
  type VcpuField,
} from '../../agent/emulation/vcpu/vcpu-read.ts';
import { planCredit } from '../../agent/emulation/xen/credit.ts';
import { runs } from '../support/runs.ts';
import {
  type GuestOptions,
  hostConfig,
  NS_PER_MS,
  type SmallGuest,
  SmallHost,
} from '../unit/emulation/vcpu/small-host.ts';

const PCPUS = 6;

const arbMask = fc.uniqueArray(fc.nat(PCPUS - 1), { minLength: 1, maxLength: PCPUS });

const arbGuest: fc.Arbitrary<GuestOptions> = fc
  .record({
    vcpus: fc.integer({ min: 1, max: 5 }),
    utilisation: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    shares: fc.integer({ min: 2, max: 262_144 }),
    quotaUs: fc.oneof(fc.constant(-1), fc.integer({ min: 1000, max: 200_000 })),
    vcpupin: fc.array(fc.option(arbMask, { nil: undefined }), { maxLength: 5 }),
    emulatorpin: fc.option(arbMask, { nil: undefined }),
    lockShare: fc.constantFrom(0, 0.01, 0.3, 1),
    wakeupsPerSecond: fc.constantFrom(0, 3, 1000, 50_000),
    imbalance: fc.constantFrom(0, 1),
    emulator: fc.constantFrom(0, 77_777, 2_500_000),
    plugged: fc.integer({ min: 0, max: 5 }),
    interrupts: fc.nat(10_000),
    xen: fc.boolean(),
    cap: fc.nat(400),
  })
  .map(({ shares, quotaUs, vcpupin, emulatorpin, xen, cap, ...rest }) => ({
    vcpus: rest.vcpus,
    utilisation: rest.utilisation,
    tuning: { shares, quotaUs, vcpupin, ...(emulatorpin === undefined ? {} : { emulatorpin }) },
    work: {
      lockShare: rest.lockShare,
      wakeupsPerSecond: rest.wakeupsPerSecond,
      imbalance: rest.imbalance,
    },
    input: {
      emulator: rest.emulator,
      onlineVcpus: Math.min(rest.plugged, rest.vcpus),
      interrupts: rest.interrupts,
      ioExits: rest.interrupts,
      slowdown: 1.3,
    },
    ...(xen ? { plan: (host, vcpus) => planCredit(host, { weight: 256, cap }, vcpus) } : {}),
  }));

interface Step {
  readonly spanMs: number;
  readonly guest: number;
  readonly pauseAt: number;
  readonly resumeAt: number;
}

const arbStep: fc.Arbitrary<Step> = fc.record({
  spanMs: fc.integer({ min: 1, max: 1500 }),
  guest: fc.nat(7),
  pauseAt: fc.double({ min: 0, max: 1, noNaN: true }),
  resumeAt: fc.double({ min: 0, max: 1, noNaN: true }),
});

const arbHost = fc
  .record({
    profile: fc.constantFrom<KernelProfile>('rhel6', 'modern'),
    hardware: fc.constantFrom<PauseHardware>('ple', 'pause-filter', 'none'),
    guests: fc.array(arbGuest, { minLength: 1, maxLength: 7 }),
  })
  .map(({ profile, hardware, guests }) => () => {
    const host = new SmallHost(hostConfig(PCPUS, profile, { hardware }));
    for (const guest of guests) host.add(guest);
    return host;
  });

function check(host: SmallHost, guest: SmallGuest): void {
  const { machine, places, createdMs } = guest;
  places.vcpus.forEach((_, vcpu) => {
    const read = (field: VcpuField) => readVcpu(machine, places, vcpu, field, host.nowMs);
    const times = [
      read('running'),
      readSteal(machine, places, vcpu, host.nowMs),
      readBlocked(machine, places, vcpu, host.nowMs),
      readOffline(machine, places, vcpu, host.nowMs),
    ];
    expect(times.every((ns) => Number.isSafeInteger(ns) && ns >= 0)).toBe(true);
    expect(times.reduce((sum, ns) => sum + ns)).toBe((host.nowMs - createdMs) * NS_PER_MS);
    expect(read('spin') + read('work')).toBeLessThanOrEqual(read('running'));
    expect(read('throttled')).toBeLessThanOrEqual(times[1]!);
    expect(read('throttledPeriods')).toBeLessThanOrEqual(read('periods'));
    expect(read('pauseYieldsSuccessful')).toBeLessThanOrEqual(read('pauseYieldsAttempted'));
    expect(read('pauseYieldsAttempted')).toBeLessThanOrEqual(read('pauseExits'));
    expect(read('haltSuccessfulPoll')).toBeLessThanOrEqual(read('haltAttemptedPoll'));
    expect(read('haltAttemptedPoll')).toBeLessThanOrEqual(read('haltExits'));
    expect(readPollFail(machine, places, vcpu, host.nowMs)).toBeGreaterThanOrEqual(0);
    const { total, ...classes } = readExits(machine, places, vcpu, host.nowMs);
    expect(Object.values(classes).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(total);
  });
}

function busyOf(host: SmallHost): number[] {
  return Array.from({ length: PCPUS }, (_, pcpu) => host.cpu.busyNs(pcpu, host.nowMs));
}

/** Everything that only grows. */
function counters(host: SmallHost): number[] {
  return host.guests
    .flatMap(({ machine, places }) =>
      places.vcpus.flatMap((_, vcpu) => [
        ...Object.keys(VCPU_FIELDS).map((field) =>
          readVcpu(machine, places, vcpu, field as VcpuField, host.nowMs),
        ),
        readSteal(machine, places, vcpu, host.nowMs),
        readBlocked(machine, places, vcpu, host.nowMs),
        readOffline(machine, places, vcpu, host.nowMs),
        readExits(machine, places, vcpu, host.nowMs).total,
      ]),
    )
    .concat(busyOf(host));
}

describe('vCPUs on a host', () => {
  it('G1, G2, G4: all time is accounted for, to the ns, at each ms, whatever runs, pauses or is pinned', () => {
    fc.assert(
      fc.property(arbHost, fc.array(arbStep, { minLength: 1, maxLength: 6 }), (makeHost, steps) => {
        const host = makeHost();
        let before = counters(host);
        for (const { spanMs, guest: index, pauseAt, resumeAt } of steps) {
          host.begin(spanMs);
          const started = host.nowMs;
          const guest = host.guests[index];
          const moments = [pauseAt, resumeAt, 1]
            .map((share) => started + Math.floor(share * spanMs))
            .sort((a, b) => a - b);
          moments.forEach((moment, i) => {
            host.nowMs = moment;
            if (guest && i === 0 && guest.running) host.pause(guest);
            else if (guest && i === 1 && !guest.running) host.resume(guest);
            for (const each of host.guests) check(host, each);
            const after = counters(host);
            expect(after.findIndex((value, at) => value < before[at]!)).toBe(-1);
            before = after;
            expect(Math.max(...busyOf(host))).toBeLessThanOrEqual(host.nowMs * NS_PER_MS);
          });
        }
      }),
    );
  });

  it('G2: what runs on the pCPUs is what the guests ran, polling and emulators included', () => {
    fc.assert(
      fc.property(
        arbHost,
        fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 5 }),
        (makeHost, spans) => {
          const host = makeHost();
          for (const spanMs of spans) host.play(1, spanMs);
          const ran = host.guests.reduce(
            (sum, { machine, places }) => sum + readGuestTime(machine, places, host.nowMs),
            0,
          );
          expect(busyOf(host).reduce((sum, ns) => sum + ns)).toBe(ran);
        },
      ),
    );
  });

  it('G5: gives every guest the same in whatever order they are looked at', () => {
    fc.assert(
      fc.property(arbHost, fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (makeHost, ranks) => {
        const one = makeHost();
        const other = makeHost();
        const order = [...other.guests].sort(
          (a, b) => ranks[other.guests.indexOf(a)]! - ranks[other.guests.indexOf(b)]!,
        );
        for (let tick = 0; tick < 3; tick++) {
          one.begin(1000);
          other.begin(1000, order);
          one.nowMs += 1000;
          other.nowMs += 1000;
        }
        expect(counters(other)).toEqual(counters(one));
      }),
    );
  });

  it('G6: a tick cut into equal parts changes times and work by less than 2 %', () => {
    const totals = (makeHost: () => SmallHost, ticks: number): number[] => {
      const host = makeHost();
      // Chance per tick is not what is asked for here.
      for (const { work, input } of host.guests) {
        Object.assign(work, { imbalance: 0 });
        Object.assign(input, { interrupts: 0, ioExits: 0 });
      }
      host.play(ticks, 24_000 / ticks);
      return (['running', 'work', 'throttled', 'spin'] as const).map((field) =>
        host.guests.reduce((sum, guest) => sum + guest.sum(field, host.nowMs), 0),
      );
    };
    fc.assert(
      fc.property(arbHost, fc.constantFrom(2, 5, 10), (makeHost, parts) => {
        const whole = totals(makeHost, 24);
        const cut = totals(makeHost, 24 * parts);
        cut.forEach((total, i) => {
          expect(Math.abs(total - whole[i]!)).toBeLessThanOrEqual(0.02 * whole[0]!);
        });
      }),
      { numRuns: runs(25) },
    );
  });

  it('a copy of the host brings everything back that late starts and stops changed', () => {
    fc.assert(
      fc.property(arbHost, fc.nat(999), (makeHost, ms) => {
        const host = makeHost();
        host.play(2);
        host.begin(1000);
        host.nowMs += ms;
        const record = host.cpu.snapshot();
        const before = busyOf(host);
        for (const guest of host.guests) host.pause(guest);
        expect(busyOf(host)).toEqual(before);
        host.nowMs += 1;
        host.cpu.restore(record);
        host.nowMs -= 1;
        expect(busyOf(host)).toEqual(before);
        expect(host.cpu.snapshot()).toEqual(record);
      }),
    );
  });
});

describe('sharing', () => {
  const arbClaims = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 64 * FULL }), fc.integer({ min: 1, max: 262_144 })),
    { minLength: 1, maxLength: 40 },
  );

  it('is weighted max-min fair: uses all there is, and only the satisfied get less than their weight says', () => {
    fc.assert(
      fc.property(arbClaims, fc.integer({ min: 1, max: 64 * FULL }), (claims, capacity) => {
        const level = fairLevel(Float64Array.from(claims.flat()), claims.length, capacity);
        const grants = claims.map(([demand, weight]) => grantAt(level, demand, weight));
        const demand = claims.reduce((sum, claim) => sum + claim[0], 0);
        const total = grants.reduce((sum, grant) => sum + grant, 0);
        expect(total).toBeLessThanOrEqual(capacity);
        expect(total).toBeGreaterThan(Math.min(capacity, demand) - claims.length - 1);
        if (demand <= capacity) expect(total).toBe(demand);
        grants.forEach((grant, i) => {
          const [wanted, weight] = claims[i]!;
          if (grant < wanted) expect(Math.abs(grant - level * weight)).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('arranges any masks as disjoint or nested sets whose pieces make up each mask', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(9), { minLength: 1 }), { maxLength: 8 }), (masks) => {
        const { nodes, pieces } = arrangePools(masks, 10);
        expect(nodes.at(-1)!.cpus).toHaveLength(10);
        nodes.forEach(({ cpus, parent }, i) => {
          for (const other of nodes.slice(i + 1)) {
            const common = cpus.filter((cpu) => other.cpus.includes(cpu)).length;
            expect([0, cpus.length]).toContain(common);
          }
          if (i < nodes.length - 1) expect(parent).toBeGreaterThan(i);
        });
        masks.forEach((mask, i) => {
          const union = pieces[i]!.flatMap(({ node }) => nodes[node]!.cpus);
          expect([...union].sort()).toEqual([...mask].sort());
          expect(pieces[i]!.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        });
      }),
    );
  });

  it('places loads on the least used pCPUs, and takes them off again, to the ns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(arbMask, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 10 }),
        (loads) => {
          const rates = new PcpuRates(PCPUS);
          let placed = 0;
          for (const [cpus, share] of loads) {
            const rate = Math.floor(rates.idle(cpus) * share);
            const before = cpus.map((cpu) => rates.busy(cpu));
            rates.place(cpus, rate);
            placed += rate;
            const raised = cpus
              .filter((cpu, i) => rates.busy(cpu) > before[i]!)
              .map((cpu) => rates.busy(cpu));
            const least = Math.min(...cpus.map((cpu) => rates.busy(cpu)));
            if (raised.length > 0) expect(Math.max(...raised) - least).toBeLessThanOrEqual(raised.length);
          }
          const all = Array.from({ length: PCPUS }, (_, cpu) => cpu);
          expect(rates.idle(all)).toBe(PCPUS * FULL - placed);
          expect(rates.remove(all, placed + 5)).toBe(5);
          expect(rates.idle(all)).toBe(PCPUS * FULL);
        },
      ),
    );
  });
});
