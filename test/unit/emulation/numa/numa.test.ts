import { describe, expect, it } from 'vitest';
import { memorySlowdown } from '../../../../agent/emulation/memory/guest-read.ts';
import {
  NUMA_DEFAULTS,
  type NumaMode,
  type NumatuneConfig,
} from '../../../../agent/emulation/numa/numa-config.ts';
import type { NumaCounters } from '../../../../agent/emulation/numa/numa-nodes.ts';
import { changeNumatune } from '../../../../agent/emulation/numa/numatune-change.ts';
import { compilePlacement, dealt } from '../../../../agent/emulation/numa/placement.ts';
import { remoteShare, slowdown } from '../../../../agent/emulation/numa/slowdown.ts';
import { GIB, type LabGuest, KIB_PER_MIB as M, MemoryLaboratory } from '../memory/memory-laboratory.ts';

function tune(mode: NumaMode, ...nodeset: number[]): NumatuneConfig {
  return { mode, nodeset, memnodes: [] };
}

/** Two nodes with 3.5 GiB for guests each. */
function twoNodes(swapKiB = 0): MemoryLaboratory {
  return new MemoryLaboratory({ nodesKiB: [4 * GIB, 4 * GIB], swapKiB });
}

function counters(lab: MemoryLaboratory): NumaCounters[] {
  return Array.from({ length: lab.host.nodes.count }, (_, node) => lab.host.nodes.counters(node));
}

function inUse(guest: LabGuest): number {
  const { kernel, processes, cache } = guest.pages;
  return guest.memory.emulatorPages + kernel + processes + cache;
}

const NOTHING: NumaCounters = {
  numaHit: 0,
  numaMiss: 0,
  numaForeign: 0,
  interleaveHit: 0,
  localNode: 0,
  otherNode: 0,
};

describe('A4.1 the counters of the nodes', () => {
  it('fit together in every tick of a crowded host', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [3 * GIB, 2 * GIB, 2 * GIB], swapKiB: GIB });
    lab.start({ numatune: tune('preferred', 1), cpuNodes: [0, 2] });
    lab.start({ numatune: tune('interleave', 0, 1, 2), cpuNodes: [1] });
    lab.start({ numatune: tune('strict', 1, 2) });
    lab.start({ cpuNodes: [2] });
    for (const guest of lab.guests) guest.work.anonKiB = 1800 * M;
    for (let tick = 0; tick < 20; tick++) {
      lab.run(1);
      const all = counters(lab);
      const sum = (name: keyof NumaCounters) => all.reduce((total, one) => total + one[name], 0);
      expect(sum('numaMiss')).toBe(sum('numaForeign'));
      for (const one of all) {
        expect(one.numaHit + one.numaMiss).toBe(one.localNode + one.otherNode);
        expect(one.interleaveHit).toBeLessThanOrEqual(one.numaHit);
      }
    }
    expect(counters(lab)[1]!.numaForeign).toBeGreaterThan(0);
    expect(lab.lost).toBe(0);
  });
});

