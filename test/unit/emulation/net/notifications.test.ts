import { describe, expect, it } from 'vitest';
import { type Guest, Laboratory, type NicChanges, SILENT } from './laboratory.ts';

/** 1000 bursts of 40 small frames a second, to a back end that wakes 50 us after a kick. */
const BURSTY = {
  ...SILENT,
  txFps: 40_000,
  largeShare: 0,
  udpShare: 1,
  burstFrames: 40,
  gapNs: 1000,
} as const;
const SLOW_HOST = { hostChainNs: 2000, hostByteNs: 0, hostWakeNs: 50_000, kickNs: 2000 };

function played(ticks: number, load: Parameters<Laboratory['add']>[0], nic: NicChanges): [Laboratory, Guest] {
  const lab = new Laboratory();
  const guest = lab.add(load, nic);
  lab.run(ticks);
  return [lab, guest];
}

describe('notifications of a NIC', () => {
  it('A2.3 bursty load, large S: one kick per burst with EVENT_IDX, 1 + floor(S / (tp + x)) with flags', () => {
    const [event, a] = played(10, BURSTY, { costs: SLOW_HOST, features: { eventIdx: true } });
    const [flags, b] = played(10, BURSTY, { costs: SLOW_HOST, features: { eventIdx: false } });
    expect(event.read(a, 'kicks')).toBe(10_000);
    expect(flags.read(b, 'kicks')).toBe(10_000 * (1 + Math.floor(50 / 3)));
    expect(event.read(a, 'txBytes')).toBeGreaterThanOrEqual(flags.read(b, 'txBytes'));
    expect(event.read(a, 'txBytes')).toBe(400_000 * 90);
    expect(event.nic(a, 'guestNs')).toBeLessThan(flags.nic(b, 'guestNs'));
  });

  it('A2.3 bursts that come in: fewer interrupts with EVENT_IDX, as many octets', () => {
    const load = { ...BURSTY, txFps: 0, rxFps: 40_000 };
    const costs = { guestWakeNs: 40_000 };
    const [event, a] = played(10, load, { costs, features: { eventIdx: true } });
    const [flags, b] = played(10, load, { costs, features: { eventIdx: false } });
    expect(event.read(a, 'rxInterrupts')).toBe(10_000);
    expect(flags.read(b, 'rxInterrupts')).toBeGreaterThan(100_000);
    expect(flags.read(b, 'rxBytes')).toBe(event.read(a, 'rxBytes'));
  });

  it('A2.3 bursts that fill the ring: fewer transmit interrupts with EVENT_IDX', () => {
    const load = { ...BURSTY, burstFrames: 1000 };
    const [event, a] = played(10, load, { costs: SLOW_HOST, features: { eventIdx: true } });
    const [flags, b] = played(10, load, { costs: SLOW_HOST, features: { eventIdx: false } });
    expect(event.read(a, 'txInterrupts')).toBeGreaterThan(0);
    expect(flags.read(b, 'txInterrupts')).toBeGreaterThan(5 * event.read(a, 'txInterrupts'));
  });

  it('A2.3 steady saturation: no difference of 1 % between the modes', () => {
    const load = { ...BURSTY, txFps: 2_000_000, burstFrames: 1 };
    const [event, a] = played(20, load, { costs: SLOW_HOST, features: { eventIdx: true } });
    const [flags, b] = played(20, load, { costs: SLOW_HOST, features: { eventIdx: false } });
    expect(event.read(a, 'txFrames')).toBeGreaterThan(9e6);
    for (const name of ['txFrames', 'txBytes', 'txInterrupts'] as const) {
      const [with_, without] = [event.read(a, name), flags.read(b, name)];
      expect(Math.abs(with_ - without) / without).toBeLessThan(0.01);
    }
    expect(flags.read(b, 'kicks')).toBeLessThan(100);
  });

  it('A2.2 no kick while the backlog stays above 0', () => {
    const [lab, guest] = played(5, { ...BURSTY, txFps: 2_000_000 }, { costs: SLOW_HOST });
    const before = lab.read(guest, 'kicks');
    expect(lab.read(guest, 'txOffered') - lab.read(guest, 'txDropped')).toBeGreaterThan(
      lab.read(guest, 'txFrames'),
    );
    lab.run(10);
    expect(lab.read(guest, 'kicks')).toBe(before);
  });

  it('NOTIFY_ON_EMPTY adds an interrupt for each time that the device runs out', () => {
    const [plain, a] = played(5, BURSTY, { costs: SLOW_HOST });
    const [empty, b] = played(5, BURSTY, { costs: SLOW_HOST, features: { notifyOnEmpty: true } });
    expect(empty.read(b, 'txInterrupts') - plain.read(a, 'txInterrupts')).toBe(5000);
  });

  it('the transmit timer of user space wakes 150 us after the kick', () => {
    const nic = { backEnd: 'qemu', features: { eventIdx: false } } as const;
    const costs = { hostChainNs: 2000, hostByteNs: 0, hostWakeNs: 5000, kickNs: 500 };
    const [bh, a] = played(5, BURSTY, { ...nic, costs, txMode: 'iothread' });
    const [timer, b] = played(5, BURSTY, { ...nic, costs, txMode: 'timer' });
    expect(bh.read(a, 'kicks')).toBe(5000 * (1 + Math.floor(5000 / 1500)));
    expect(timer.read(b, 'kicks')).toBe(5000 * 40);
  });
});
