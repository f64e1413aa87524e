import type { HostStorage } from '../block/disk.ts';
import { type DevicesSnapshot, HostDevices } from '../block/host-storage.ts';
import { StoragePools } from '../block/storage-pools.ts';
import type { NicConfig } from '../domain/domain-config.ts';
import type { MemoryConsequence } from '../memory/consequence.ts';
import { HostMemory, type HostMemorySnapshot } from '../memory/host-memory.ts';
import {
  type LowerDeviceConfig,
  type SegmentConfig,
  UPLINK_DEFAULTS,
  type UplinkConfig,
} from '../net/net-config.ts';
import { Segment, type SegmentRecord } from '../net/segment.ts';
import type { LinkSetting, LinkSettings } from '../net/uplink.ts';
import { HostCpu, type HostCpuRecord } from '../vcpu/host-cpu.ts';
import type { HostConfig } from './host-config.ts';

/** libvirt's own network, whose bridge is virbr0. */
const DEFAULT_NETWORK = 'default';

/** What {@link HostResources.restore} takes back. */
export interface ResourcesRecord {
  readonly cpu: HostCpuRecord;
  readonly memory: HostMemorySnapshot;
  readonly segments: readonly (readonly [string, SegmentRecord])[];
  readonly links: LinkSettings;
  readonly devices: DevicesSnapshot;
  readonly pools: Float64Array;
}

/** Everything of a host that its guests share: processors, memory, bridges and lines, storage. */
export class HostResources {
  readonly config: HostConfig;
  readonly cpu: HostCpu;
  readonly memory: HostMemory;
  readonly storage: HostStorage;
  readonly #seed: number;
  readonly #host: string;
  readonly #bootedMs: number;
  readonly #segments = new Map<string, Segment>();
  #links: Map<string, LinkSetting>;
  #segmentChanges = 0;

  /** `links`: what has been set of its links before. */
  constructor(
    config: HostConfig,
    seed: number,
    host: string,
    nowMs: number,
    links: LinkSettings = new Map(),
  ) {
    this.config = config;
    this.#seed = seed;
    this.#host = host;
    this.#bootedMs = nowMs;
    this.#links = new Map(links);
    this.cpu = new HostCpu(config.cpu, nowMs);
    this.memory = new HostMemory(config.memory, config.ksm);
    this.storage = {
      devices: new HostDevices(config.pools.map(({ device }) => device)),
      pools: new StoragePools(config.pools.map(({ capacityBytes }) => capacityBytes)),
    };
    for (const segment of config.segments) this.#addSegment(segment);
  }

  /** Every bridge and macvtap lower device; more come with the definitions that name them. */
  get segments(): Iterable<Segment> {
    return this.#segments.values();
  }

  /** How often a segment came or went: what was worked out from {@link segments} is good while this stays. */
  get segmentChanges(): number {
    return this.#segmentChanges;
  }

  /** What is set of its NICs, bonds and bridges, whether or not a segment uses them at present. */
  get links(): LinkSettings {
    return this.#links;
  }

