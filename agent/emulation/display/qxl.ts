import type { Consequence, Outcome } from '../devices/consequence.ts';
import {
  ioRevision,
  isAsync,
  QXL_INTERRUPT,
  QXL_RING,
  type QxlConfig,
  type QxlInterrupt,
  type QxlIo,
} from './qxl-config.ts';
import {
  clearRing,
  createRing,
  freezeRing,
  pushRing,
  type QxlRing,
  ringDueMs,
  ringFetched,
  ringWaiting,
} from './qxl-ring.ts';

/** An asynchronous command that the device is busy with. */
export interface AsyncCommand {
  readonly command: QxlIo;
  readonly doneMs: number;
}

/** What the guest does about its display on the way to sleep. */
type SleepStep = 'awake' | 'wanted' | 'flushing' | 'ready' | 'asleep';

/** A QXL display device. Immutable; times are guest ms. */
export interface Qxl {
  readonly config: QxlConfig;
  /** Interrupts that the guest wants, one bit each. */
  readonly intMask: number;
  /** Interrupts that the guest has not taken note of yet. */
  readonly intPending: number;
  /** Interrupts raised since the emulator was started, by bit number. */
  readonly interrupts: readonly number[];
  /** The guest made a mistake: nothing is fetched until a reset. */
  readonly guestBug: boolean;
  readonly outstanding: AsyncCommand | undefined;
  readonly asyncStarted: number;
  readonly asyncCompleted: number;
  /** Time in ns that vCPUs have spent waiting in I/O of this device. */
  readonly blockedNs: number;
  /** I/O that was ignored behind a guest bug. */
  readonly ignoredIo: number;
  readonly commands: QxlRing;
  readonly cursors: QxlRing;
  /** Commands whose resources the guest has got back. */
  readonly collected: number;
  /** Surfaces in the device's memory, the primary not counted. */
  readonly surfaces: number;
  /** Surfaces that went with the device's power because nobody had flushed them. */
  readonly surfacesLost: number;
  /** Surfaces that lie in the guest's memory while it sleeps. */
  readonly surfacesSaved: number;
  /** Surfaces that were written back to the guest's memory since the emulator was started. */
  readonly surfacesWritten: number;
  readonly sleep: SleepStep;
}

const ALL = 2 ** Object.keys(QXL_INTERRUPT).length - 1;

/** A device whose driver has just started: every interrupt is wanted. */
export function createQxl(config: QxlConfig, nowMs: number): Qxl {
  return {
    config,
    intMask: ALL,
    intPending: 0,
    interrupts: Object.keys(QXL_INTERRUPT).map(() => 0),
    guestBug: false,
    outstanding: undefined,
    asyncStarted: 0,
    asyncCompleted: 0,
    blockedNs: 0,
    ignoredIo: 0,
    commands: createRing(QXL_RING.command, nowMs),
    cursors: createRing(QXL_RING.cursor, nowMs),
    collected: 0,
    surfaces: 0,
    surfacesLost: 0,
    surfacesSaved: 0,
    surfacesWritten: 0,
    sleep: 'awake',
  };
}

/** Interrupts of one kind since the emulator was started. */
export function interruptsOf(qxl: Qxl, name: QxlInterrupt): number {
  return qxl.interrupts[QXL_INTERRUPT[name]]!;
}

/** A bit that is pending already raises no second interrupt; one that is not wanted only becomes pending. */
function raise(qxl: Qxl, name: QxlInterrupt): Qxl {
  const number = QXL_INTERRUPT[name];
  const bit = 1 << number;
  if (qxl.intPending & bit) return qxl;
  const counted =
    qxl.intMask & bit ? qxl.interrupts.with(number, qxl.interrupts[number]! + 1) : qxl.interrupts;
  return { ...qxl, intPending: qxl.intPending | bit, interrupts: counted };
}

/** The guest takes note of interrupts and writes UPDATE_IRQ; all of them when none are named. */
export function acknowledge(qxl: Qxl, names?: readonly QxlInterrupt[]): Qxl {
  const bits = names ? names.reduce((sum, name) => sum | (1 << QXL_INTERRUPT[name]), 0) : ALL;
  return { ...qxl, intPending: qxl.intPending & ~bits };
}

/** The guest wants these interrupts and no others. */
export function setInterruptMask(qxl: Qxl, names: readonly QxlInterrupt[]): Qxl {
  return { ...qxl, intMask: names.reduce((sum, name) => sum | (1 << QXL_INTERRUPT[name]), 0) };
}

/** When the device does something by itself; `undefined` for never. */
export function qxlDueMs(qxl: Qxl): number | undefined {
  const times = [qxl.outstanding?.doneMs, ringDueMs(qxl.commands), ringDueMs(qxl.cursors)];
  const due = times.filter((time) => time !== undefined);
  return due.length > 0 ? Math.min(...due) : undefined;
}

