import { VirtsnmpError } from '../../util/errors.ts';
import type { DebugChange, DeviceAction, DeviceChange } from '../change.ts';
import { consoleAt } from '../console/console.ts';
import { unsupportedRefusal } from '../container/container-verbs.ts';
import type { Core } from '../core.ts';
import { hangKernel, panicKernel, QUEUE_LENGTH } from '../debug/guest-kernel.ts';
import { injectNmi, pressSysrq } from '../debug/nmi.ts';
import { withBootHang } from '../devices/boot-course.ts';
import { agentDisconnects } from '../devices/guest-agent.ts';
import { type DevicesOutcome, expectKernel, type GuestDevices } from '../devices/guest-devices.ts';
import { memoryFailure } from '../devices/memory-failure.ts';
import { setGuestOffset, writeRtc } from '../devices/rtc.ts';
import { clientChanged, wantSleep, writeIo } from '../display/qxl.ts';
import { connectClient, disconnectClient, setSound } from '../display/spice.ts';
import { type Plan, refuseGone } from '../domain/definitions.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { aliasOf } from '../domain/missing-images.ts';
import { watchBoot } from '../guest/guest-boot.ts';
import { isContainer } from '../process/process-config.ts';
import { setUsbInput } from '../usb/usb-bus.ts';
import { starveWatchdog } from '../watchdog/watchdog.ts';
import { changeDevices, type DeviceStep, withOutcome } from './device-runner.ts';

/** Clients of one SPICE server at most. */
const MOST_CLIENTS = 32;