  /** What of {@link links} is still so when its kernel has booted: nobody has set anything there. */
  get linksAfterBoot(): LinkSettings {
    return new Map(
      Array.from(this.#links, ([name, { enabled: _forgotten, ...lasting }]) => [name, lasting] as const),
    );
  }

  /** What a NIC is plugged into: what its definition names, made when the host has it not; else the first. */
  segmentOf(nic: NicConfig): Segment {
    const first = this.config.segments[0]!;
    if (nic.type === 'direct') {
      const mode = nic.macvtapMode ?? 'vepa';
      const lower = nic.source ?? first.uplink?.name ?? first.name;
      return this.#segmentNamed(`${lower}/${mode}`, `macvtap-${mode}`, lower);
    }
    const isFirst = nic.source === undefined || nic.source === DEFAULT_NETWORK || nic.type === 'user';
    return this.#segmentNamed(isFirst ? first.name : nic.source, 'bridge');
  }

  /** The number of a pool, which is that of its device too; 0 for a name that the host does not know. */
  poolOf(name: string | undefined): number {
    return Math.max(
      0,
      this.config.pools.findIndex((pool) => pool.name === name),
    );
  }

  /** A tick begins: nobody has asked for anything. */
  beginTick(nowMs: number, spanMs: number): void {
    this.cpu.beginTick();
    this.memory.beginTick();
    this.storage.devices.beginTick();
    this.storage.pools.beginTick(nowMs, spanMs);
  }

  /** Decides who gets what, once every guest has said what it wants. */
  share(nowMs: number, spanMs: number, consequences: MemoryConsequence[]): void {
    this.cpu.share();
    this.memory.share(spanMs, consequences);
    this.storage.devices.share();
    for (const segment of this.#segments.values()) segment.shareOut(nowMs, spanMs);
  }

  /** A copy of everything that changes, for {@link restore}. */
  snapshot(): ResourcesRecord {
    return {
      cpu: this.cpu.snapshot(),
      memory: this.memory.snapshot(),
      segments: [...this.#segments].map(([name, segment]) => [name, segment.snapshot()] as const),
      links: new Map(this.#links),
      devices: this.storage.devices.snapshot(),
      pools: this.storage.pools.snapshot(),
    };
  }

  /** Puts everything back as it was. */
  restore(record: ResourcesRecord): void {
    this.cpu.restore(record.cpu);
    this.memory.restore(record.memory);
    this.#links = new Map(record.links);
    const known = new Map(record.segments);
    for (const [name, segment] of this.#segments) {
      const before = known.get(name);
      if (before) segment.restore(before);
      else {
        this.#segments.delete(name);
        this.#segmentChanges++;
      }
    }
    this.storage.devices.restore(record.devices);
    this.storage.pools.restore(record.pools);
  }

  /** `lower`: the device that macvtap is on. */
  #segmentNamed(name: string, kind: SegmentConfig['kind'], lower?: string): Segment {
    const known = this.#segments.get(name);
    if (known) return known;
    const device: LowerDeviceConfig = (lower === undefined ? undefined : this.#lineNamed(lower)) ?? {
      ...this.#usualLine(),
      name: lower ?? this.#freeName(),
    };
    const { reflects = kind === 'macvtap-vepa', ...uplink } = device;
    return this.#addSegment({ name, kind, uplink, reflects });
  }

  /** A lower device or bond by its name; a NIC that is the slave of a bond is used with the others. */
  #lineNamed(name: string): LowerDeviceConfig | undefined {
    const { lowerDevices = [], segments } = this.config;
    const bonds = [...lowerDevices, ...segments.flatMap(({ uplink }) => uplink ?? [])];
    return (
      lowerDevices.find((each) => each.name === name) ??
      bonds.find(
        (each) => each.bond && (each.name === name || each.bond.slaves.some((slave) => slave.name === name)),
      )
    );
  }

  /** A name for a NIC that no other has. */
  #freeName(): string {
    const taken = new Set(
      Array.from(this.#segments.values(), ({ uplink }) => uplink?.nics ?? [])
        .flat()
        .map(({ config }) => config.name),
    );
    let number = this.#segments.size;
    while (taken.has(`eth${number}`)) number++;
    return `eth${number}`;
  }

  /** Sets what is given of the link of a NIC, wherever it is used. */
  setLink(nic: string, setting: LinkSetting, nowMs: number): void {
    this.#links.set(nic, { ...this.#links.get(nic), ...setting });
    for (const segment of this.#segments.values()) segment.setLink(nic, setting, nowMs);
  }

  /** Has NICs, bonds and bridges of a name on or off (`ip link set`). */
  setInterface(name: string, enabled: boolean, nowMs: number): void {
    this.setLink(name, { enabled }, nowMs);
    for (const segment of this.#segments.values()) {
      if (segment.bond?.config.name === name) segment.bond.setEnabled(enabled);
      if (segment.config.kind === 'bridge' && segment.config.name === name) segment.setEnabled(enabled);
    }
  }

  /** When a bond next notices that a link is up or down, in simulated ms; `undefined` for never. */
  get linksDueMs(): number | undefined {
    const due = Array.from(this.#segments.values(), ({ bond }) => bond?.dueMs).filter(
      (each) => each !== undefined,
    );
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Has bonds notice what they would have noticed by now. */
  settleLinks(nowMs: number): void {
    for (const { bond } of this.#segments.values()) bond?.settle(nowMs);
  }

  /** The host has no power: no link is up until it boots, and what its lines were to carry in the span has not gone. */
  powerOff(nowMs: number, spanMs: number): void {
    for (const segment of this.#segments.values()) {
      segment.uplink?.powerOff(nowMs);
      segment.shareOut(nowMs, spanMs);
    }
  }

  /** What a NIC is like of which nothing is said: the first segment's, or a slave of its bond. */
  #usualLine(): UplinkConfig {
    const first = this.config.segments[0]?.uplink;
    return first?.bond?.slaves[0] ?? first ?? UPLINK_DEFAULTS;
  }

  #addSegment(config: SegmentConfig): Segment {
    const segment = new Segment(config, this.#seed, this.#host, this.#bootedMs, this.#links);
    const { bond } = segment;
    for (const { bond: other } of this.#segments.values())
      if (bond && other?.config.name === bond.config.name) bond.agreeWith(other);
    this.#segments.set(config.name, segment);
    this.#segmentChanges++;
    return segment;
  }
}
