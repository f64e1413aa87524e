import type { Timer, VirtualClock } from '../../util/clock.ts';
import { uuidOctets } from '../../util/uuid.ts';
import type { BlockJob } from '../block/block-job.ts';
import type { Cause } from '../cause.ts';
import { readContainer, readMemoryCurrent } from '../container/container-read.ts';
import { type GuestDevices, guestMsOf } from '../devices/guest-devices.ts';
import type { GuestLoad } from '../guest/guest-load.ts';
import type { Host } from '../host/host.ts';
import type { MigrationJob, MigrationSpeed } from '../lifecycle/migration-job.ts';
import type { ActionName, ImageKind, Step, Story } from '../lifecycle/story.ts';
import { currentKiB } from '../memory/guest-read.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { VcpuStatistics } from '../process/vcpu-statistics.ts';
import { DOMAIN_STATE, type DomainState } from '../states.ts';
import { GUEST_CPU_STATE } from '../vcpu/vcpu-places.ts';
import { readEmulatorTime, readGuestTime } from '../vcpu/vcpu-read.ts';
import type { DomainConfig } from './domain-config.ts';
import type { Images } from './images.ts';

/** A story that goes on: a new object for each step, so that an old one can be put back. */
export interface PendingStory {
  readonly story: Story;
  /** Of whatever happens in it. */
  readonly cause: Cause;
  /** The same object from the story's first step to its last: tells it from another of the same row. */
  readonly run: object;
  /** The steps left, the next one first. */
  readonly steps: readonly Step[];
  /** Runs the next step; absent while the story only holds. */
  readonly timer: Timer | undefined;
  /** The domain acted on. */
  readonly source: Domain;
  /** Its copy on the target of a migration. */
  readonly target: Domain | undefined;
  /** Whether the guest lives on the target already. */
  readonly handedOver: boolean;
  readonly persist: boolean;
  readonly undefineSource: boolean;
  /** How fast a migration may be. */
  readonly speed: MigrationSpeed;
  /** The copying of memory, once it has begun. */
  readonly migration: MigrationJob | undefined;
}

/** What tells an instant in simulated ms. */
export interface Instant {
  readonly nowMs: number;
}

/** What was read of a domain at the last instant at which its monitor answered. */
export interface FrozenStatistics extends Instant {
  readonly process: EmulatorProcess;
  readonly devices: GuestDevices | undefined;
  readonly guestMs: number;
}

/** What changes about a domain. Written by the hypervisor's own modules only. */
export interface DomainFields {
  /** The definition in effect: while the domain is active, the one that it was started with. */
  config: DomainConfig;
  /** The definition that takes effect when the domain has stopped. */
  nextConfig: DomainConfig | undefined;
  persistent: boolean;
  state: DomainState;
  reason: number;
  image: ImageKind;
  imagePaused: boolean;
  pending: PendingStory | undefined;
  /** What its programs do; the object stays the same. */
  readonly load: GuestLoad;
  /** Absent while the domain is shut off. */
  process: EmulatorProcess | undefined;
  /** Absent while the domain is shut off. */
  devices: GuestDevices | undefined;
  /** When one of the devices does something by itself; absent while none will. */
  deviceTimer: Timer | undefined;
  /** Block jobs by the disk's target; and what ends or readies the next of them. */
  blockJobs: ReadonlyMap<string, BlockJob>;
  blockJobTimer: Timer | undefined;
  /** The device that the guest was asked to let go; the timer is absent while it does not answer. */
  unplug: { readonly alias: string; readonly timer: Timer | undefined } | undefined;
  /** When it got into its present state, in simulated ms. */
  stateSinceMs: number;
  /** Times that its system has begun to boot. */
  boots: number;
  /** Errors of the host's memory that hit it since its process began. */
  memoryFailures: number;
  /** What the images of its disks take. */
  images: Images;
  /** Whether its system is on its way up. */
  booting: boolean;
  /** Looks at the boot again, or ends it; absent while it stands still or is over. */
  bootTimer: Timer | undefined;
  /** How many numbers the domain's stream has given. */
  draws: number;
  /** Absent while its monitor answers. */
  frozen: FrozenStatistics | undefined;
}

const NO_JOBS: ReadonlyMap<string, BlockJob> = new Map();

