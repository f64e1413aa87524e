import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { Feed } from './feed.ts';
import type { History } from './history.ts';
import type { MibSource } from './mib-source.ts';
import type { NotificationList } from './notification-list.ts';
import type { MetricsText } from './prometheus-text.ts';

/** The simulation's time as whoever controls it sees it. */
export interface TimeControl {
  /** Simulated ms since the start, and as Unix time. */
  readonly nowMs: number;
  readonly wallMs: number;
  /** Simulated seconds per real second; 0 while it stands. */
  readonly speed: number;
  readonly seed: number;
  /** Brings the time up to the real one: what is called before anything is read. */
  sync(): void;
  /** Changes the speed from now on; 0 to 10000. */
  setSpeed(speed: number): void;
  /** Goes to an instant as fast as it can, letting requests through on the way. Resolves there. */
  goTo(ms: number): Promise<void>;
}

/** Snapshots as whoever controls the simulation takes and restores them. */
export interface SnapshotControl {
  /** One of the present instant, as the octets of a file in pieces. */
  take(): readonly Uint8Array[];
  /** Puts one in the place of the simulation; resolves when it is served. `signal` ends that as long as it can. */
  restore(octets: Uint8Array, signal: AbortSignal): Promise<RestoredView>;
  /** How far the one that is being restored has come; `undefined` while none is. */
  readonly progress: { readonly atMs: number; readonly ofMs: number } | undefined;
}

/** What was restored. */
export interface RestoredView {
  readonly hosts: number;
  readonly guests: number;
  /** Simulated ms since the start of the run, and the date. */
  readonly nowMs: number;
  readonly wallMs: number;
}

/** What the control API reaches: given by the composition root. */
export interface ControlContext {
  readonly hypervisor: Hypervisor;
  readonly time: TimeControl;
  readonly feed: Feed;
  readonly notifications: NotificationList;
  readonly snapshots: SnapshotControl;
  readonly history: History;
  readonly mib: MibSource;
  /** Folder with the compiled scripts of the web console. */
  readonly pageScripts: string;
  /** Adds the figures of the program itself. */
  readonly agentMetrics: (text: MetricsText) => void;
}
