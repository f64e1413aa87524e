import { describe, expect, it } from 'vitest';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainConfig, NicConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import type { UplinkConfig } from '../../../agent/emulation/net/net-config.ts';
import { readNic, readQueues } from '../../../agent/emulation/net/nic-view.ts';
import type { Segment, SegmentTotal } from '../../../agent/emulation/net/segment.ts';
import type { UplinkCounter } from '../../../agent/emulation/net/uplink.ts';
import { config, Fleet } from './fleet.ts';
import { picture } from './snapshot.ts';

const NIC: NicConfig = { type: 'network', source: 'default', model: 'virtio', queues: 2 };

interface Stage {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly guests: readonly Domain[];
  readonly segment: Segment;
  readonly set: (up: boolean) => void;
  readonly uplink: (counter: UplinkCounter) => number;
  readonly total: (name: SegmentTotal) => number;
}

/** Three guests on a bridge that have run for some seconds. */
function stage(nic: Partial<NicConfig> = {}, uplink: Partial<UplinkConfig> = {}): Stage {
  const fleet = new Fleet();
  const usual = hostDefaults('modern');
  const segments = usual.segments.map((each) => ({ ...each, uplink: { ...each.uplink!, ...uplink } }));
  const host = fleet.hypervisor.addHost('host', { ...usual, segments, grows: false });
  const definition: Partial<DomainConfig> = {
    initialState: 'running',
    nics: [{ ...NIC, ...nic }],
    devices: { usb: false },
  };
  const configs = ['a', 'b', 'c'].map((name) => config(name, definition));
  fleet.hypervisor.apply({ op: 'populate', host, configs });
  fleet.pass(10);
  const segment = [...host.segments][0]!;
  return {
    fleet,
    host,
    guests: configs.map(({ name }) => host.domains.byName(name)!),
    segment,
    set: (up) => fleet.hypervisor.apply({ op: 'host', host, action: { uplink: 'virbr0', up } }),
    uplink: (counter) => segment.uplink!.read(counter, fleet.clock.nowMs),
    total: (name) => segment.total(name).frames,
  };
}

function queues(guests: readonly Domain[], name: Parameters<typeof readQueues>[2]): number {
  return guests.reduce(
    (sum, { process, nowMs }) => sum + readQueues(process!.machine, process!.nics[0]!.parts, name, nowMs),
    0,
  );
}

/** Every frame and octet is somewhere: holds at each end of a tick. */
function expectConserved({ segment }: Stage): void {
  for (const what of ['frames', 'bytes'] as const) {
    const total = (name: SegmentTotal) => segment.total(name)[what];
    expect(total('fromGuests') + total('fromOutside')).toBe(
      total('toGuests') +
        total('toOutside') +
        total('lineDropped') +
        total('switchDropped') +
        total('lost') +
        segment.inFlight()[what],
    );
  }
}

