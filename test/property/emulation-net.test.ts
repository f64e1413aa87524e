import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOND_DEFAULTS,
  BOND_MODES,
  bondLine,
  HASH_POLICIES,
  PRIMARY_RESELECT,
} from '../../agent/emulation/net/bond-config.ts';
import {
  type SegmentConfig,
  type TrafficLoad,
  UPLINK_DEFAULTS,
  type UplinkConfig,
} from '../../agent/emulation/net/net-config.ts';
import { setLink } from '../../agent/emulation/net/nic.ts';
import { readBacklog, readQueue, readRxRing, readTxRing } from '../../agent/emulation/net/nic-view.ts';
import { UPLINK_COUNTERS } from '../../agent/emulation/net/uplink.ts';
import { runs } from '../support/runs.ts';
import { type Guest, Laboratory, type NicChanges } from '../unit/emulation/net/laboratory.ts';

const KINDS: readonly SegmentConfig['kind'][] = [
  'bridge',
  'macvtap-bridge',
  'macvtap-vepa',
  'macvtap-private',
  'macvtap-passthrough',
];

const share = fc.constantFrom(0, 0.3, 0.77, 1);
const load: fc.Arbitrary<Partial<TrafficLoad>> = fc.record({
  txFps: fc.constantFrom(0, 0.4, 7, 3000, 900_000),
  rxFps: fc.constantFrom(0, 0.3, 50, 20_000, 700_000),
  localShare: share,
  localWeight: fc.constantFrom(0, 1, 2.5),
  smallBytes: fc.integer({ min: 60, max: 255 }),
  largeBytes: fc.constantFrom(300, 1514, 9014),
  largeShare: share,
  udpShare: share,
  burstFrames: fc.constantFrom(1, 8, 100, 5000),
  gapNs: fc.constantFrom(0, 1000, 50_000),
});
const nic: fc.Arbitrary<NicChanges> = fc.record({
  backEnd: fc.constantFrom('qemu', 'vhost'),
  queues: fc.integer({ min: 1, max: 3 }),
  zeroCopy: fc.boolean(),
  socketFrames: fc.constantFrom(1, 500),
  guestFrames: fc.constantFrom(0, 1000),
  features: fc.record({
    csum: fc.boolean(),
    guestCsum: fc.boolean(),
    hostTso4: fc.boolean(),
    guestTso4: fc.boolean(),
    mrgRxbuf: fc.boolean(),
    eventIdx: fc.boolean(),
    notifyOnEmpty: fc.boolean(),
  }),
  costs: fc.record({
    hostChainNs: fc.constantFrom(200, 20_000),
    guestChainNs: fc.constantFrom(500, 30_000),
    hostWakeNs: fc.constantFrom(0, 5000, 200_000),
  }),
});
const limited = fc.option(fc.record({ average: fc.constantFrom(1, 500), burst: fc.constantFrom(1, 2000) }), {
  nil: undefined,
});
const event = fc.record({
  ms: fc.integer({ min: 1, max: 1500 }),
  guest: fc.nat({ max: 5 }),
  what: fc.constantFrom(
    'none',
    'halt',
    'start',
    'down',
    'up',
    'busy',
    'idle',
    'starve',
    'feed',
    'line-down',
    'line-up',
    'nic-off',
    'nic-on',
    'bridge-off',
    'bridge-on',
    'bond-off',
    'bond-on',
  ),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
});
const bond = fc.record({
  mode: fc.constantFrom(...BOND_MODES),
  rates: fc.array(fc.constantFrom(1e8, 1e9, 1e10), { minLength: 1, maxLength: 4 }),
  fcsErrorShare: fc.constantFrom(0, 0.01),
  miimonMs: fc.constantFrom(0, 100),
  delayMs: fc.constantFrom(0, 300),
  minLinks: fc.constantFrom(0, 2),
  hashPolicy: fc.constantFrom(...HASH_POLICIES),
  primaryReselect: fc.constantFrom(...PRIMARY_RESELECT),
});
const topology = fc.record({
  kind: fc.constantFrom(...KINDS),
  uplink: fc.option(
    fc.record({
      lineRate: fc.constantFrom(1e8, 1e10),
      corruptShare: fc.constantFrom(0, 0.01),
      rxChecksum: fc.boolean(),
      fcsErrorShare: fc.constantFrom(0, 0.01),
    }),
  ),
  bond: fc.option(bond, { nil: undefined }),
  reflects: fc.boolean(),
  guests: fc.array(fc.tuple(load, nic, limited, limited), { minLength: 1, maxLength: 6 }),
  events: fc.array(event, { minLength: 1, maxLength: 12 }),
});
type Topology = typeof topology extends fc.Arbitrary<infer T> ? T : never;

