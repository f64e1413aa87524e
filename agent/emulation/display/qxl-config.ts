import type { Profile } from '../lifecycle/story.ts';

/** Commands of the QXL device's I/O ports, in the order of their numbers from 0 (qxl_dev.h). */
export const QXL_IO = [
  'NOTIFY_CMD',
  'NOTIFY_CURSOR',
  'UPDATE_AREA',
  'UPDATE_IRQ',
  'NOTIFY_OOM',
  'RESET',
  'SET_MODE',
  'LOG',
  'MEMSLOT_ADD',
  'MEMSLOT_DEL',
  'DETACH_PRIMARY',
  'ATTACH_PRIMARY',
  'CREATE_PRIMARY',
  'DESTROY_PRIMARY',
  'DESTROY_SURFACE_WAIT',
  'DESTROY_ALL_SURFACES',
  'UPDATE_AREA_ASYNC',
  'MEMSLOT_ADD_ASYNC',
  'CREATE_PRIMARY_ASYNC',
  'DESTROY_PRIMARY_ASYNC',
  'DESTROY_SURFACE_ASYNC',
  'DESTROY_ALL_SURFACES_ASYNC',
  'FLUSH_SURFACES_ASYNC',
  'FLUSH_RELEASE',
  'MONITORS_CONFIG_ASYNC',
] as const;
/** A name of {@link QXL_IO}. */
export type QxlIo = (typeof QXL_IO)[number];

const FIRST_OF_REVISION_3 = QXL_IO.indexOf('UPDATE_AREA_ASYNC');
const FIRST_OF_REVISION_4 = QXL_IO.indexOf('MONITORS_CONFIG_ASYNC');

/** The revision that a command came with. */
export function ioRevision(command: QxlIo): 2 | 3 | 4 {
  const number = QXL_IO.indexOf(command);
  if (number >= FIRST_OF_REVISION_4) return 4;
  return number >= FIRST_OF_REVISION_3 ? 3 : 2;
}

/** Whether the device does the command beside the vCPU that asked for it. */
export function isAsync(command: QxlIo): boolean {
  return command.endsWith('_ASYNC');
}

/** Bits of the device's interrupt register, by number (qxl_dev.h). */
export const QXL_INTERRUPT = {
  DISPLAY: 0,
  CURSOR: 1,
  IO_CMD: 2,
  ERROR: 3,
  CLIENT: 4,
  CLIENT_MONITORS_CONFIG: 5,
} as const;
/** A name of {@link QXL_INTERRUPT}. */
export type QxlInterrupt = keyof typeof QXL_INTERRUPT;

/** Entries of the device's rings (qxl_dev.h). */
export const QXL_RING = { command: 32, cursor: 32, release: 8 } as const;

/** A QXL device, and the driver in its guest. */
export interface QxlConfig {
  readonly revision: 2 | 3 | 4;
  /** The driver uses asynchronous commands; a revision 2 has none. */
  readonly async: boolean;
  /** The device ignores all I/O but RESET behind a guest bug; RHEL 6's has that guard, and it never acts. */
  readonly guardsIo: boolean;
  /** Time that the renderer needs for one command that draws, in ns: a parameter. */
  readonly renderNs: number;
  /** Time to write one surface back to the guest's memory, in ns: a parameter. */
  readonly flushNs: number;
  /** Ring entries that the renderer takes in a second: a parameter. */
  readonly fetchPerSecond: number;
  /** Surfaces beside the screen's own that a desktop keeps in the device's memory: a parameter. */
  readonly surfaces: number;
  /** Drawing commands per second of a desktop whose guest is fully busy: a parameter. */
  readonly drawPerSecond: number;
  /** Areas per second that such a desktop reads back (UPDATE_AREA): a parameter. */
  readonly updatesPerSecond: number;
  /** Cursor commands per second while a client is connected, whose user moves the mouse: a parameter. */
  readonly cursorPerSecond: number;
  /** Share of the drawing that goes on while no client is connected, 0 to 1: clocks, scrolling logs. A parameter. */
  readonly unattendedShare: number;
}

const PARAMETERS = {
  renderNs: 400_000,
  flushNs: 2_000_000,
  fetchPerSecond: 2000,
  surfaces: 6,
  drawPerSecond: 300,
  updatesPerSecond: 20,
  cursorPerSecond: 20,
  unattendedShare: 0.1,
} as const;

/** A QXL device unless its domain says otherwise: spice-protocol 0.8.1 brought revision 3, 0.10 revision 4. */
export const QXL_DEFAULTS: Readonly<Record<Profile, QxlConfig>> = {
  rhel6: { ...PARAMETERS, revision: 3, async: true, guardsIo: false },
  modern: { ...PARAMETERS, revision: 4, async: true, guardsIo: true },
};
