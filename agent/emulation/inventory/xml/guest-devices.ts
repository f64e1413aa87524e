import { dictionary } from '../../../util/dictionary.ts';
import type { DevicesConfig } from '../../domain/domain-config.ts';
import { USB_PORTS, type UsbConfig, type UsbDeviceConfig } from '../../usb/usb-config.ts';
import { WATCHDOG_ACTIONS } from '../../watchdog/watchdog-config.ts';
import { attribute, child, children, type XmlElement } from './element.ts';
import { wholeNumber } from './values.ts';

/** The name of the channel that the guest agent listens on. */
export const AGENT_CHANNEL = 'org.qemu.guest_agent.0';

/** The models of the emulation, by libvirt's: those of a kind act alike. */
const USB_MODELS = dictionary<UsbConfig['model']>({
  'piix3-uhci': 'piix3-uhci',
  'piix4-uhci': 'piix3-uhci',
  'vt82c686b-uhci': 'piix3-uhci',
  ehci: 'ich9-ehci1',
  'ich9-ehci1': 'ich9-ehci1',
  'ich9-uhci1': 'ich9-ehci1',
  'ich9-uhci2': 'ich9-ehci1',
  'ich9-uhci3': 'ich9-ehci1',
  'nec-xhci': 'qemu-xhci',
  'qemu-xhci': 'qemu-xhci',
});

/** Panic devices whose guest also says when a crash kernel will take care of it. */
const CRASH_LOADED = ['default', 'isa', 'pvpanic'];

/** What a definition that passed the checks says of devices that act on events alone; `undefined` for nothing. */
export function readGuestDevices(domain: XmlElement): DevicesConfig | undefined {
  const devices = child(domain, 'devices');
  const console = readConsole(domain, devices);
  const panic = child(devices, 'panic');
  const usb = readUsb(devices);
  const hasQxl = children(devices, 'video').some((each) => attribute(child(each, 'model'), 'type') === 'qxl');
  const watchdog = readWatchdog(child(devices, 'watchdog'));
  const agent = children(devices, 'channel')
    .map((each) => child(each, 'target'))
    .find((target) => attribute(target, 'name') === AGENT_CHANNEL);
  const rtc = readClock(child(domain, 'clock'));
  const found: DevicesConfig = {
    ...(console ? { console } : {}),
    ...(panic === undefined ? {} : { kernel: { pvpanic: pvpanicOf(panic) } }),
    ...(usb === undefined ? {} : { usb }),
    ...(hasQxl ? { qxl: {} } : {}),
    ...(watchdog ? { watchdog } : {}),
    // The state is said of running domains only, and of those whose guest has no agent.
    ...(agent === undefined
      ? {}
      : { agent: { channel: true, installed: attribute(agent, 'state') !== 'disconnected' } }),
    ...(rtc ? { rtc } : {}),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}

function pvpanicOf(panic: XmlElement): 'panicked' | 'crash-loaded' {
  return CRASH_LOADED.includes(attribute(panic, 'model') ?? 'default') ? 'crash-loaded' : 'panicked';
}

/** A domain without `<serial>` and `<console>` is left to its era: short definitions leave them out. */
function readConsole(
  domain: XmlElement,
  devices: XmlElement | undefined,
): Exclude<DevicesConfig['console'], false> {
  const os = child(domain, 'os');
  const useSerial = attribute(child(os, 'bios'), 'useserial');
  const bootMenu = attribute(child(os, 'bootmenu'), 'enable');
  const timeoutMs = wholeNumber(attribute(child(os, 'bootmenu'), 'timeout') ?? '', { max: 65_535 });
  const isListed = [...children(devices, 'serial'), ...children(devices, 'console')].length > 0;
  const found = {
    ...(useSerial === undefined ? {} : { useSerial: useSerial === 'yes' }),
    ...(bootMenu === undefined ? {} : { bootMenu: bootMenu === 'yes' }),
    ...(bootMenu === undefined || timeoutMs === undefined
      ? {}
      : { seconds: { 'boot-menu': timeoutMs / 1000 } }),
    ...(isNetworkFirst(os, devices) ? { networkFirst: true } : {}),
  };
  return isListed || Object.keys(found).length > 0 ? found : undefined;
}

/** `<boot dev=>` comes first, or the device with the smallest `<boot order=>`. */
function isNetworkFirst(os: XmlElement | undefined, devices: XmlElement | undefined): boolean {
  const boot = child(os, 'boot');
  if (boot !== undefined) return attribute(boot, 'dev') === 'network';
  let first: { name: string; order: number } | undefined;
  for (const device of devices?.children ?? []) {
    const order = wholeNumber(attribute(child(device, 'boot'), 'order') ?? '');
    if (order !== undefined && (first === undefined || order < first.order)) {
      first = { name: device.name, order };
    }
  }
  return first?.name === 'interface';
}

/** The first bus, with what is plugged into it; false where USB is off. */
function readUsb(devices: XmlElement | undefined): DevicesConfig['usb'] {
  const models = children(devices, 'controller')
    .filter((each) => attribute(each, 'type') === 'usb')
    .map((each) => attribute(each, 'model') ?? '');
  if (models.includes('none')) return false;
  const inputs = children(devices, 'input').filter((each) => attribute(each, 'bus') === 'usb');
  const disks = children(devices, 'disk').filter((each) => attribute(child(each, 'target'), 'bus') === 'usb');
  if (models.length + inputs.length + disks.length === 0) return undefined;
  const model = models.map((each) => USB_MODELS[each]).find((each) => each !== undefined);
  // Without a model the era decides, so that no more than the smallest bus takes is sure to fit.
  const ports = USB_PORTS[model ?? 'piix3-uhci'];
  const fast = model === undefined || model === 'piix3-uhci' ? 'full' : 'high';
  const plugged = [
    ...inputs.map((each) => ({ kind: kindOf(each), speed: 'full' as const })),
    ...disks.map(() => ({ kind: 'storage' as const, speed: fast }) as const),
  ];
  return {
    ...(model ? { model } : {}),
    devices: plugged.slice(0, ports).map((device, port) => ({ ...device, port })),
  };
}

function kindOf(input: XmlElement): UsbDeviceConfig['kind'] {
  const type = attribute(input, 'type');
  return type === 'tablet' || type === 'keyboard' ? type : 'mouse';
}

/** Watchdogs of other architectures, and of the chipset, are not emulated. */
function readWatchdog(watchdog: XmlElement | undefined): DevicesConfig['watchdog'] {
  const model = attribute(watchdog, 'model');
  if (model !== 'i6300esb' && model !== 'ib700') return undefined;
  const action = WATCHDOG_ACTIONS.find((each) => each === attribute(watchdog, 'action'));
  return { model, ...(action ? { action } : {}) };
}

/** A time zone by name and a fixed start are not emulated: such a clock begins with UTC. */
function readClock(clock: XmlElement | undefined): DevicesConfig['rtc'] {
  const offset = attribute(clock, 'offset');
  const text = attribute(clock, 'adjustment') ?? '';
  const adjustmentSeconds = /^\s*[+-]?[0-9]{1,12}$/.test(text) ? Number(text) : undefined;
  // A number makes any clock a variable one (formatdomain.html, time keeping).
  if (offset === 'variable' || ((offset === 'utc' || offset === 'localtime') && adjustmentSeconds)) {
    return { offset: 'variable', ...(adjustmentSeconds === undefined ? {} : { adjustmentSeconds }) };
  }
  return offset === 'utc' || offset === 'localtime' ? { offset } : undefined;
}