/** The line of a bond whose slaves are eth0, eth1 and so on. */
function lineOf({ rates, fcsErrorShare, delayMs, ...options }: NonNullable<Topology['bond']>): UplinkConfig {
  const slaves = rates.map((lineRate, i) => ({
    ...{ ...UPLINK_DEFAULTS, fcsErrorShare: i === 0 ? fcsErrorShare : 0 },
    ...{ name: `eth${i}`, lineRate, queueFrames: 10 ** (i + 1) },
  }));
  const delays = { upDelayMs: delayMs, downDelayMs: delayMs };
  return bondLine('bond0', { ...BOND_DEFAULTS, ...options, ...delays, slaves, primary: 'eth1' });
}

function build({ kind, uplink, bond: made, reflects, guests }: Topology): Laboratory {
  const lab = new Laboratory(kind, uplink && made ? lineOf(made) : uplink, reflects);
  for (const [traffic, changes, inbound, outbound] of guests) {
    lab.add(traffic, { ...changes, ...(inbound && { inbound }), ...(outbound && { outbound }) });
  }
  return lab;
}

/** Runs a topology; `order` puts the guests into the order in which passes meet them. */
function play(
  made: Topology,
  order: (guests: Guest[]) => Guest[],
  check: (lab: Laboratory) => void,
): Laboratory {
  const lab = build(made);
  for (const { ms, guest: index, what, at } of made.events) {
    const guest = lab.guests[index % lab.guests.length]!;
    if (what === 'start') guest.running = true;
    if (what === 'down' || what === 'up') setLink(guest.machine, guest.parts, what === 'up');
    const { bond: bonded, uplink } = lab.segment;
    const nics = uplink?.nics.map(({ config }) => config.name) ?? ['eth0'];
    const nic = nics[index % nics.length]!;
    if (what === 'line-down' || what === 'line-up')
      lab.segment.setLink(nic, { cable: what === 'line-up' }, lab.now);
    if (what === 'nic-off' || what === 'nic-on')
      lab.segment.setLink(nic, { enabled: what === 'nic-on' }, lab.now);
    if (what === 'bond-off' || what === 'bond-on') bonded?.setEnabled(what === 'bond-on');
    bonded?.settle(lab.now);
    if (what === 'bridge-off' || what === 'bridge-on') lab.segment.setEnabled(what === 'bridge-on');
    if (what === 'busy' || what === 'idle') guest.activity = what === 'busy' ? 1 : 0;
    if (what === 'starve' || what === 'feed') {
      guest.guestShare = what === 'feed' ? 1 : 0.3;
      guest.hostShare = what === 'feed' ? 1 : 0.1;
    }
    lab.plan(ms, order(lab.guests));
    check(lab);
    const cut = Math.floor(at * ms);
    lab.now += cut;
    check(lab);
    lab.now -= cut;
    if (what === 'halt' && guest.running) lab.halt(guest, cut);
    lab.now += ms;
    lab.collect(order(lab.guests));
    check(lab);
  }
  return lab;
}