/** Everything that the device has done by an instant: commands that ended, rings that ran empty. */
export function advanceQxl(seen: Qxl, nowMs: number): Outcome<Qxl> {
  let qxl = seen;
  const consequences: Consequence[] = [];
  for (let due = qxlDueMs(qxl); due !== undefined && due <= nowMs; due = qxlDueMs(qxl)) {
    if (qxl.outstanding && qxl.outstanding.doneMs <= due) {
      const outcome = complete(qxl, qxl.outstanding);
      qxl = outcome.record;
      consequences.push(...outcome.consequences);
      continue;
    }
    if (ringDueMs(qxl.commands) === due) {
      qxl = raise({ ...qxl, commands: { ...qxl.commands, guestWaits: false } }, 'DISPLAY');
    } else {
      qxl = raise({ ...qxl, cursors: { ...qxl.cursors, guestWaits: false } }, 'CURSOR');
    }
  }
  return { record: qxl, consequences };
}

function complete(qxl: Qxl, { command, doneMs }: AsyncCommand): Outcome<Qxl> {
  const surfaces = command === 'DESTROY_ALL_SURFACES_ASYNC' ? 0 : qxl.surfaces;
  const done = raise(
    { ...qxl, outstanding: undefined, asyncCompleted: qxl.asyncCompleted + 1, surfaces },
    'IO_CMD',
  );
  if (done.sleep === 'wanted') return startFlush(done, doneMs);
  if (done.sleep !== 'flushing' || command !== 'FLUSH_SURFACES_ASYNC')
    return { record: done, consequences: [] };
  // FLUSH_RELEASE: what the renderer still holds goes back to the guest before it sleeps.
  return {
    record: { ...saveSurfaces(done), sleep: 'ready' },
    consequences: [{ kind: 'act', action: 'pm-suspend' }],
  };
}

/** The surfaces are written back to the guest's memory: they outlast the device's power. */
export function saveSurfaces(qxl: Qxl): Qxl {
  const { surfaces, surfacesWritten } = qxl;
  return { ...qxl, surfacesSaved: surfaces, surfacesWritten: surfacesWritten + surfaces };
}

/** The guest did something wrong: one ERROR, and nothing more is fetched. */
function bug(qxl: Qxl, nowMs: number): Qxl {
  const { fetchPerSecond } = qxl.config;
  return {
    ...raise(qxl, 'ERROR'),
    guestBug: true,
    commands: freezeRing(qxl.commands, nowMs, fetchPerSecond),
    cursors: freezeRing(qxl.cursors, nowMs, fetchPerSecond),
  };
}

/** RESET, from the guest or with the machine: the bug is forgotten, and so is what was drawn. */
export function resetQxl(seen: Qxl, nowMs: number): Qxl {
  const qxl = advanceQxl(seen, nowMs).record;
  const { fetchPerSecond } = qxl.config;
  return {
    ...qxl,
    intPending: 0,
    guestBug: false,
    outstanding: undefined,
    // The device waits for what it is busy with before it resets.
    asyncCompleted: qxl.asyncStarted,
    commands: clearRing(qxl.commands, nowMs, fetchPerSecond),
    cursors: clearRing(qxl.cursors, nowMs, fetchPerSecond),
    surfaces: 0,
    surfacesSaved: 0,
    sleep: 'awake',
  };
}

/** Commands that the vCPU waits for while the renderer works. */
const RENDERED: ReadonlySet<QxlIo> = new Set([
  'UPDATE_AREA',
  'CREATE_PRIMARY',
  'DESTROY_PRIMARY',
  'DESTROY_SURFACE_WAIT',
  'DESTROY_ALL_SURFACES',
]);

/**
 * The guest writes to an I/O port. `valid` false: with a slot, a surface or an area that does not exist.
 *
 * A wrong argument, a command that the revision does not know and a second asynchronous command at a time are
 * guest bugs.
 */
export function writeIo(seen: Qxl, nowMs: number, command: QxlIo, valid = true): Outcome<Qxl> {
  const { record: qxl, consequences } = advanceQxl(seen, nowMs);
  return { record: afterIo(qxl, nowMs, command, valid), consequences };
}

function afterIo(qxl: Qxl, nowMs: number, command: QxlIo, valid: boolean): Qxl {
  const { config } = qxl;
  if (command === 'RESET') return resetQxl(qxl, nowMs);
  if (qxl.guestBug && config.guardsIo) return { ...qxl, ignoredIo: qxl.ignoredIo + 1 };
  if (ioRevision(command) > config.revision || !valid) return bug(qxl, nowMs);
  if (command === 'UPDATE_IRQ') return acknowledge(qxl);
  if (isAsync(command)) {
    if (qxl.outstanding) return bug(qxl, nowMs);
    return startAsync(qxl, nowMs, command);
  }
  if (command === 'FLUSH_RELEASE' || command === 'NOTIFY_OOM') return collectReleased(qxl, nowMs);
  if (!RENDERED.has(command)) return qxl;
  const surfaces = command === 'DESTROY_ALL_SURFACES' ? 0 : qxl.surfaces;
  return { ...qxl, surfaces, blockedNs: qxl.blockedNs + config.renderNs };
}

