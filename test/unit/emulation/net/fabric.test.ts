import { describe, expect, it } from 'vitest';
import { begin } from '../../../../agent/emulation/machine/machine.ts';
import type { SegmentConfig } from '../../../../agent/emulation/net/net-config.ts';
import { demandNic, runNic } from '../../../../agent/emulation/net/nic.ts';
import { rxBuffersPerChain } from '../../../../agent/emulation/net/offload.ts';
import { Laboratory, SILENT } from './laboratory.ts';

const SENDER = { ...SILENT, txFps: 10_000, localShare: 1 } as const;
const RECEIVER = { ...SILENT, localWeight: 1 } as const;

function neighbours(kind: SegmentConfig['kind'], reflects = false) {
  const lab = new Laboratory(kind, {}, reflects);
  const [a, b] = [lab.add(SENDER), lab.add(RECEIVER)];
  lab.run(10);
  return {
    sent: lab.read(a, 'txFrames'),
    got: lab.read(b, 'rxFrames'),
    onLine: lab.segment.uplink!.read('txFrames', lab.now),
    back: lab.segment.uplink!.read('rxFrames', lab.now),
    refused: lab.segment.total('switchDropped').frames,
  };
}

describe('a segment', () => {
  it('A2.8 vepa without a hairpin switch: never delivered, all on the NIC', () => {
    const { sent, got, onLine, refused } = neighbours('macvtap-vepa');
    expect([sent, got, onLine, refused]).toEqual([100_000, 0, 90_000, 80_000]);
  });

  it('A2.8 vepa with a hairpin switch: delivered by way of the NIC', () => {
    expect(neighbours('macvtap-vepa', true)).toEqual({
      ...{ sent: 100_000, got: 80_000, onLine: 90_000, back: 80_000, refused: 0 },
    });
  });

  it('A2.8 bridge mode: delivered, and not counted on the NIC', () => {
    for (const kind of ['bridge', 'macvtap-bridge'] as const) {
      const { sent, got, onLine } = neighbours(kind);
      expect([sent, got, onLine]).toEqual([100_000, 90_000, 0]);
    }
  });

  it('private mode needs a router, passthrough never delivers here', () => {
    expect(neighbours('macvtap-private').got).toBe(0);
    expect(neighbours('macvtap-private', true).got).toBe(80_000);
    expect(neighbours('macvtap-passthrough', true).got).toBe(0);
  });

  it('gives neighbours their shares by weight, and each frame of a trickle to somebody', () => {
    const lab = new Laboratory();
    lab.add({ ...SENDER, txFps: 40 });
    const three = lab.add({ ...RECEIVER, localWeight: 3 });
    const ones = Array.from({ length: 97 }, () => lab.add(RECEIVER));
    lab.run(2001);
    expect(lab.read(three, 'rxOffered')).toBeGreaterThan(2300);
    expect(lab.read(three, 'rxOffered')).toBeLessThan(2500);
    for (const one of ones) {
      expect(lab.read(one, 'rxOffered')).toBeGreaterThan(700);
      expect(lab.read(one, 'rxOffered')).toBeLessThan(900);
    }
  });

  it('counts as lost what a guest that halts in mid-tick has not got, and what is for nobody', () => {
    const lab = new Laboratory('bridge', null);
    lab.add(SENDER);
    const receiver = lab.add(RECEIVER);
    lab.run(3);
    lab.plan(1000);
    lab.halt(receiver, 400);
    lab.now += 1000;
    lab.plan(1000);
    expect(lab.segment.total('lost').frames).toBe(6000 + 10_000);
  });

  it('does not give a second share in the same span', () => {
    const lab = new Laboratory();
    const { segment } = lab;
    const guest = lab.add({ ...SILENT, rxFps: 1000 });
    lab.plan(1000);
    segment.claim(guest.port);
    expect(segment.arrival.frames).toBe(0);
    const late = segment.plug();
    segment.claim(late);
    expect(segment.arrival.frames).toBe(0);
  });

  it('lets a guest that starts in mid-tick send at once, and has something for it in the next tick', () => {
    const lab = new Laboratory();
    lab.plan(1000);
    const { machine, parts, model, port } = lab.add({ ...SILENT, txFps: 1000, rxFps: 1000 });
    lab.now += 500;
    demandNic(machine, parts, model, lab.segment, port, 1, 500, true);
    begin(machine, lab.now, 500);
    runNic(machine, parts, model, lab.segment, port, 500, 1, 1);
    lab.now += 500;
    lab.collect();
    const [guest] = lab.guests;
    expect([lab.read(guest!, 'txFrames'), lab.read(guest!, 'rxFrames')]).toEqual([500, 0]);
    lab.run(1);
    expect([lab.read(guest!, 'txFrames'), lab.read(guest!, 'rxFrames')]).toEqual([1500, 1000]);
  });

  it('lets a new guest have the port of one that left, without its frames', () => {
    const lab = new Laboratory();
    const { segment } = lab;
    const ports = Array.from({ length: 40 }, () => segment.plug());
    expect(new Set(ports).size).toBe(40);
    segment.ask(ports[7]!, 0, 500, 50_000, 0, 0);
    segment.shareOut(0, 1000);
    segment.unplug(ports[7]!);
    expect(segment.plug()).toBe(ports[7]);
    segment.claim(ports[7]!);
    expect(segment.arrival.frames).toBe(0);
    segment.shareOut(1000, 1000);
    expect(segment.total('lost')).toEqual({ frames: 500, bytes: 50_000 });
  });
});

