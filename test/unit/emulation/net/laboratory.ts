import { Layout } from '../../../../agent/emulation/machine/layout.ts';
import { begin, createMachine, type Machine, settle } from '../../../../agent/emulation/machine/machine.ts';
import {
  NIC_DEFAULTS,
  type NicConfig,
  type NicCosts,
  type NicFeatures,
  type SegmentConfig,
  TRAFFIC_DEFAULTS,
  type TrafficLoad,
  UPLINK_DEFAULTS,
  type UplinkConfig,
} from '../../../../agent/emulation/net/net-config.ts';
import { collectNic, demandNic, runNic } from '../../../../agent/emulation/net/nic.ts';
import { type NicModel, nicModel } from '../../../../agent/emulation/net/nic-model.ts';
import {
  NIC_SHAPE,
  type NicParts,
  QUEUE_SHAPE,
  type QueueCounter,
} from '../../../../agent/emulation/net/nic-parts.ts';
import { readNic, readQueues } from '../../../../agent/emulation/net/nic-view.ts';
import { Segment } from '../../../../agent/emulation/net/segment.ts';

/** A guest with one NIC. */
export interface Guest {
  readonly machine: Machine;
  readonly parts: NicParts;
  readonly model: NicModel;
  readonly port: number;
  activity: number;
  guestShare: number;
  hostShare: number;
  running: boolean;
}

/** Differences of a NIC to the modern one. */
export interface NicChanges extends Partial<Omit<NicConfig, 'features' | 'costs'>> {
  readonly features?: Partial<NicFeatures>;
  readonly costs?: Partial<NicCosts>;
}

/** Nothing to send or to get. */
export const SILENT: Partial<TrafficLoad> = { txFps: 0, rxFps: 0, localWeight: 0, localShare: 0 };

/** One segment with guests, and the pipeline that moves them tick by tick. */
export class Laboratory {
  readonly segment: Segment;
  readonly guests: Guest[] = [];
  now = 0;

  constructor(
    kind: SegmentConfig['kind'] = 'bridge',
    uplink: Partial<UplinkConfig> | null = {},
    reflects = false,
  ) {
    const config = { name: 'br0', kind, reflects };
    this.segment = new Segment(
      uplink ? { ...config, uplink: { ...UPLINK_DEFAULTS, ...uplink } } : config,
      7,
      'host',
    );
  }

  /** Adds a running guest. */
  add(load: Partial<TrafficLoad>, nic: NicChanges = {}): Guest {
    const base = NIC_DEFAULTS.modern;
    const config = {
      ...base,
      ...nic,
      features: { ...base.features, ...nic.features },
      costs: { ...base.costs, ...nic.costs },
    };
    const layout = new Layout([NIC_SHAPE, ...Array.from({ length: config.queues }, () => QUEUE_SHAPE)]);
    const [first, ...queues] = layout.parts;
    const guest = {
      machine: createMachine(layout),
      parts: { nic: first!, queues },
      model: nicModel(config, { ...TRAFFIC_DEFAULTS, ...load }, this.segment.config.kind),
      port: this.segment.plug(),
      activity: 1,
      guestShare: 1,
      hostShare: 1,
      running: true,
    };
    this.guests.push(guest);
    return guest;
  }

  /** Moves on by `ticks` ticks; `order` is that in which the guests are passed through. */
  run(ticks: number, tickMs = 1000, order: readonly Guest[] = this.guests): void {
    for (let i = 0; i < ticks; i++) {
      this.plan(tickMs, order);
      this.now += tickMs;
    }
    this.collect(order);
  }

  /** Ends the present tick and plans the next one. */
  plan(tickMs: number, order: readonly Guest[] = this.guests): void {
    const { segment, now } = this;
    this.collect(order);
    const running = order.filter((guest) => guest.running);
    for (const { machine, parts, model, port, activity } of running) {
      demandNic(machine, parts, model, segment, port, activity, tickMs);
    }
    segment.shareOut(now, tickMs);
    for (const { machine, parts, model, port, guestShare, hostShare } of running) {
      begin(machine, now, tickMs);
      runNic(machine, parts, model, segment, port, tickMs, guestShare, hostShare);
    }
  }

  /** Settles everyone and takes what has left them. */
  collect(order: readonly Guest[] = this.guests): void {
    for (const { machine, parts, model, port } of order) {
      settle(machine, this.now);
      collectNic(machine, parts, model, this.segment, port);
    }
  }

  /** Halts a guest where it is, `ms` into the tick that was just planned. */
  halt(guest: Guest, ms: number): void {
    guest.running = false;
    settle(guest.machine, this.now + ms);
    collectNic(guest.machine, guest.parts, guest.model, this.segment, guest.port);
  }

  /** A counter of a guest, over all its queues. */
  read(guest: Guest, name: QueueCounter): number {
    return readQueues(guest.machine, guest.parts, name, this.now);
  }

  /** A counter of a guest's NIC. */
  nic(guest: Guest, name: Parameters<typeof readNic>[2]): number {
    return readNic(guest.machine, guest.parts, name, this.now);
  }
}