describe('A11.5 an uplink whose link goes down', () => {
  it.each([0, 0.37, 0.999])('%d s into a tick: nothing is sent or received from then on', (cut) => {
    const made = stage();
    const { fleet, guests, set, uplink, segment } = made;
    const sentUsually = queues(guests, 'txFrames');
    fleet.pass(cut);
    expect(segment.uplink!.up).toBe(true);
    set(false);
    expect(segment.uplink!.up).toBe(false);
    expect(segment.uplink!.nics[0]!.changedMs).toBe(fleet.clock.nowMs);
    const [sent, came] = [uplink('txFrames'), uplink('rxFrames')];
    expect(sent).toBeGreaterThan(1000);
    expect(came).toBeGreaterThan(1000);
    expectConserved(made);
    const heard = queues(guests, 'rxFrames');
    const before = queues(guests, 'txFrames');
    fleet.pass(30);
    expectConserved(made);
    expect(uplink('txFrames')).toBe(sent);
    expect(uplink('rxFrames')).toBe(came);
    // What leaves by the line is what the line counts, to the frame.
    expect(made.total('toOutside')).toBe(sent);
    expect(made.total('fromOutside')).toBe(came);
    // Neighbours still hear each other: a fifth of what they send is for them.
    expect((queues(guests, 'rxFrames') - heard) / 30).toBeGreaterThan(0.15 * (sentUsually / 10));
    expect(queues(guests, 'txFrames') - before).toBeGreaterThan(queues(guests, 'rxFrames') - heard - 1000);
    expect(uplink('txDropped')).toBeGreaterThan(100);
    const planned = segment.uplink!.left('txDropped', fleet.clock.nowMs);
    expect(uplink('txErrors') + uplink('txDropped') + planned).toBe(made.total('lineDropped'));
  });

  it('TCP waits in its guests meanwhile, and nothing bursts out when the link is up again', () => {
    const made = stage();
    const { fleet, set, uplink } = made;
    const perSecond = (seconds: number): number => {
      const before = uplink('txFrames');
      fleet.pass(seconds);
      return (uplink('txFrames') - before) / seconds;
    };
    const usual = perSecond(20);
    set(false);
    fleet.pass(60);
    // Only UDP was tried, which is a tenth of what goes outside.
    expect(uplink('txDropped') / 60).toBeLessThan(0.15 * usual);
    set(true);
    const { txQueueSize } = made.guests[0]!.process!.nics[0]!.model.config;
    expect(perSecond(1)).toBeLessThan(1.3 * usual + 3 * 2 * txQueueSize);
    expect(perSecond(20)).toBeGreaterThan(0.7 * usual);
    expectConserved(made);
  });

  it('frames that wait for the line are lost by an error: there are some when it was busy', () => {
    const busy = stage({ traffic: { txFps: 400_000, localShare: 0, udpShare: 1 } }, { lineRate: 1e8 });
    expect(busy.uplink('txErrors')).toBe(0);
    busy.set(false);
    expect(busy.uplink('txErrors')).toBe(0);
    busy.fleet.pass(3);
    const { queueFrames } = busy.segment.config.uplink!;
    const errors = busy.uplink('txErrors');
    expect(errors).toBeGreaterThan(0.9 * queueFrames);
    expect(errors).toBeLessThanOrEqual(queueFrames);
    busy.fleet.pass(10);
    expect(busy.uplink('txErrors')).toBe(errors);
    expectConserved(busy);
  });

  it('is refused of a segment that there is not', () => {
    const { fleet, host } = stage();
    const apply = () => fleet.hypervisor.apply({ op: 'host', host, action: { uplink: 'br7', up: false } });
    expect(apply).toThrow('host host: no segment br7 with an uplink; there are virbr0');
  });

  it('is as it was after a rollback, now and later', () => {
    const run = (rolledBack: boolean): unknown => {
      const { fleet, host, segment } = stage();
      fleet.pass(0.4);
      if (rolledBack) {
        const transaction = fleet.hypervisor.transaction();
        transaction.apply({ op: 'host', host, action: { uplink: 'virbr0', up: false } });
        transaction.rollback();
      }
      fleet.pass(5);
      return [segment.snapshot(), segment.total('lost'), picture(fleet)];
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe('errors of NICs', () => {
  it('a bad cable: frames are damaged in their share, counted, and reach nobody', () => {
    const clean = stage();
    const bad = stage({}, { fcsErrorShare: 0.02 });
    for (const { fleet } of [clean, bad]) fleet.pass(60);
    expect(clean.uplink('rxErrors')).toBe(0);
    const [errors, good] = [bad.uplink('rxErrors'), bad.uplink('rxFrames')];
    expect(errors / (errors + good)).toBeCloseTo(0.02, 3);
    expect(good).toBeLessThan(clean.uplink('rxFrames'));
    expectConserved(bad);
  });

  it("a guest's link that goes down takes what waits in its rings with it, as errors", () => {
    const crowded = stage({ traffic: { txFps: 3_000_000, udpShare: 1, localShare: 0 }, backEnd: 'qemu' });
    const [guest] = crowded.guests;
    const errors = (): number =>
      readNic(guest!.process!.machine, guest!.process!.nics[0]!.parts, 'txErrors', guest!.nowMs);
    expect(errors()).toBe(0);
    const dropped = queues([guest!], 'txDropped');
    crowded.fleet.hypervisor.apply({ op: 'tune', domain: guest!, link: { nic: 0, up: false } });
    expect(errors()).toBeGreaterThan(100);
    expect(queues([guest!], 'txDropped') - dropped).toBe(errors());
    const then = errors();
    crowded.fleet.pass(5);
    expect(errors()).toBe(then);
    crowded.fleet.hypervisor.apply({ op: 'tune', domain: guest!, link: { nic: 0, up: true } });
    crowded.fleet.pass(5);
    expect(errors()).toBe(then);
    expect(queues([guest!], 'txOffered')).toBeGreaterThanOrEqual(
      queues([guest!], 'txFrames') + queues([guest!], 'txDropped'),
    );
  });
});