describe('the network over random topologies and loads', () => {
  it('A2.1 offered = delivered + dropped + backlog, and no ring holds less than nothing or more than its size', () => {
    fc.assert(
      fc.property(topology, (made) => {
        play(made, (guests) => guests, checkQueues);
      }),
      { numRuns: runs(150) },
    );
  });

  it('A2.2 kicks <= chains made available, interrupts <= buffers used', () => {
    fc.assert(
      fc.property(topology, (made) => {
        const lab = play(
          made,
          (guests) => guests,
          () => {},
        );
        for (const guest of lab.guests) {
          expect(lab.read(guest, 'kicks')).toBeLessThanOrEqual(lab.read(guest, 'txAvailable'));
          expect(lab.read(guest, 'txInterrupts')).toBeLessThanOrEqual(lab.read(guest, 'txUsed'));
          expect(lab.read(guest, 'rxInterrupts')).toBeLessThanOrEqual(lab.read(guest, 'rxUsed'));
          // In a tick that is cut short each queue's part is rounded down by itself.
          expect(lab.nic(guest, 'dataValid') + lab.nic(guest, 'needsChecksum')).toBeLessThanOrEqual(
            lab.read(guest, 'rxFrames') + guest.parts.queues.length - 1,
          );
        }
      }),
      { numRuns: runs(100) },
    );
  });

  it('every frame and octet is with a guest, in flight, outside, or counted as dropped', () => {
    fc.assert(
      fc.property(topology, (made) => {
        const lab = play(
          made,
          (guests) => guests,
          () => {},
        );
        const { segment, guests } = lab;
        const sum = (name: Parameters<typeof lab.read>[1]) =>
          guests.reduce((total, guest) => total + lab.read(guest, name), 0);
        for (const unit of ['frames', 'bytes'] as const) {
          const total = (name: Parameters<typeof segment.total>[0]) => segment.total(name)[unit];
          expect(total('fromGuests')).toBe(sum(unit === 'frames' ? 'txFrames' : 'txBytes'));
          expect(total('toGuests')).toBe(sum(unit === 'frames' ? 'rxOffered' : 'rxOfferedBytes'));
          const flight = segment.inFlight()[unit];
          expect(flight).toBeGreaterThanOrEqual(0);
          expect(total('fromGuests') + total('fromOutside')).toBe(
            total('toGuests') +
              total('toOutside') +
              total('lineDropped') +
              total('switchDropped') +
              total('lost') +
              flight,
          );
        }
        const { uplink } = segment;
        if (!uplink) return;
        const sent = uplink.read('txFrames', lab.now);
        expect(sent).toBeGreaterThanOrEqual(segment.total('toOutside').frames);
        if (segment.deliversLocally) expect(sent).toBe(segment.total('toOutside').frames);
        const lost = uplink.read('txDropped', lab.now) + uplink.read('txErrors', lab.now);
        expect(lost).toBe(segment.total('lineDropped').frames);
        expect(uplink.read('rxFrames', lab.now)).toBeGreaterThanOrEqual(segment.total('fromOutside').frames);
        for (const counter of UPLINK_COUNTERS) {
          const slaves = uplink.nics.reduce((total, nic) => total + nic.read(counter, lab.now), 0);
          // What found no slave is the bond's own loss.
          if (counter === 'txDropped' || counter === 'txDroppedBytes')
            expect(uplink.read(counter, lab.now)).toBeGreaterThanOrEqual(slaves);
          else expect(uplink.read(counter, lab.now)).toBe(slaves);
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it('does not depend on the order of the guests in a pass', () => {
    fc.assert(
      fc.property(topology, (made) => {
        const numbers = (lab: Laboratory) => [
          ...lab.guests.map(({ port }) => lab.segment.tcpScale(port)),
          ...lab.guests.map(({ machine }) => [...machine.numbers]),
        ];
        const forth = play(
          made,
          (guests) => guests,
          () => {},
        );
        const back = play(
          made,
          (guests) => guests.toReversed(),
          () => {},
        );
        expect(numbers(back)).toEqual(numbers(forth));
      }),
      { numRuns: runs(50) },
    );
  });

  it('goes on from a snapshot as it went on from what the snapshot is of', () => {
    fc.assert(
      fc.property(topology, (made) => {
        const lab = play(
          made,
          (guests) => guests,
          () => {},
        );
        const { segment } = lab;
        const [record, machines, now] = [
          segment.snapshot(),
          lab.guests.map((g) => g.machine.numbers.slice()),
          lab.now,
        ];
        const course = () => {
          segment.setLink('eth0', { cable: false }, lab.now);
          lab.run(1);
          segment.bond?.settle(lab.now);
          lab.run(3);
          return [
            lab.guests.map((g) => [...g.machine.numbers]),
            segment.inFlight(),
            segment.total('toGuests'),
          ];
        };
        const first = course();
        segment.restore(record);
        lab.guests.forEach((guest, i) => {
          guest.machine.numbers.set(machines[i]!);
        });
        lab.now = now;
        expect(course()).toEqual(first);
      }),
      { numRuns: runs(25) },
    );
  });
});

const WHOLE = [
  ...['txOffered', 'txDropped', 'txFrames', 'txAvailable', 'txUsed', 'kicks', 'txInterrupts', 'txZeroCopy'],
  ...['rxOffered', 'rxDropped', 'rxFrames', 'rxUsed', 'rxTaken', 'rxInterrupts'],
  ...['txBytes', 'rxBytes', 'txDroppedBytes', 'rxDroppedBytes', 'txOfferedBytes', 'rxOfferedBytes'],
] as Parameters<typeof readQueue>[3][];
const last = new WeakMap<Guest, number[]>();

function checkQueues(lab: Laboratory): void {
  const wrong: string[] = [];
  for (const guest of lab.guests) {
    const { machine, parts, model } = guest;
    parts.queues.forEach((_, queue) => {
      const read = (name: Parameters<typeof readQueue>[3]) => readQueue(machine, parts, queue, name, lab.now);
      for (const direction of ['tx', 'rx'] as const) {
        if (readBacklog(machine, parts, queue, direction, lab.now) < 0)
          wrong.push(`${direction} backlog < 0`);
        const bytes =
          read(`${direction}OfferedBytes`) - read(`${direction}DroppedBytes`) - read(`${direction}Bytes`);
        if (bytes < 0) wrong.push(`${direction} backlog of ${bytes} octets`);
      }
      const { config, socketFrames, txFramesPerChain, rxBuffersPerFrame } = model;
      const most = {
        tx: config.guestFrames + config.txQueueSize * txFramesPerChain,
        rx: socketFrames + config.rxQueueSize / rxBuffersPerFrame,
      };
      for (const direction of ['tx', 'rx'] as const) {
        // Within a tick, the parts of three growths are rounded down.
        const waits = readBacklog(machine, parts, queue, direction, lab.now);
        if (waits > most[direction] + 2) wrong.push(`${waits} frames wait, ${direction}`);
      }
      const tx = readTxRing(machine, parts, queue, lab.now);
      const rx = readRxRing(machine, parts, model, queue, lab.now);
      if (tx.inFlight > model.config.txQueueSize) wrong.push(`${tx.inFlight} chains in the transmit ring`);
      if (rx.inFlight > model.config.rxQueueSize) wrong.push(`${rx.inFlight} buffers in the receive ring`);
    });
    const values = WHOLE.map((name) => lab.read(guest, name));
    const before = last.get(guest);
    values.forEach((value, i) => {
      if (!Number.isSafeInteger(value)) wrong.push(`${WHOLE[i]} is ${value}`);
      if (before && value < before[i]!) wrong.push(`${WHOLE[i]} fell from ${before[i]} to ${value}`);
    });
    last.set(guest, values);
  }
  expect(wrong).toEqual([]);
}
