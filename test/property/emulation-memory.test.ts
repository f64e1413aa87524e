import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCounter } from '../../agent/emulation/machine/machine.ts';
import type { GuestMemoryOptions } from '../../agent/emulation/memory/compile-guest.ts';
import { COUNTER } from '../../agent/emulation/memory/guest-memory-layout.ts';
import { NUMA_MODES } from '../../agent/emulation/numa/numa-config.ts';
import type { NumaCounters } from '../../agent/emulation/numa/numa-nodes.ts';
import { runs } from '../support/runs.ts';
import {
  GIB,
  type LabGuest,
  KIB_PER_MIB as M,
  MemoryLaboratory,
} from '../unit/emulation/memory/memory-laboratory.ts';

const NODES = 3;

const arbNodeset = fc.subarray([0, 1, 2], { minLength: 1 });

const arbOptions: fc.Arbitrary<GuestMemoryOptions> = fc.record(
  {
    maximumKiB: fc.integer({ min: 64, max: 3000 }).map((mib) => mib * M),
    hostProfile: fc.constant('modern' as const),
    guestProfile: fc.constantFrom('rhel6' as const, 'modern' as const),
    backing: fc.constantFrom('anonymous' as const, 'anonymous', 'anonymous', 'locked', 'hugepages', 'xen'),
    autodeflate: fc.boolean(),
    freePageReporting: fc.boolean(),
    balloonDriver: fc.constantFrom(true, true, false),
    statsPeriodSeconds: fc.nat(3),
    guestSwapKiB: fc.integer({ min: 0, max: GIB }),
    guestHugePages: fc.constantFrom(0, 0, 8, 4000),
    panicOnOom: fc.boolean(),
    ksm: fc.constantFrom({ content: 'a', share: 0.4 }, { content: 'b', share: 0.2 }),
    numatune: fc.record({
      mode: fc.constantFrom(...NUMA_MODES),
      nodeset: arbNodeset,
      memnodes: fc.constant([]),
    }),
    cpuNodes: arbNodeset,
  },
  { requiredKeys: ['maximumKiB', 'hostProfile', 'guestProfile'] },
);

interface Move {
  readonly guest: number;
  readonly what: 'work' | 'target' | 'pause' | 'end' | 'start';
  readonly share: number;
  readonly files: number;
  readonly activity: number;
  /** How much of the tick passes before its move, 0 to 1. */
  readonly at: number;
  readonly spanMs: number;
}

const arbShare = fc.double({ min: 0, max: 1, noNaN: true });

const arbMove: fc.Arbitrary<Move> = fc.record({
  guest: fc.nat(3),
  what: fc.constantFrom('work' as const, 'work', 'work', 'target', 'target', 'pause', 'end', 'start'),
  share: fc.double({ min: 0, max: 1.4, noNaN: true }),
  files: fc.nat(100_000),
  activity: fc.double({ min: 0, max: 4, noNaN: true }),
  at: arbShare,
  spanMs: fc.constantFrom(100, 250, 1000, 1000, 1000, 5000),
});

const arbTopology = fc.record({
  nodesKiB: fc.array(
    fc.integer({ min: 800, max: 4000 }).map((mib) => mib * M),
    { minLength: NODES, maxLength: NODES },
  ),
  hostUseKiB: fc.integer({ min: 0, max: 300 }).map((mib) => mib * M),
  swapKiB: fc.constantFrom(0, 100 * M, 4 * GIB),
  reserveShare: fc.constantFrom(0, 0.01),
  hugePages: fc.constantFrom([], [{ sizeKiB: 2048, perNode: [100, 200, 50] }]),
});

/** A command script over a random host. */
const arbScript = fc.record({
  topology: arbTopology,
  guests: fc.array(arbOptions, { minLength: 1, maxLength: 4 }),
  moves: fc.array(arbMove, { maxLength: 25 }),
  ksm: fc.constantFrom(0 as const, 1 as const),
});

function tryStart(lab: MemoryLaboratory, options: GuestMemoryOptions): void {
  try {
    lab.start(options, Math.floor(options.maximumKiB * 0.8));
  } catch (refused) {
    expect(String(refused)).toMatch(/cannot allocate (memory|huge pages)/);
  }
}

function make(lab: MemoryLaboratory, move: Move, options: readonly GuestMemoryOptions[]): void {
  if (move.what === 'start') {
    tryStart(lab, options[move.guest % options.length]!);
    return;
  }
  const guest = lab.guests[move.guest];
  if (guest === undefined) return;
  const maximumKiB = 4 * guest.memory.maximumPages;
  if (move.what === 'work') {
    guest.work.anonKiB = move.share * maximumKiB;
    guest.work.filePages = move.files;
    guest.work.activity = move.activity;
  } else if (move.what === 'target')
    guest.setTarget(Math.max(1, Math.floor(Math.min(1, move.share) * maximumKiB)));
  else if (move.what === 'end') guest.end();
  else if (guest.running) guest.pause();
  else guest.running = true;
}

function countersOf({ machine, part }: LabGuest, nowMs: number): number[] {
  return Object.values(COUNTER).map((counter) => readCounter(machine, part.counters + counter, nowMs));
}