describe('A4.2 a policy whose node fills', () => {
  it('strict with room: only its own node is hit', () => {
    const lab = twoNodes();
    const guest = lab.start({ numatune: tune('strict', 1), cpuNodes: [1] });
    guest.work.anonKiB = GIB;
    lab.run(5);
    const [zero, one] = counters(lab);
    expect(zero).toEqual(NOTHING);
    const pages = inUse(guest);
    expect(one).toEqual({ ...NOTHING, numaHit: pages, localNode: pages });
    expect(guest.onNodes).toEqual([0, pages]);
  });

  it('strict without room to start is refused', () => {
    const lab = twoNodes();
    lab.start({ numatune: tune('strict', 1), maximumKiB: 3400 * M, backing: 'locked' });
    const before = lab.host.snapshot();
    const options = { numatune: tune('strict', 1), backing: 'locked' } as const;
    expect(() => lab.start(options)).toThrow(/more than host nodes 1 have free/);
    expect(lab.host.snapshot()).toEqual(before);
  });

  it('strict that grows beyond its node runs into OOM and never spills', () => {
    const lab = twoNodes();
    const guest = lab.start({ numatune: tune('strict', 1), maximumKiB: 6 * GIB });
    guest.work.anonKiB = 5 * GIB;
    lab.run(10);
    expect(lab.consequences).toContainEqual({ kind: 'host-oom-kill', guest: 0, constrained: true });
    expect(guest.onNodes[0]).toBe(0);
    expect(counters(lab)[0]).toEqual(NOTHING);
    // Each of two CPUs' shares may lose a part of a page.
    expect(lab.host.nodes.free[1]).toBeLessThanOrEqual(1);
    expect(lab.host.nodes.free[0]).toBe((3.5 * GIB) / 4);
  });

  it('strict on a full node swaps first, when the host can', () => {
    const lab = twoNodes(4 * GIB);
    const guest = lab.start({ numatune: tune('strict', 1), maximumKiB: 6 * GIB });
    guest.work.anonKiB = 5 * GIB;
    lab.run(30);
    expect(lab.consequences).toEqual([]);
    expect(guest.events.hostSwapOuts).toBeGreaterThan(0);
    expect(guest.onNodes[0]).toBe(0);
  });

  it('preferred spills, and both nodes count the pages that did', () => {
    const lab = twoNodes();
    const guest = lab.start({ numatune: tune('preferred', 1), cpuNodes: [1], maximumKiB: 6 * GIB });
    guest.work.anonKiB = 4 * GIB;
    lab.run(12);
    const [zero, one] = counters(lab);
    const spilled = inUse(guest) - (3.5 * GIB) / 4;
    expect(guest.onNodes).toEqual([spilled, (3.5 * GIB) / 4]);
    expect(one!.numaForeign).toBe(spilled);
    expect(zero).toEqual({ ...NOTHING, numaMiss: spilled, otherNode: spilled });
    expect(lab.consequences).toEqual([]);
  });

  it('the nearest other node is taken first', () => {
    const lab = new MemoryLaboratory({
      nodesKiB: [2 * GIB, 2 * GIB, 2 * GIB],
      hostUseKiB: 0,
      distances: [
        [10, 31, 21],
        [31, 10, 21],
        [21, 21, 10],
      ],
    });
    const guest = lab.start({ cpuNodes: [0], maximumKiB: 4 * GIB });
    guest.work.anonKiB = 3 * GIB;
    lab.run(10);
    expect(guest.onNodes).toEqual([GIB / 2, 0, inUse(guest) - GIB / 2]);
  });

  it('a node that many want gives all the same share, whoever asks first', () => {
    const shares = [false, true].map((reverse) => {
      const lab = new MemoryLaboratory({ nodesKiB: [4 * GIB], swapKiB: 4 * GIB, hostUseKiB: 0 });
      const guests = [1, 2, 3].map(() => lab.start());
      for (const guest of guests) guest.work.anonKiB = 1700 * M;
      for (let tick = 0; tick < 6; tick++) lab.plan(1000, reverse ? guests.toReversed() : guests);
      return guests.map(({ rssKiB }) => rssKiB);
    });
    const [first, second] = shares;
    expect(Math.max(...first!) - Math.min(...first!)).toBeLessThanOrEqual(4 * 6);
    first!.forEach((rss, i) => {
      expect(Math.abs(rss - second![i]!)).toBeLessThanOrEqual(4 * 6);
    });
  });
});

describe('A4.3 interleave over two nodes', () => {
  it('differs by one page at most, and interleave_hit counts them', () => {
    const lab = twoNodes();
    const guest = lab.start({ numatune: tune('interleave', 0, 1), cpuNodes: [0] });
    for (const anonKiB of [400 * M + 4, 700 * M + 12, GIB + 20]) {
      guest.work.anonKiB = anonKiB;
      lab.run(3);
      const [zero, one] = guest.onNodes;
      expect(Math.abs(zero! - one!)).toBeLessThanOrEqual(1);
      expect(zero! + one!).toBe(inUse(guest));
    }
    expect(counters(lab).map(({ interleaveHit }) => interleaveHit)).toEqual(guest.onNodes);
  });

  it('deals page by page', () => {
    expect([0, 1, 2].map((entry) => dealt(0, 7, entry, 3))).toEqual([3, 2, 2]);
    expect([0, 1, 2].map((entry) => dealt(7, 1, entry, 3))).toEqual([0, 1, 0]);
  });
});