describe('checksums', () => {
  const world = { ...SILENT, rxFps: 50_000, udpShare: 1 } as const;

  it('A2.6 GUEST_CSUM and a NIC that checks: every good external UDP packet is valid, and the guest sums nothing', () => {
    const lab = new Laboratory();
    const [on, off] = [lab.add(world), lab.add(world, { features: { guestCsum: false } })];
    lab.run(10);
    expect(lab.nic(on, 'dataValid')).toBe(lab.read(on, 'rxFrames'));
    expect(lab.nic(on, 'checksumBytes')).toBe(0);
    expect(lab.nic(off, 'dataValid')).toBe(0);
    expect(lab.nic(off, 'checksumBytes')).toBe(lab.read(off, 'rxBytes'));
    expect(lab.nic(off, 'guestNs')).toBeGreaterThan(lab.nic(on, 'guestNs'));
  });

  it('A2.6 a NIC that does not check saves nothing', () => {
    const lab = new Laboratory('bridge', { rxChecksum: false });
    const guest = lab.add(world);
    lab.run(10);
    expect(lab.nic(guest, 'checksumBytes')).toBe(lab.read(guest, 'rxBytes'));
  });

  it('A2.6 corrupted frames are never marked valid; the guest finds them', () => {
    const lab = new Laboratory('bridge', { corruptShare: 0.01 });
    const guest = lab.add(world);
    lab.run(10);
    expect(lab.nic(guest, 'rxErrors')).toBe(5000);
    expect(lab.nic(guest, 'dataValid')).toBe(495_000);
    expect(lab.segment.uplink!.read('rxChecksumErrors', lab.now)).toBe(5000);
  });

  it('A2.6 traffic between guests carries NEEDS_CSUM instead, unless the sender summed it', () => {
    for (const csum of [true, false]) {
      const lab = new Laboratory();
      lab.add(SENDER, { features: { csum } });
      const receiver = lab.add(RECEIVER);
      lab.run(10);
      expect(lab.nic(receiver, 'dataValid')).toBe(0);
      expect(lab.nic(receiver, 'needsChecksum')).toBe(csum ? lab.read(receiver, 'rxFrames') : 0);
      expect(lab.nic(receiver, 'checksumBytes')).toBe(csum ? 0 : lab.read(receiver, 'rxBytes'));
    }
  });
});

describe('chains', () => {
  it('with MRG_RXBUF a chain takes ceil((len + hdr) / buf) buffers', () => {
    expect([1514, 4084, 4085, 65_535].map((octets) => rxBuffersPerChain(octets, true))).toEqual([
      1, 1, 2, 17,
    ]);
    expect(rxBuffersPerChain(65_535, false)).toBe(1);
  });

  it('segmentation offload makes fewer chains of as many frames, at less cost', () => {
    const run = (hostTso4: boolean) => {
      const lab = new Laboratory();
      const guest = lab.add(
        { ...SILENT, txFps: 32_000, largeShare: 1, udpShare: 0 },
        { features: { hostTso4 } },
      );
      lab.run(5);
      return [lab.read(guest, 'txFrames'), lab.read(guest, 'txUsed'), lab.nic(guest, 'hostNs')] as const;
    };
    const [on, off] = [run(true), run(false)];
    expect([on[0], on[1], off[0], off[1]]).toEqual([160_000, 10_000, 160_000, 160_000]);
    expect(on[2]).toBeLessThan(off[2]);
  });

  it('queue pairs share what the NIC does', () => {
    const lab = new Laboratory();
    const one = lab.add({ ...SILENT, txFps: 10_001, rxFps: 9_999 }, { queues: 4 });
    lab.run(3);
    expect(lab.read(one, 'txFrames')).toBe(30_003);
    expect(lab.read(one, 'rxFrames')).toBe(29_997);
  });
});
