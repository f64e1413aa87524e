import { bootStatus } from '../../emulation/console/boot.ts';
import {
  consoleAt,
  consoleBytes,
  lastConsoleLine,
  type SerialConsole,
} from '../../emulation/console/console.ts';
import { BOOT_STAGES } from '../../emulation/console/console-config.ts';
import type { GuestKernel } from '../../emulation/debug/guest-kernel.ts';
import type { GuestAgent } from '../../emulation/devices/guest-agent.ts';
import type { Display, GuestDevices } from '../../emulation/devices/guest-devices.ts';
import { type DisplayCounters, readDisplay } from '../../emulation/display/drawing.ts';
import { interruptsOf } from '../../emulation/display/qxl.ts';
import type { QxlInterrupt } from '../../emulation/display/qxl-config.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import {
  controllerTransfers,
  controllerWakeups,
  isPolling,
  type UsbController,
} from '../../emulation/usb/usb-controller.ts';
import { type Watchdog, watchdogStage } from '../../emulation/watchdog/watchdog.ts';
import type { Accessor, TableBinding } from '../../mib/module.ts';
import { GuestRows, oneForEach, severalForEach } from '../guest-rows.ts';
import { cut, type Readers, ticks, truth } from './convert.ts';

const STAGE_NONE = 0;
const STAGE_UP = BOOT_STAGES.length + 1;
const WATCHDOG_ACTION = {
  ...{ none: 0, pause: 1, reset: 2, poweroff: 3, shutdown: 4, debug: 5, 'inject-nmi': 6, dump: 7 },
} as const;

/** A device of an active guest, as it is when it is asked for: what it does makes another object of it. */
export class DeviceRow<D> {
  readonly domain: Domain;
  /** Its place among the guest's. */
  readonly number: number;
  readonly #of: (devices: GuestDevices) => D | undefined;

  constructor(domain: Domain, of: (devices: GuestDevices) => D | undefined, number = 0) {
    this.domain = domain;
    this.number = number;
    this.#of = of;
  }

  get device(): D {
    return this.#of(this.domain.devices!)!;
  }
}

/** Rows of a device that an active guest has at most one of. `has`: those of which this is so when the guest changes. */
export function deviceRows<D>(
  host: Host,
  of: (devices: GuestDevices) => D | undefined,
  has: (row: DeviceRow<D>) => boolean = () => true,
): GuestRows<DeviceRow<D>> {
  return new GuestRows(
    host.domains,
    oneForEach((domain) => {
      if (!domain.devices || of(domain.devices) === undefined) return undefined;
      const row = new DeviceRow(domain, of);
      return has(row) ? row : undefined;
    }),
  );
}

/** lvsUsbTable: the USB controllers of active guests. */
export function usbTable(host: Host): TableBinding<DeviceRow<UsbController>> {
  return {
    rows: new GuestRows(
      host.domains,
      severalForEach(
        ({ devices }) => devices?.usb?.controllers.length ?? 0,
        (domain, number) => new DeviceRow(domain, ({ usb }) => usb!.controllers[number], number),
        ({ number }) => number,
      ),
    ),
    columns: {
      lvsUsbModel: ({ device }) => cut(device.name, 32),
      lvsUsbDevices: ({ device }) => device.devices.length,
      lvsUsbPolling: ({ domain, device }) => truth(isPolling(device, domain.guestMs)),
      lvsUsbRemoteWakeup: ({ device }) => truth(device.config.remoteWakeup),
      lvsUsbWakeups: ({ domain, device }) => Math.floor(controllerWakeups(device, domain.guestMs)),
      lvsUsbTransfers: ({ domain, device }) => controllerTransfers(device, domain.guestMs),
      lvsUsbRemoteWakeups: ({ device }) => device.remoteWakeups,
    },
  };
}

