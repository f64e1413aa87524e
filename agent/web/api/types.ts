/** Answers of the control API, as far as the page reads them; units are in /openapi.json. */

/** A guest as lists show it. */
export interface Guest {
  readonly host: string;
  readonly id?: number;
  readonly name: string;
  readonly uuid: string;
  readonly type: string;
  readonly title?: string;
  readonly state: string;
  readonly reason: string;
  readonly stateSince: string;
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly memoryKiB: number;
  readonly maxMemoryKiB: number;
  readonly busy: boolean;
}

/** A simulated host. */
export interface Host {
  readonly name: string;
  readonly state: string;
  readonly profile: string;
  readonly boots: number;
  readonly bootedAt: string;
  readonly guests: number;
  readonly running: number;
  readonly pcpus: number;
  readonly utilisation: number;
  readonly memoryKiB: number;
  readonly memoryFreeKiB: number;
  readonly nodes: number;
  readonly cpuModel: string;
}

/** What is remembered of each guest. */
export type SeriesName = 'cpu' | 'steal' | 'memory' | 'used' | 'rx' | 'tx' | 'read' | 'write';

/** The latest rates of a guest. */
export type Rates = { readonly [name in SeriesName]: number | null } & {
  readonly host: string;
  readonly uuid: string;
  readonly trend: readonly (number | null)[];
};

/** A guest's rates over the last hour. */
export interface History {
  readonly intervalMs: number;
  readonly atMs: number;
  readonly series: { readonly [name in SeriesName]: readonly (number | null)[] };
}

/** One direction of a queue pair. */
export interface Direction {
  readonly frames: number;
  readonly bytes: number;
  readonly dropped: number;
  readonly inFlight: number;
}

/** A network interface of a guest. */
export interface Nic {
  readonly name: string;
  readonly type: string;
  readonly model: string;
  readonly source: string;
  readonly backEnd: string;
  readonly up: boolean;
  readonly rxErrors: number;
  readonly ringSizes: { readonly rx: number; readonly tx: number };
  readonly queues: readonly { readonly rx: Direction; readonly tx: Direction }[];
}

/** A disk of a guest. */
export interface Disk {
  readonly target: string;
  readonly device: string;
  readonly source: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly readNs: number;
  readonly writes: number;
  readonly writtenBytes: number;
  readonly writeNs: number;
  readonly capacity: number;
  readonly allocation: number;
  readonly failed: boolean;
  readonly job?: {
    readonly type: string;
    readonly done: number;
    readonly total: number;
    readonly ready: boolean;
  };
}

/** A virtual processor of a guest. */
export interface Vcpu {
  readonly vcpu: number;
  readonly online: boolean;
  readonly cell?: number;
  readonly affinity: readonly number[];
  readonly timeNs: number;
  readonly stealNs: number;
  readonly blockedNs: number;
}

/** A guest's memory as its own kernel sees it. */
export interface Memory {
  readonly maximumKiB: number;
  readonly currentKiB: number;
  readonly targetKiB: number;
  readonly programsKiB: number;
  readonly kernelKiB: number;
  readonly cacheKiB: number;
  readonly freeKiB: number;
  readonly swappedKiB: number;
  readonly residentKiB: number;
}

/** Where a guest's memory lies. */
export interface Numa {
  readonly mode: string;
  readonly nodeset: readonly number[];
  readonly slowdown: number;
  readonly nodesKiB: readonly number[];
}

/** What is inside of an active guest. */
export interface Details {
  readonly atMs: number;
  readonly startedMs: number;
  readonly vcpus: readonly Vcpu[];
  readonly memory?: Memory;
  readonly numa: Numa;
  readonly nics: readonly Nic[];
  readonly disks: readonly Disk[];
  readonly cgroup?: Readonly<Record<string, string>>;
}

/** The simulated time. */
export interface Clock {
  readonly now: string;
  readonly nowMs: number;
  readonly speed: number;
  readonly seed: number;
}

/** A fault that is in effect. */
export interface Fault {
  readonly id: number;
  readonly kind: string;
  readonly rule: string;
  readonly host: string;
  readonly guest?: string;
  readonly begun: string;
}

/** A kind of fault. */
export interface FaultKind {
  readonly kind: string;
  readonly on: 'guest' | 'host';
  readonly about: string;
  readonly leadsTo: string;
  readonly parameters: readonly string[];
}

/** An alarm that is up. */
export interface Alarm {
  readonly number: number;
  readonly kind: string;
  readonly severity: string;
  readonly host: string;
  readonly guest?: string;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly text: string;
  readonly raised: string;
}

/** Something that happened. */
export interface Happening {
  readonly sequence: number;
  readonly time: string;
  readonly host: string;
  readonly guest?: string;
  readonly event: string;
  readonly state?: string;
  readonly cause: string;
  readonly alarm?: { readonly severity: string; readonly text: string };
  readonly fault?: { readonly kind: string };
}

/** What has become of one notification on its way to one target. */
export interface Delivery {
  readonly seq: number;
  readonly time: string;
  readonly host: string;
  readonly guest?: string;
  readonly name: string;
  readonly oid: string;
  readonly target: string;
  readonly address: string;
  readonly version: string;
  readonly type: 'trap' | 'inform';
  readonly state: string;
  readonly retries: number;
  readonly reason?: string;
  readonly acknowledgedAt?: string;
}

/** A name of a served module's tree. */
export interface MibObject {
  readonly name: string;
  readonly oid: string;
  readonly module: string;
  readonly kind: 'node' | 'scalar' | 'table' | 'row' | 'column' | 'notification';
  readonly syntax?: string;
  readonly access?: string;
  readonly status?: string;
  readonly units?: string;
  readonly values?: Readonly<Record<string, number>>;
  readonly index?: readonly string[];
  readonly carries?: readonly string[];
  readonly description?: string;
}

/** One instance as a manager would be told it. */
export interface MibInstance {
  readonly oid: string;
  readonly object: string;
  readonly index: string;
  /** The index for people. */
  readonly row: string;
  readonly value: string;
}