describe('A4.4 the cost of remote memory', () => {
  it('is 1 + m*(1-1/k)*(q-1) for an unpinned guest against a pinned one, and nothing at m = 0', () => {
    const q = NUMA_DEFAULTS.remoteLatencyRatio;
    for (const k of [2, 4]) {
      for (const memoryBoundShare of [0, 0.5]) {
        const lab = new MemoryLaboratory({ nodesKiB: Array.from({ length: k }, () => 4 * GIB) });
        const free = lab.start({ memoryBoundShare });
        const pinned = lab.start({ memoryBoundShare, numatune: tune('strict', 1), cpuNodes: [1] });
        for (const guest of lab.guests) guest.work.anonKiB = GIB;
        lab.run(5);
        const [loose, tight] = [free, pinned].map(({ machine, part, memory }) =>
          memorySlowdown(machine, part, memory, k),
        );
        expect(tight).toBe(1);
        expect(loose! / tight!).toBeCloseTo(1 + memoryBoundShare * (1 - 1 / k) * (q - 1), 6);
      }
    }
  });

  it('follows the pages: interleaved memory under pinned vCPUs is remote by 1 - 1/k', () => {
    expect(remoteShare(Float64Array.of(9, 50, 50), 1, 2, [0])).toBe(0.5);
    expect(remoteShare(Float64Array.of(100, 0), 0, 2, [0])).toBe(0);
    expect(remoteShare(Float64Array.of(0, 0), 0, 2, [0])).toBe(0);
    expect(slowdown(0.5, 0.5, 1.6)).toBeCloseTo(1.15, 12);
  });

  it('counts huge pages where they are', () => {
    const lab = new MemoryLaboratory({
      nodesKiB: [8 * GIB, 8 * GIB],
      hugePages: [{ sizeKiB: 2048, perNode: [0, 1024] }],
    });
    const guest = lab.start({ backing: 'hugepages', cpuNodes: [0], memoryBoundShare: 0.5 });
    expect(memorySlowdown(guest.machine, guest.part, guest.memory, 2)).toBeCloseTo(1.3, 12);
  });
});

describe('A4.5 live change of the NUMA tuning', () => {
  it('never changes the mode', () => {
    expect(() => changeNumatune(tune('strict', 0), { mode: 'preferred' }, 2)).toThrow(
      /mode preferred cannot replace strict while the domain runs/,
    );
    expect(changeNumatune(tune('strict', 0), { mode: 'strict' }, 2)).toEqual(tune('strict', 0));
  });

  it('changes the nodes in mode strict only', () => {
    expect(changeNumatune(tune('strict', 0), { nodeset: [1] }, 2)).toEqual(tune('strict', 1));
    for (const mode of ['preferred', 'interleave', 'restrictive'] as const)
      expect(() => changeNumatune(tune(mode, 0), { nodeset: [1] }, 2)).toThrow(
        `this domain was started as ${mode}`,
      );
    expect(() => changeNumatune(undefined, { nodeset: [1] }, 2)).toThrow(/without <numatune>/);
    expect(() => changeNumatune(tune('strict', 0), { nodeset: [2] }, 2)).toThrow(
      /no NUMA node 2; its nodes are 0 to 1/,
    );
    expect(() => changeNumatune(tune('strict', 0), { nodeset: [] }, 2)).toThrow(/nodeset is empty/);
  });
});

describe('a placement', () => {
  const distances = [
    [10, 20, 30],
    [20, 10, 20],
    [30, 20, 10],
  ];

  it('strict follows the CPU inside its set and takes the nearest node outside of it', () => {
    expect(compilePlacement(0, 'strict', [1, 2], [0, 2], distances)).toMatchObject({
      wanted: [1, 2],
      allowed: [1, 2],
    });
  });

  it('restrictive limits the nodes like strict, preferred and interleave only wish', () => {
    expect(compilePlacement(0, 'restrictive', [0], [2], distances)).toMatchObject({
      wanted: [0],
      allowed: [0],
    });
    expect(compilePlacement(0, 'preferred', [1], [0, 2], distances)).toMatchObject({
      wanted: [1],
      allowed: [0, 1, 2],
    });
    expect(compilePlacement(0, 'interleave', [0, 2], [1], distances)).toMatchObject({ wanted: [0, 2] });
    expect(compilePlacement(0, undefined, [0, 1, 2], [1], distances)).toMatchObject({ wanted: [1] });
  });

  it('is one for each guest cell when memnodes say so', () => {
    const lab = twoNodes();
    const guest = lab.start({
      cellsKiB: [1.5 * GIB, 0.5 * GIB],
      numatune: {
        mode: 'strict',
        nodeset: [0, 1],
        memnodes: [
          { cellId: 0, mode: 'strict', nodeset: [0] },
          { cellId: 1, mode: 'strict', nodeset: [1] },
        ],
      },
    });
    guest.work.anonKiB = GIB;
    lab.run(5);
    const [zero, one] = guest.onNodes;
    expect(zero! + one!).toBe(inUse(guest));
    expect(Math.abs(zero! - 3 * one!)).toBeLessThanOrEqual(4);
  });

  it('on nodes that the host does not have is refused', () => {
    const lab = twoNodes();
    expect(() => lab.start({ numatune: tune('strict', 2) })).toThrow(/no NUMA node 2/);
    expect(() => lab.start({ cpuNodes: [5] })).toThrow(/no NUMA node 5/);
  });
});