/** lvsDisplayTable: the QXL displays of active guests, with their SPICE servers. */
export function displayTable(host: Host): TableBinding<DeviceRow<Display>> {
  const qxl =
    (read: (qxl: Display['qxl']) => number): Accessor<DeviceRow<Display>> =>
    ({ device }) =>
      read(device.qxl);
  const interrupts = (name: QxlInterrupt) => qxl((each) => interruptsOf(each, name));
  const counter =
    (name: keyof DisplayCounters): Accessor<DeviceRow<Display>> =>
    ({ domain, device }) => {
      const { machine, display } = domain.process!;
      return readDisplay(device.qxl, domain.guestMs, machine, display!.part, domain.nowMs)[name];
    };
  return {
    rows: new GuestRows(
      host.domains,
      severalForEach(
        ({ devices }) => (devices?.display ? 1 : 0),
        (domain) => new DeviceRow(domain, ({ display }) => display),
        ({ number }) => number,
      ),
    ),
    columns: {
      lvsDisplayRevision: qxl(({ config }) => config.revision),
      lvsDisplayClients: ({ device }) => device.spice.clients.length,
      lvsDisplayPlaybackVolume: ({ device }) => device.spice.playback.volume[0],
      lvsDisplayPlaybackMute: ({ device }) => truth(device.spice.playback.mute),
      lvsDisplayRecordVolume: ({ device }) => device.spice.record.volume[0],
      lvsDisplayRecordMute: ({ device }) => truth(device.spice.record.mute),
      lvsDisplayVolumeMessages: ({ device }) =>
        Object.values(device.spice.sent).reduce((sum, each) => sum + each, 0),
      lvsDisplayAsyncStarted: counter('asyncStarted'),
      lvsDisplayAsyncCompleted: counter('asyncCompleted'),
      lvsDisplayBlockedTime: counter('blockedNs'),
      lvsDisplayDisplayInterrupts: counter('displayInterrupts'),
      lvsDisplayCursorInterrupts: interrupts('CURSOR'),
      lvsDisplayIoInterrupts: counter('ioInterrupts'),
      lvsDisplayErrorInterrupts: interrupts('ERROR'),
      lvsDisplayGuestBug: ({ device }) => truth(device.qxl.guestBug),
      lvsDisplayIgnoredIo: qxl(({ ignoredIo }) => ignoredIo),
      lvsDisplayCommandsFetched: counter('commandsFetched'),
      lvsDisplayCursorsFetched: counter('cursorsFetched'),
      lvsDisplaySurfaces: qxl(({ surfaces }) => surfaces),
      lvsDisplaySurfacesSaved: qxl(({ surfacesWritten }) => surfacesWritten),
      lvsDisplaySurfacesLost: qxl(({ surfacesLost }) => surfacesLost),
    },
  };
}

const serialConsole = ({ console }: GuestDevices) => console;

/** lvsConsoleTable: the serial consoles of active guests, and how far their boot is. */
export function consoleTable(host: Host): TableBinding<DeviceRow<SerialConsole>> {
  const status = ({ domain, device }: DeviceRow<SerialConsole>) =>
    bootStatus(consoleAt(device, domain.guestMs).boot, domain.guestMs);
  return {
    rows: deviceRows(host, serialConsole),
    columnRows: {
      lvsConsoleOverdue: deviceRows(host, serialConsole, (row) => status(row).stage !== undefined),
    },
    columns: {
      lvsConsoleStage: (row) => {
        if (consoleAt(row.device, row.domain.guestMs).halted) return STAGE_NONE;
        const { stage } = status(row);
        return stage === undefined ? STAGE_UP : BOOT_STAGES.indexOf(stage) + 1;
      },
      lvsConsoleStageTime: (row) => ticks(status(row).forMs),
      lvsConsoleOverdue: (row) => {
        const { stage, overdueMs } = status(row);
        return stage === undefined ? undefined : ticks(overdueMs);
      },
      lvsConsoleSpeed: ({ device }) => device.config.bytesPerSecond,
      lvsConsoleOctets: ({ domain, device }) => consoleBytes(device, domain.guestMs),
      lvsConsoleLostOctets: ({ domain, device }) => consoleAt(device, domain.guestMs).log.lost,
      lvsConsoleLastLine: ({ domain, device }) => cut(lastConsoleLine(device, domain.guestMs)),
    },
  };
}

/** lvsWatchdogTable: the watchdogs of active guests. */
export function watchdogTable(host: Host): TableBinding<DeviceRow<Watchdog>> {
  return {
    rows: deviceRows(host, ({ watchdog }) => watchdog),
    columns: {
      lvsWatchdogModel: ({ device }) => device.config.model,
      lvsWatchdogAction: ({ device }) => WATCHDOG_ACTION[device.config.action],
      lvsWatchdogArmed: ({ device }) => truth(device.armed),
      lvsWatchdogTimeout: ({ device }) => device.config.timeoutSeconds,
      lvsWatchdogStage: ({ domain, device }) => watchdogStage(device, domain.guestMs),
      lvsWatchdogExpirations: ({ device }) => device.expirations,
    },
  };
}

/** lvsAgentTable: the channels of guest agents. */
export function agentTable(host: Host, { upTime }: Readers): TableBinding<DeviceRow<GuestAgent>> {
  return {
    rows: deviceRows(host, ({ agent }) => (agent?.config.channel ? agent : undefined)),
    columns: {
      lvsAgentConnected: ({ device }) => truth(device.connected),
      // The channel's times are the guest's: what has passed since, counted back from now.
      lvsAgentSince: ({ domain, device }) =>
        upTime(Math.max(0, domain.nowMs - (domain.guestMs - device.sinceMs))),
      lvsAgentConnects: ({ device }) => device.connects,
    },
  };
}

/** What {@link debugTable} shows of a guest's kernel. */
export type KernelRow = DeviceRow<GuestKernel>;