function checkGuest(guest: LabGuest): void {
  const { kernel, processes, cache, free, total, swapped } = guest.pages;
  const { maximumPages, swapPages } = guest.memory;
  expect(kernel + processes + cache + free).toBe(total);
  expect(total).toBe(maximumPages - guest.actual);
  expect(guest.currentKiB).toBe(4 * total);
  for (const value of [processes, cache, free, swapped, guest.actual, total, ...guest.onNodes]) {
    expect(Number.isInteger(value)).toBe(true);
    expect(value).toBeGreaterThanOrEqual(0);
  }
  expect(swapped).toBeLessThanOrEqual(swapPages);
  const { events } = guest;
  expect(events.hostSwappedPages).toBeGreaterThanOrEqual(0);
  const held = guest.onNodes.reduce((sum, pages) => sum + pages, 0);
  const own = guest.memory.backing === 'hugepages' ? guest.memory.emulatorPages : held;
  expect(guest.rssKiB).toBe(4 * (own + events.mergedPages));
  if (guest.memory.backing === 'anonymous')
    expect(held + events.mergedPages + events.hostSwappedPages).toBeLessThanOrEqual(
      guest.memory.emulatorPages + maximumPages,
    );
}

function checkHost(lab: MemoryLaboratory): void {
  expect(lab.lost).toBe(0);
  const { swapTotal, swapFree } = lab.host.pages;
  const swapped = lab.guests.reduce((sum, guest) => sum + guest.events.hostSwappedPages, 0);
  expect(swapTotal - swapFree).toBe(swapped);
  for (const free of lab.host.nodes.free) expect(free).toBeGreaterThanOrEqual(0);
  const counters = Array.from({ length: NODES }, (_, node) => lab.host.nodes.counters(node));
  const sum = (name: keyof NumaCounters) => counters.reduce((total, one) => total + one[name], 0);
  expect(sum('numaMiss')).toBe(sum('numaForeign'));
  for (const one of counters) {
    expect(one.numaHit + one.numaMiss).toBe(one.localNode + one.otherNode);
    expect(one.interleaveHit).toBeLessThanOrEqual(one.numaHit);
  }
}

describe('memory of a host and its guests', () => {
  it('is never lost, made or overdrawn, whatever happens in whatever tick', () => {
    fc.assert(
      fc.property(arbScript, ({ topology, guests, moves, ksm }) => {
        const lab = new MemoryLaboratory(topology, { run: ksm, pagesToScan: 5000, breakShare: 0.05 });
        for (const options of guests) tryStart(lab, options);
        const last = new Map<LabGuest, number[]>();
        for (const move of moves) {
          lab.plan(move.spanMs);
          const begun = lab.nowMs;
          for (const at of [0, move.at / 2, move.at]) {
            lab.nowMs = begun + move.spanMs * at;
            for (const guest of lab.guests) {
              checkGuest(guest);
              const now = countersOf(guest, lab.nowMs);
              last.get(guest)?.forEach((value, i) => {
                expect(now[i]).toBeGreaterThanOrEqual(value);
              });
              last.set(guest, now);
            }
          }
          checkHost(lab);
          make(lab, move, guests);
          for (const guest of lab.guests) checkGuest(guest);
          checkHost(lab);
        }
        while (lab.guests.length > 0) lab.guests[0]!.end();
        lab.run(1);
        checkHost(lab);
      }),
    );
  });

  it('G5 the same script gives the same course', () => {
    fc.assert(
      fc.property(arbScript, ({ topology, guests, moves, ksm }) => {
        const course = () => {
          const lab = new MemoryLaboratory(topology, { run: ksm });
          for (const options of guests) tryStart(lab, options);
          for (const move of moves) {
            lab.run(1, move.spanMs);
            make(lab, move, guests);
          }
          return JSON.stringify([lab.host.snapshot(), lab.guests.map(({ machine }) => [...machine.numbers])]);
        };
        expect(course()).toBe(course());
      }),
      { numRuns: runs(10) },
    );
  });

  /** How long totals are compared. */
  const SECONDS = 200;

  /** A longer tick sees a shortage later, which counts most where a page is read again and again. */
  const MAJOR_FAULTS = 2;

  it('G6 does not depend on the length of a tick by more than 2 %, major faults 5 %, and a page a second', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.6, max: 1.3, noNaN: true }),
        fc.double({ min: 0.02, max: 2, noNaN: true }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        (anonShare, activity, currentShare) => {
          const totals = [100, 250, 500, 1000].map((spanMs) => {
            const lab = new MemoryLaboratory();
            const guest = lab.start({ guestSwapKiB: 2 * GIB, statsPeriodSeconds: 1 }, GIB * 2 * currentShare);
            guest.work.anonKiB = 2 * GIB * anonShare;
            guest.work.activity = activity;
            guest.work.filePages = 2000;
            // What the guest is short of at first moves a tick later, so the beginning is left out.
            lab.run(120_000 / spanMs, spanMs);
            const before = countersOf(guest, lab.nowMs);
            lab.run((SECONDS * 1000) / spanMs, spanMs);
            const { events, pages } = guest;
            return [
              ...countersOf(guest, lab.nowMs)
                .slice(0, 4)
                .map((value, i) => value - before[i]!),
              events.inflateRequests,
              pages.processes,
              guest.rssKiB / 4,
              pages.total,
            ];
          });
          const whole = totals.at(-1)!;
          for (const total of totals) {
            total.forEach((value, i) => {
              const tolerance = (i === MAJOR_FAULTS ? 0.05 : 0.02) * whole[i]! + SECONDS;
              expect(
                Math.abs(value - whole[i]!),
                `total ${i}: ${totals.map((one) => one[i])}`,
              ).toBeLessThanOrEqual(tolerance);
            });
          }
        },
      ),
      { numRuns: runs(10) },
    );
  });
});