function startAsync(qxl: Qxl, nowMs: number, command: QxlIo): Qxl {
  const { renderNs, flushNs } = qxl.config;
  const ns = command === 'FLUSH_SURFACES_ASYNC' ? flushNs * Math.max(1, qxl.surfaces) : renderNs;
  return { ...qxl, asyncStarted: qxl.asyncStarted + 1, outstanding: { command, doneMs: nowMs + ns / 1e6 } };
}

/** The guest's driver has an area of the screen rendered, the way that it prefers. */
export function updateArea(qxl: Qxl, nowMs: number): Outcome<Qxl> {
  const async = qxl.config.async && qxl.config.revision >= 3;
  return writeIo(qxl, nowMs, async ? 'UPDATE_AREA_ASYNC' : 'UPDATE_AREA');
}

/** The guest draws: entries for the command ring, or the cursor ring. Those that do not fit wait in the guest. */
export function draw(seen: Qxl, nowMs: number, ring: 'commands' | 'cursors', count: number): Outcome<Qxl> {
  const { record: qxl, consequences } = advanceQxl(seen, nowMs);
  const pushed = pushRing(qxl[ring], nowMs, count, qxl.config.fetchPerSecond);
  return { record: { ...qxl, [ring]: pushed }, consequences };
}

/** Ring entries that the renderer has taken. */
export function fetched(qxl: Qxl, nowMs: number, ring: 'commands' | 'cursors'): number {
  return ringFetched(qxl[ring], nowMs, qxl.config.fetchPerSecond);
}

/** Entries of a ring that wait: for the renderer, or in the release ring for the guest. */
export function ringFill(qxl: Qxl, nowMs: number, ring: 'commands' | 'cursors' | 'release'): number {
  if (ring !== 'release') return ringWaiting(qxl[ring], nowMs, qxl.config.fetchPerSecond);
  return Math.min(QXL_RING.release, fetched(qxl, nowMs, 'commands') - qxl.collected);
}

/** The guest takes back the resources of everything that has been rendered. */
export function collectReleased(qxl: Qxl, nowMs: number): Qxl {
  return { ...qxl, collected: fetched(qxl, nowMs, 'commands') };
}

/** The guest keeps this many surfaces in the device's memory. */
export function setSurfaces(qxl: Qxl, surfaces: number): Qxl {
  return { ...qxl, surfaces };
}

/** A client came, went or changed its screens: an interrupt of revision 4. */
export function clientChanged(qxl: Qxl, monitors = false): Qxl {
  return qxl.config.revision < 4 ? qxl : raise(qxl, monitors ? 'CLIENT_MONITORS_CONFIG' : 'CLIENT');
}

/**
 * The guest wants to sleep (S3): its driver first has the surfaces written to the guest's own memory.
 *
 * The domain may go to sleep when the consequence says so: once the flush is done, or at once for a driver or a
 * device that has no flush.
 */
export function wantSleep(seen: Qxl, nowMs: number): Outcome<Qxl> {
  const { record: qxl, consequences } = advanceQxl(seen, nowMs);
  if (qxl.sleep !== 'awake') return { record: qxl, consequences };
  const { async, revision } = qxl.config;
  if (!async || revision < 3 || qxl.guestBug) {
    const record: Qxl = { ...qxl, sleep: 'ready' };
    return { record, consequences: [...consequences, { kind: 'act', action: 'pm-suspend' }] };
  }
  // One asynchronous command at a time: the driver waits for the one before.
  if (qxl.outstanding) return { record: { ...qxl, sleep: 'wanted' }, consequences };
  const outcome = startFlush(qxl, nowMs);
  return { record: outcome.record, consequences: [...consequences, ...outcome.consequences] };
}

function startFlush(qxl: Qxl, nowMs: number): Outcome<Qxl> {
  const record: Qxl = { ...startAsync(qxl, nowMs, 'FLUSH_SURFACES_ASYNC'), sleep: 'flushing' };
  return { record, consequences: [] };
}

/** The domain sleeps: the device's memory has no power, and what was not flushed is lost. */
export function fallAsleep(seen: Qxl, nowMs: number): Qxl {
  const qxl = advanceQxl(seen, nowMs).record;
  const lost = qxl.surfaces - qxl.surfacesSaved;
  const saved = qxl.surfacesSaved;
  return {
    ...resetQxl(qxl, nowMs),
    sleep: 'asleep',
    surfacesSaved: saved,
    surfacesLost: qxl.surfacesLost + lost,
  };
}

/** The domain wakes up: the driver puts the saved surfaces back, and the screen is painted again. */
export function wakeUp(qxl: Qxl, nowMs: number): Outcome<Qxl> {
  if (qxl.sleep !== 'asleep') return { record: qxl, consequences: [] };
  const surfaces = qxl.surfacesSaved;
  return draw({ ...qxl, sleep: 'awake', surfaces, surfacesSaved: 0 }, nowMs, 'commands', 1 + surfaces);
}
