import { describe, expect, it } from 'vitest';
import { costsOf, NIC_DEFAULTS } from '../../../../agent/emulation/net/net-config.ts';
import { guestWantNs, hostWantNs, setLink } from '../../../../agent/emulation/net/nic.ts';
import {
  linkIsUp,
  readBacklog,
  readRxRing,
  readTxRing,
  zeroCopyPending,
} from '../../../../agent/emulation/net/nic-view.ts';
import { messageKnee } from '../../../../agent/emulation/net/wire.ts';
import { Laboratory, type NicChanges, SILENT } from './laboratory.ts';

/** As much of full frames as a guest can. */
const BULK = {
  ...SILENT,
  txFps: 2_000_000,
  largeBytes: 1514,
  largeShare: 1,
  udpShare: 0,
  burstFrames: 64,
} as const;
/** Costs at which nothing but the line is slow. */
const FAST = { hostChainNs: 300, guestChainNs: 300, guestByteNs: 0.03, hostByteNs: 0.05 };

function perByte(zeroCopy: boolean, load: object, kind: 'macvtap-bridge' | 'bridge' = 'macvtap-bridge') {
  const lab = new Laboratory(kind);
  const guest = lab.add({ ...BULK, ...load }, { zeroCopy, costs: FAST });
  lab.run(10);
  return {
    cost: lab.nic(guest, 'hostNs') / lab.read(guest, 'txBytes'),
    rate: lab.segment.uplink!.read('txFrames', lab.now) / 9,
    copied: lab.read(guest, 'txZeroCopy') === 0,
  };
}