let fields: (domain: Domain) => DomainFields;
let markChanged: (domain: Domain) => void;
/** The latest {@link Domain.revision} of all domains. */
let revisions = 0;

/** One domain of one host. Everything can be read at any time; only the hypervisor changes anything. */
export class Domain {
  readonly host: Host;
  /** Canonical form: lower case, with dashes. */
  readonly uuid: string;
  /** The same as 16 octets, most significant first. */
  readonly uuidOctets: Uint8Array;
  /** 1 and up in the order in which the host came to know the UUIDs; none is given to another UUID. */
  readonly number: number;
  readonly #clock: VirtualClock;
  readonly #fields: DomainFields;
  #revision = ++revisions;

  static {
    fields = (domain) => domain.#fields;
    markChanged = (domain) => {
      domain.#revision = ++revisions;
    };
  }

  constructor(host: Host, config: DomainConfig, persistent: boolean, load: GuestLoad, clock: VirtualClock) {
    this.host = host;
    this.uuid = config.uuid;
    this.uuidOctets = uuidOctets(config.uuid);
    this.number = host.domains.numberFor(config.uuid);
    this.#clock = clock;
    this.#fields = {
      config,
      nextConfig: undefined,
      persistent,
      state: DOMAIN_STATE.SHUTOFF,
      reason: 0,
      image: 'none',
      imagePaused: false,
      pending: undefined,
      load,
      process: undefined,
      devices: undefined,
      deviceTimer: undefined,
      stateSinceMs: clock.nowMs,
      boots: 0,
      memoryFailures: 0,
      blockJobs: NO_JOBS,
      blockJobTimer: undefined,
      images: new Map(),
      booting: false,
      bootTimer: undefined,
      draws: 0,
      frozen: undefined,
      unplug: undefined,
    };
  }

  /** Unique on its host. */
  get name(): string {
    return this.#fields.config.name;
  }

  /** The definition in effect: while the domain is active, the one that it was started with. */
  get config(): DomainConfig {
    return this.#fields.config;
  }

  /** The definition that the next start will use. */
  get persistentConfig(): DomainConfig {
    return this.#fields.nextConfig ?? this.#fields.config;
  }

  /** False for a domain that vanishes when it stops, as after an undefine or on a migration's target. */
  get isPersistent(): boolean {
    return this.#fields.persistent;
  }

  /** virDomainState. */
  get state(): DomainState {
    return this.#fields.state;
  }

  /** The reason that belongs to the state. */
  get reason(): number {
    return this.#fields.reason;
  }

  /** Whether the domain has an emulator process. */
  get isActive(): boolean {
    return this.#fields.state !== DOMAIN_STATE.SHUTOFF;
  }

  /** Whether the guest is on its way up and does not answer ACPI yet. */
  get isBooting(): boolean {
    return this.#fields.booting;
  }

  /** Whether something goes on that will change the state by itself. */
  get isBusy(): boolean {
    return this.#fields.pending !== undefined;
  }

  /** What goes on that will change the state by itself, on both sides of a migration; `undefined` for nothing. */
  get operation(): ActionName | undefined {
    return this.#fields.pending?.story.action;
  }

  /** Where its memory lies while it is saved. */
  get memoryImage(): ImageKind {
    return this.#fields.image;
  }

  /** What the images of its disks take while it is shut off. */
  get images(): Images {
    return this.#fields.images;
  }

  /** Whether its monitor does not answer: what is read of it stands still while it runs on. */
  get isMonitorHung(): boolean {
    return this.#fields.frozen !== undefined;
  }

  /** What runs, to be read at {@link nowMs}; `undefined` while the domain is shut off. */
  get process(): EmulatorProcess | undefined {
    return this.#fields.frozen?.process ?? this.#fields.process;
  }

  /** What runs, as the kernel of its host has it whether or not its monitor answers: to be read at the present instant. */
  get hostProcess(): EmulatorProcess | undefined {
    return this.#fields.process;
  }

  /** When it got into its present state, in simulated ms. */
  get stateSinceMs(): number {
    return this.#fields.stateSinceMs;
  }

  /** When its emulator process began, or ended, in simulated ms: its counters began anew then. */
  get startedMs(): number {
    const { stateSinceMs } = this.#fields;
    const { process } = this;
    if (!process) return stateSinceMs;
    return process.machine.numbers[process.places.guest.state + GUEST_CPU_STATE.CREATED_MS]!;
  }

  /** Times that its system has begun to boot since it was defined. */
  get boots(): number {
    return this.#fields.boots;
  }

  /** Errors of the host's memory that hit it since its emulator process began. */
  get memoryFailures(): number {
    return this.#fields.memoryFailures;
  }

  /** The block job of a disk, by the disk's target. */
  blockJob(disk: string): BlockJob | undefined {
    return this.#fields.blockJobs.get(disk);
  }

  /** The migration away from here, or to here, whose memory is being sent; see `migrationStatistics`. */
  get migration(): MigrationJob | undefined {
    return this.#fields.pending?.migration;
  }

  /** Its devices that act on events alone, to be read at {@link guestMs}; `undefined` while it is shut off. */
  get devices(): GuestDevices | undefined {
    const { frozen, devices } = this.#fields;
    return frozen ? frozen.devices : devices;
  }

  /** ms that its vCPUs have run since its emulator was started; 0 while it is shut off. */
  get guestMs(): number {
    const { devices, frozen } = this.#fields;
    if (frozen) return frozen.guestMs;
    return devices === undefined ? 0 : guestMsOf(devices, this.#clock.nowMs);
  }

  /** The instant that what is read of it belongs to, in simulated ms: the present one while its monitor answers. */
  get nowMs(): number {
    return this.time.nowMs;
  }

  /** What tells {@link nowMs}: the same as long as {@link revision} is. */
  get time(): Instant {
    return this.#fields.frozen ?? this.#clock;
  }

  /**
   * Another number whenever something is changed about it through the hypervisor's door, or taken back; no other domain
   * ever has the same. While it stays, so do the definition, the process and the number of its devices; what goes on in
   * these is not told.
   */
  get revision(): number {
    return this.#revision;
  }

  /** vCPUs that it has now. */
  get vcpus(): number {
    return this.#fields.config.vcpus;
  }

  /** Maximum memory in KiB. */
  get maxMemoryKiB(): number {
    return this.#fields.config.memoryKiB;
  }

  /** Memory in KiB that it has now, 1 to the maximum; what it would start with while it is shut off. */
  get memoryKiB(): number {
    const { config } = this.#fields;
    const { process } = this;
    if (process?.ram) return currentKiB(process.machine, process.ram.part, process.ram.guest, this.nowMs);
    const { container } = process ?? {};
    if (!process || !container) return config.currentMemoryKiB;
    // libvirt's LXC driver tells what the cgroup uses.
    const used = readMemoryCurrent(process.machine, container.place, container.plan) / 1024;
    return Math.min(config.memoryKiB, Math.max(1, used));
  }

  /**
   * CPU time in ns that the emulator process has used, at the present instant: libvirt's cpu.time.
   *
   * As the guest's cgroup counts it: the threads of its vCPUs, halt polling included, and the emulator's own.
   * Goes on over a reboot or reset; starts from 0 at each start, and is 0 while the domain is shut off.
   */
  get cpuTimeNs(): number {
    const { process } = this;
    if (process === undefined) return 0;
    const { machine, container } = process;
    if (container) return readContainer(machine, container.place, 'cpu.usage', this.nowMs);
    return readGuestTime(machine, process.places, this.nowMs);
  }

  /** Of {@link cpuTimeNs}, the part of the emulator's own threads. */
  get emulatorTimeNs(): number {
    const { process } = this;
    return process === undefined ? 0 : readEmulatorTime(process.machine, process.places, this.nowMs);
  }

  /** What vCPU `n` has done until now; `undefined` when there is none, or no emulator process. */
  vcpu(n: number): VcpuStatistics | undefined {
    const { process } = this;
    if (process?.places.vcpus[n] === undefined) return undefined;
    return new VcpuStatistics(process, n, this.nowMs);
  }
}

/** Notes that a domain changes; for {@link DomainList.changed} alone. */
export function noteChange(domain: Domain): void {
  markChanged(domain);
}

/** What may be changed about a domain; for the modules behind the hypervisor's door. */
export function fieldsOf(domain: Domain): DomainFields {
  return fields(domain);
}