function refuse(domain: Domain, why: string): never {
  throw new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name}: ${why}`);
}

function devicesOf(domain: Domain, what: string): GuestDevices {
  refuseGone(domain);
  return fieldsOf(domain).devices ?? refuse(domain, `${what} needs it active, and it is shut off`);
}

/** Plans {@link DebugChange}: refused for a container, whose kernel is the host's. */
export function planDebug(core: Core, { domain, action }: DebugChange): Plan {
  const verb = action === 'nmi' ? 'inject-nmi' : 'sysrq';
  refuseGone(domain);
  const unsupported = isContainer(domain.config) && unsupportedRefusal(verb);
  if (unsupported) refuse(domain, unsupported);
  const { kernel } = devicesOf(domain, verb);
  if (action !== 'nmi' && !/^[\x21-\x7e]$/.test(action.sysrq)) {
    refuse(
      domain,
      `SysRq key ${JSON.stringify(action.sysrq)}; it must be one letter or digit, such as h for help`,
    );
  }
  if (kernel?.paused && kernel.queue.length >= QUEUE_LENGTH) {
    refuse(domain, `${QUEUE_LENGTH} keys and NMIs wait for its vCPUs already; resume it first`);
  }
  return () => {
    changeDevices(core, domain, (devices, ms) => {
      if (!devices.kernel) return { devices, consequences: [] };
      const now = { ...devices.kernel, vcpus: domain.vcpus };
      return withOutcome(
        devices,
        'kernel',
        action === 'nmi' ? injectNmi(now, ms) : pressSysrq(now, ms, action.sysrq),
      );
    });
  };
}

/** Plans {@link DeviceChange}. Throws OPERATION_INVALID for a device that the domain does not have. */
export function planDevice(core: Core, { domain, action }: DeviceChange): Plan {
  const devices = devicesOf(domain, action.kind);
  const why = refusal(domain, devices, action);
  if (why !== undefined) refuse(domain, `${action.kind} is not possible: ${why}`);
  const step = stepOf(core, domain, action);
  return () => {
    changeDevices(core, domain, step);
    if (action.kind === 'hang' || action.kind === 'boot-hang') watchBoot(core, domain);
  };
}

/** Why {@link planDevice} would refuse an action of an active domain; `undefined` when it would not. */
export function deviceRefusal(domain: Domain, action: DeviceAction): string | undefined {
  const { devices } = fieldsOf(domain);
  return devices ? refusal(domain, devices, action) : 'it is shut off';
}

/** Why the devices as they are cannot do it; `undefined` when they can. */
function refusal(domain: Domain, devices: GuestDevices, action: DeviceAction): string | undefined {
  const { usb, display, kernel, watchdog, agent, rtc, clock } = devices;
  // What happens inside of a guest happens while its vCPUs run; what comes from outside waits for them.
  const still = clock.running ? undefined : 'its vCPUs stand still; resume it first';
  switch (action.kind) {
    case 'usb-input':
      if (!usb) return 'it has no USB bus';
      if (!(action.perSecond >= 0)) return `a rate of ${action.perSecond}; it must be 0 or more`;
      if (usb.config.devices.some(({ port }) => port === action.port)) return undefined;
      return `no device on port ${action.port}; there is one on ${usb.config.devices.map(({ port }) => port).join(', ') || 'none'}`;
    case 'spice-connect':
      if (display && display.spice.clients.length >= MOST_CLIENTS) {
        return `${MOST_CLIENTS} clients are connected, which is the most`;
      }
      return display ? undefined : 'it has no QXL display';
    case 'spice-disconnect':
      return display ? undefined : 'it has no QXL display';
    case 'sound':
      return display ? still : 'it has no QXL display';
    case 'sleep':
      if (!kernel) return 'a container cannot sleep';
      return kernel.state === 'running' && clock.running ? undefined : 'its kernel must be running';
    case 'hang':
      if (!kernel) return 'a container has no kernel of its own';
      return kernel.state === 'running' || domain.isBooting ? still : `its kernel is ${kernel.state}`;
    case 'boot-hang':
      return bootHangRefusal(domain, devices, action);
    case 'starve':
      if (!watchdog) return 'it has no watchdog';
      return watchdog.armed ? still : 'its watchdog is not armed; the guest arms it once it has booted';
    case 'agent-death':
      if (!agent) return 'it has no guest agent';
      return agent.connected ? still : 'its agent is not connected';
    case 'panic':
      if (!kernel) return 'a container has no kernel of its own';
      return kernel.state === 'running' && clock.running ? undefined : 'its kernel must be running';
    case 'qxl-bug':
      if (!display) return 'it has no QXL display';
      return kernel?.state === 'running' && clock.running ? undefined : 'its kernel must be running';
    case 'tray':
      return trayRefusal(domain, devices, action);
    case 'rtc-write':
      if (!rtc) return 'a container has no clock of its own';
      return kernel?.state === 'running' && clock.running ? undefined : 'its kernel must be running';
    case 'memory-failure':
      if (!kernel) return 'a container has no memory of its own';
      // Required by a vCPU that reads the page; what is found by scrubbing is told at any time.
      return action.recipient === 'GUEST' && action.actionRequired ? still : undefined;
  }
  const unknown: never = action;
  return unknown;
}

function trayRefusal(
  domain: Domain,
  { kernel, clock, openTrays }: GuestDevices,
  { disk, open }: Extract<DeviceAction, { kind: 'tray' }>,
): string | undefined {
  const drives = domain.config.disks.filter(({ device }) => device === 'cdrom').map(({ target }) => target);
  if (!drives.includes(disk)) return `it has no CD-ROM drive ${disk}; it has ${drives.join(', ') || 'none'}`;
  if (kernel?.state !== 'running' || !clock.running) return 'its kernel must be running';
  return openTrays.includes(disk) === open ? `the tray of ${disk} is ${open ? 'open' : 'closed'}` : undefined;
}

function bootHangRefusal(
  domain: Domain,
  { console }: GuestDevices,
  { stage, share }: Extract<DeviceAction, { kind: 'boot-hang' }>,
): string | undefined {
  if (!console) return 'it has no console that would tell its stages';
  if (!domain.isBooting) return 'it is not booting; reset it first';
  if (!(share >= 0 && share < 1)) return `a share of ${share}; it must be from 0 to less than 1`;
  const { boot } = consoleAt(console, domain.guestMs);
  const index = boot.plan.findIndex((planned) => planned.stage === stage);
  const ahead = boot.plan.slice(boot.index).map((planned) => planned.stage);
  return index >= boot.index ? undefined : `stage ${stage} is not ahead of it; ${ahead.join(', ')} are`;
}

function same(devices: GuestDevices): DevicesOutcome {
  return { devices, consequences: [] };
}

function stepOf(core: Core, domain: Domain, action: DeviceAction): DeviceStep {
  switch (action.kind) {
    case 'usb-input':
      return (devices, ms) => {
        const { usb } = devices;
        return same({ ...devices, usb: usb && setUsbInput(usb, ms, action.port, action.perSecond) });
      };
    case 'spice-connect':
      return (devices) => spice(devices, (server) => connectClient(server, action.client));
    case 'spice-disconnect':
      return (devices) => spice(devices, (server) => disconnectClient(server, action.client));
    case 'sound':
      return (devices) => {
        const { display } = devices;
        if (!display) return same(devices);
        const louder = setSound(display.spice, action.direction, action.level);
        return same({ ...devices, display: { ...display, spice: louder } });
      };
    case 'sleep':
      return (devices, ms) => {
        const { display } = devices;
        if (!display) return { devices, consequences: [{ kind: 'act', action: 'pm-suspend' }] };
        const { record, consequences } = wantSleep(display.qxl, ms);
        return { devices: { ...devices, display: { ...display, qxl: record } }, consequences };
      };
    case 'hang':
      return (devices, ms) => {
        const { kernel, watchdog } = devices;
        const hung: GuestDevices = {
          ...withBootHang(devices, ms),
          kernel: kernel && hangKernel(kernel, ms),
          watchdog: watchdog && starveWatchdog(watchdog, ms),
        };
        return same(expectKernel(hung, ms));
      };
    case 'boot-hang':
      return (devices, ms) => same(expectKernel(withBootHang(devices, ms, action), ms));
    case 'starve':
      return (devices, ms) => {
        const { watchdog } = devices;
        return same({ ...devices, watchdog: watchdog && starveWatchdog(watchdog, ms) });
      };
    case 'agent-death':
      return (devices, ms) => {
        const { agent, plan } = devices;
        return agent
          ? withOutcome(devices, 'agent', agentDisconnects(agent, ms, plan.host, true))
          : same(devices);
      };
    case 'panic':
      return (devices, ms) =>
        devices.kernel
          ? withOutcome(devices, 'kernel', panicKernel(devices.kernel, ms, 'Fatal exception'))
          : same(devices);
    case 'qxl-bug':
      return (devices, ms) => {
        const { display } = devices;
        if (!display) return same(devices);
        const { record, consequences } = writeIo(display.qxl, ms, 'UPDATE_AREA', false);
        return { devices: { ...devices, display: { ...display, qxl: record } }, consequences };
      };
    case 'tray':
      return (devices) => {
        const { disk, open } = action;
        const others = devices.openTrays.filter((target) => target !== disk);
        const drive = domain.config.disks.find(({ target }) => target === disk);
        const alias = drive ? aliasOf(domain.config, drive) : '';
        const reason = open ? 'OPEN' : 'CLOSE';
        return {
          devices: { ...devices, openTrays: open ? [...others, disk] : others },
          consequences: [{ kind: 'event', event: { event: 'TRAY_CHANGE', alias, reason } }],
        };
      };
    case 'rtc-write':
      return (devices) => {
        const { rtc } = devices;
        const { nowMs } = core.clock;
        if (!rtc) return same(devices);
        const { offsetSeconds } = action;
        const set = offsetSeconds === undefined ? rtc : setGuestOffset(rtc, nowMs, offsetSeconds);
        return withOutcome(devices, 'rtc', writeRtc(set, nowMs));
      };
    case 'memory-failure':
      return (devices) => {
        const { recipient, actionRequired, recursive = false } = action;
        const guestReady = devices.kernel?.state === 'running';
        const fault = { recipient, actionRequired, recursive, guestReady };
        return { devices, consequences: memoryFailure(fault, devices.plan.host, action) };
      };
  }
}

function spice(
  devices: GuestDevices,
  change: (server: NonNullable<GuestDevices['display']>['spice']) => ReturnType<typeof connectClient>,
): DevicesOutcome {
  const { display } = devices;
  if (!display) return same(devices);
  const { record, consequences } = change(display.spice);
  const qxl = record === display.spice ? display.qxl : clientChanged(display.qxl);
  return { devices: { ...devices, display: { qxl, spice: record } }, consequences };
}