describe('throughput', () => {
  it.each([64, 128, 512, 1518])('A2.4 frames of %i octets never pass the rate of the line', (size) => {
    const lab = new Laboratory();
    const bytes = size - 4;
    for (let i = 0; i < 8; i++) {
      const half = { ...BULK, udpShare: 0.5, smallBytes: bytes, largeBytes: bytes };
      lab.add(half, { queues: 4, costs: { ...FAST, hostChainNs: 100, guestChainNs: 100 } });
    }
    let before = 0;
    for (let i = 0; i < 6; i++) {
      lab.run(1);
      const sent = lab.segment.uplink!.read('txFrames', lab.now);
      expect(sent - before).toBeLessThanOrEqual(10e9 / (8 * (size + 20)));
      before = sent;
    }
    expect(before).toBeGreaterThan(5 * 0.999 * (10e9 / (8 * (size + 20))));
  });

  it('A2.4 what comes from outside is held to the line too', () => {
    const lab = new Laboratory();
    for (let i = 0; i < 4; i++) lab.add({ ...BULK, txFps: 0, rxFps: 500_000 }, { queues: 2, costs: FAST });
    lab.run(5);
    const rate = lab.segment.uplink!.read('rxFrames', lab.now) / 5;
    expect(rate).toBeLessThanOrEqual(812_744);
    expect(rate).toBeGreaterThan(0.999 * 812_743);
  });

  it.each([
    0, 1,
  ])('A2.4 one guest reaches the line with full frames (UDP share %i), cheaper in zero copy', (udpShare) => {
    const [copy, zero] = [perByte(false, { udpShare }), perByte(true, { udpShare })];
    expect(zero.rate).toBeGreaterThan(0.999 * 812_743);
    expect(zero.cost).toBeLessThan(copy.cost);
  });

  it('a full line slows TCP down, and drops UDP', () => {
    const run = (udpShare: number) => {
      const lab = new Laboratory();
      for (let i = 0; i < 3; i++) lab.add({ ...BULK, txFps: 400_000, udpShare }, { queues: 2, costs: FAST });
      lab.run(10);
      const { uplink } = lab.segment;
      return [uplink!.read('txFrames', lab.now) / 9, uplink!.read('txDropped', lab.now) / 9] as const;
    };
    const [tcp, udp] = [run(0), run(1)];
    expect(tcp[0]).toBeGreaterThan(0.999 * 812_743);
    expect(tcp[1]).toBe(0);
    expect(udp[0]).toBeGreaterThan(0.999 * 812_743);
    expect(udp[1]).toBeGreaterThan(0.99 * (1_200_000 - 812_744 - 1000));
  });

  it('a ring that was full is empty when the guest has caught up', () => {
    const lab = new Laboratory();
    const load = { ...BULK, txFps: 0, rxFps: 900_000, burstFrames: 1 };
    const guest = lab.add(load, { socketFrames: 0, costs: { guestChainNs: 200_000 } });
    const ring = () => {
      const { machine, parts, model } = guest;
      return readRxRing(machine, parts, model, 0, lab.now).inFlight;
    };
    lab.run(3);
    expect(ring()).toBeLessThan(10);
    const used = lab.read(guest, 'rxUsed');
    guest.activity = 0;
    lab.run(1);
    expect(ring()).toBe(256);
    expect(lab.read(guest, 'rxUsed')).toBe(used);
    expect(readBacklog(guest.machine, guest.parts, 0, 'rx', lab.now)).toBe(0);
  });

  it('A2.5 zero copy lowers the host CPU per byte by at most 15 %, at equal throughput', () => {
    for (const largeBytes of [256, 600, 1514, 9014]) {
      const load = { largeBytes, txFps: 100_000 };
      const [copy, zero] = [perByte(false, load), perByte(true, load)];
      expect(zero.copied).toBe(false);
      expect(zero.rate).toBe(copy.rate);
      expect(zero.cost).toBeLessThan(copy.cost);
      expect(zero.cost).toBeGreaterThanOrEqual(0.85 * copy.cost);
    }
  });

  it('A2.5 frames shorter than 256 octets are copied as before', () => {
    const load = { largeBytes: 255, smallBytes: 255, txFps: 100_000 };
    expect(perByte(true, load)).toEqual(perByte(false, load));
  });

  it('A2.5 no more than 128 chains are pending', () => {
    const lab = new Laboratory('macvtap-bridge');
    const costs = { ...FAST, completionNs: 5_000_000 };
    const guest = lab.add({ ...BULK, udpShare: 1 }, { zeroCopy: true, zeroCopyPending: 128, costs });
    lab.run(2);
    lab.plan(1000);
    expect(zeroCopyPending(guest.machine, guest.parts, guest.model)).toBe(128);
    expect(lab.read(guest, 'txZeroCopy')).toBeLessThan(lab.read(guest, 'txUsed'));
  });

  it('A2.7 small messages: as many per second up to the knee, fewer beyond; halving x shows below only', () => {
    const costs = { guestChainNs: 2000, guestByteNs: 0.4, kickNs: 4000, hostChainNs: 100, hostByteNs: 0 };
    // The back end is awake again only when the next burst of four comes, so each burst is one kick.
    const rate = (bytes: number, kickNs: number) => {
      const lab = new Laboratory('bridge', { lineRate: 1e12 });
      const load = { ...BULK, udpShare: 1, largeBytes: bytes, smallBytes: bytes, burstFrames: 4, gapNs: 0 };
      const guest = lab.add(load, {
        features: { hostUfo: false },
        costs: { ...costs, kickNs, hostWakeNs: 10 },
      });
      lab.run(20);
      return lab.read(guest, 'txOffered') / 20;
    };
    const knee = messageKnee(2000, 1000, 0.4);
    expect(knee).toBe(7500);
    const [tiny, small, large] = [60, 400, 9014].map((bytes) => rate(bytes, 4000));
    expect(small! / tiny!).toBeGreaterThan(0.9);
    expect(large! / tiny!).toBeLessThan(0.6);
    const gain = [60, 9014].map((bytes) => rate(bytes, 2000) / rate(bytes, 4000));
    expect(gain[0]).toBeGreaterThan(1.1);
    expect(gain[1]!).toBeLessThan(gain[0]!);
  });

  it('a guest that is slower than the world drops at the tap when ring and queue are full', () => {
    const run = (backEnd: 'qemu' | 'vhost') => {
      const lab = new Laboratory();
      const load = { ...BULK, txFps: 0, rxFps: 20_000, udpShare: 1, burstFrames: 4000, gapNs: 100 };
      const guest = lab.add(load, { backEnd, costs: { guestChainNs: 20_000 } });
      lab.run(5);
      expect(lab.read(guest, 'rxDropped')).toBeGreaterThan(0);
      return lab.read(guest, 'rxDropped');
    };
    expect(run('vhost')).toBeGreaterThan(run('qemu'));
  });

  it('a bandwidth limit holds the average, after its burst', () => {
    const lab = new Laboratory();
    const limit = { average: 1000, peak: 4000, burst: 2000 };
    const out = lab.add({ ...BULK, txFps: 50_000 }, { outbound: limit });
    const into = lab.add({ ...BULK, txFps: 0, rxFps: 50_000 }, { inbound: limit });
    lab.run(1);
    expect(lab.read(out, 'txBytes') / 1024).toBeLessThanOrEqual(3000);
    lab.run(19);
    for (const octets of [lab.read(out, 'txBytes'), lab.read(into, 'rxBytes')]) {
      expect(octets / 1024).toBeGreaterThan(21_900);
      expect(octets / 1024).toBeLessThanOrEqual(22_000);
    }
  });

  it('a starved back end or guest moves less, and asks for what it would need', () => {
    const lab = new Laboratory();
    const guest = lab.add({ ...BULK, udpShare: 1, txFps: 300_000 }, { features: { hostUfo: false } });
    lab.run(2);
    expect(guestWantNs(guest.machine, guest.parts)).toBeGreaterThan(1e8);
    expect(hostWantNs(guest.machine, guest.parts)).toBeGreaterThan(1e8);
    const before = lab.read(guest, 'txFrames');
    guest.hostShare = 0.25;
    lab.run(1);
    const moved = lab.read(guest, 'txFrames') - before;
    expect(moved).toBeGreaterThan(0.2 * 300_000);
    expect(moved).toBeLessThan(0.3 * 300_000);
  });

  it('user space costs more than the kernel, and the older era more than the newer', () => {
    for (const profile of ['rhel6', 'modern'] as const) {
      expect(costsOf(profile, 'qemu').hostChainNs).toBeGreaterThan(costsOf(profile, 'vhost').hostChainNs);
    }
    expect(NIC_DEFAULTS.rhel6.costs.kickNs).toBeGreaterThan(NIC_DEFAULTS.modern.costs.kickNs);
  });

  it('G6 ticks of another length change no total by 2 %', () => {
    const totals = (tickMs: number, nic: NicChanges = {}) => {
      const lab = new Laboratory();
      const guests = [0.2, 1].map((activity) => {
        const guest = lab.add({ localShare: 0.4, burstFrames: 8 }, { features: { eventIdx: false }, ...nic });
        guest.activity = activity;
        return guest;
      });
      lab.run(100_000 / tickMs, tickMs);
      return guests.flatMap((guest) => [
        ...(['txFrames', 'txBytes', 'txUsed', 'kicks', 'rxFrames', 'rxBytes', 'rxInterrupts'] as const).map(
          (name) => lab.read(guest, name),
        ),
        lab.nic(guest, 'guestNs'),
        lab.nic(guest, 'hostNs'),
      ]);
    };
    const whole = totals(1000);
    for (const tickMs of [100, 250, 2000]) {
      totals(tickMs).forEach((value, i) => {
        expect(Math.abs(value - whole[i]!) / whole[i]!).toBeLessThan(0.02);
      });
    }
  });
});

describe('a link', () => {
  it('A11.5 down: nothing passes, what is offered is dropped; up again: no burst above the ring', () => {
    const lab = new Laboratory();
    const load = { ...BULK, txFps: 20_000, rxFps: 20_000, udpShare: 1 };
    const guest = lab.add(load);
    lab.run(3);
    const read = () =>
      (['txOffered', 'txFrames', 'txDropped', 'rxOffered', 'rxFrames', 'rxDropped'] as const).map((name) =>
        lab.read(guest, name),
      );
    const up = read();
    setLink(guest.machine, guest.parts, false);
    expect(linkIsUp(guest.machine, guest.parts)).toBe(false);
    lab.run(5);
    const down = read().map((value, i) => value - up[i]!);
    expect(down).toEqual([100_000, 0, 100_000, 100_000, 0, 100_000]);
    for (const direction of ['tx', 'rx'] as const) {
      expect(readBacklog(guest.machine, guest.parts, 0, direction, lab.now)).toBe(0);
    }
    expect(readTxRing(guest.machine, guest.parts, 0, lab.now).inFlight).toBe(0);
    expect(readRxRing(guest.machine, guest.parts, guest.model, 0, lab.now).inFlight).toBe(256);
    setLink(guest.machine, guest.parts, true);
    const before = lab.read(guest, 'rxFrames');
    lab.run(1);
    expect(lab.read(guest, 'rxFrames') - before).toBeLessThanOrEqual(20_000 + 256);
    expect(lab.read(guest, 'rxFrames')).toBeGreaterThan(before);
  });
});
