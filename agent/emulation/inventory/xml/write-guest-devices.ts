import type { DevicesConfig, DomainConfig } from '../../domain/domain-config.ts';
import { AGENT_CHANNEL } from './guest-devices.ts';
import { onOff } from './write-nic.ts';
import { node, textNode, unlessEmpty, type XmlNode } from './xml-node.ts';

/** Actions that libvirt has no word for are left out: they are QEMU's own. */
const UNKNOWN_ACTION = 'debug';

/** `<controller>` and `<input>` of the USB bus; its disks are written with the others. */
export function writeUsb(usb: DevicesConfig['usb']): { controllers: XmlNode[]; inputs: XmlNode[] } {
  if (usb === undefined) return { controllers: [], inputs: [] };
  const model = usb === false ? 'none' : usb.model;
  const devices = usb === false ? [] : (usb.devices ?? []);
  return {
    controllers: [node('controller', { type: 'usb', index: 0, model })],
    inputs: devices
      .filter(({ kind }) => kind !== 'storage')
      .map(({ kind }) => node('input', { type: kind, bus: 'usb' })),
  };
}

/** `<serial>` and `<console>` of a domain whose console is said something of. */
export function writeConsole({ type, devices }: DomainConfig): XmlNode[] {
  if (!devices?.console) return [];
  if (type === 'lxc') return [node('console', { type: 'pty' }, [node('target', { type: 'lxc', port: 0 })])];
  return [
    node('serial', { type: 'pty' }, [node('target', { port: 0 })]),
    node('console', { type: 'pty' }, [node('target', { type: 'serial', port: 0 })]),
  ];
}

/** The channel of the guest agent; one that the guest has no agent for is never connected. */
export function writeAgent({ devices }: DomainConfig): XmlNode | undefined {
  if (!devices?.agent?.channel) return undefined;
  const state = devices.agent.installed ? undefined : 'disconnected';
  return node('channel', { type: 'unix' }, [node('target', { type: 'virtio', name: AGENT_CHANNEL, state })]);
}

/** `<video>`, `<watchdog>`, `<memballoon>`, `<panic>` and `<memory>`, in libvirt's order. */
export function writeBoards(config: DomainConfig): (XmlNode | undefined)[] {
  const { devices } = config;
  const qxl = devices?.qxl && node('model', { type: 'qxl', heads: 1, primary: 'yes' });
  const pvpanic = devices?.kernel?.pvpanic;
  return [
    qxl && node('video', {}, [qxl]),
    writeWatchdog(devices?.watchdog),
    writeMemballoon(config),
    pvpanic === undefined || pvpanic === 'none'
      ? undefined
      : node('panic', { model: pvpanic === 'crash-loaded' ? 'isa' : 'hyperv' }),
    writeMemoryDevice(config),
  ];
}

function writeWatchdog(watchdog: DevicesConfig['watchdog']): XmlNode | undefined {
  if (!watchdog) return undefined;
  const { model = 'i6300esb', action } = watchdog;
  return node('watchdog', { model, action: action === UNKNOWN_ACTION ? undefined : action });
}

function writeMemballoon({ memballoon, type }: DomainConfig): XmlNode | undefined {
  if (!memballoon) return undefined;
  const { autodeflate, freePageReporting, statsPeriodSeconds } = memballoon;
  const model = memballoon.model ?? (type === 'xen' ? 'xen' : 'virtio');
  return node(
    'memballoon',
    { model, autodeflate: onOff(autodeflate), freePageReporting: onOff(freePageReporting) },
    [statsPeriodSeconds === undefined ? undefined : node('stats', { period: statsPeriodSeconds })],
  );
}

function writeMemoryDevice({
  memoryDevice,
  type,
  memoryKiB,
  currentMemoryKiB,
}: DomainConfig): XmlNode | undefined {
  if (!memoryDevice || type === 'lxc') return undefined;
  const { sizeKiB, blockKiB } = memoryDevice;
  const kib = { unit: 'KiB' };
  return node('memory', { model: 'virtio-mem' }, [
    node('target', {}, [
      textNode('size', sizeKiB, kib),
      textNode('node', 0),
      textNode('block', blockKiB, kib),
      textNode('requested', currentMemoryKiB - (memoryKiB - sizeKiB), kib),
    ]),
  ]);
}

/** `<os>`: the type, what boots first, and what its firmware writes and asks. */
export function writeOs({ type, osType, devices }: DomainConfig): XmlNode | undefined {
  const text = osType ?? TYPE_OF_OS[type] ?? 'hvm';
  const { useSerial, bootMenu, seconds, networkFirst } = devices?.console || {};
  const menuSeconds = seconds?.['boot-menu'];
  // A paravirtual domain of Xen says no type: its boot loader does (formatdomain.html, BIOS bootloader).
  const hasLoader = type === 'xen' && osType === undefined;
  const elements = [
    hasLoader ? undefined : textNode('type', text),
    ...(networkFirst ? [node('boot', { dev: 'network' }), node('boot', { dev: 'hd' })] : []),
    bootMenu === undefined
      ? undefined
      : node('bootmenu', {
          enable: yesNo(bootMenu),
          timeout: menuSeconds === undefined ? undefined : Math.round(menuSeconds * 1000),
        }),
    useSerial === undefined ? undefined : node('bios', { useserial: yesNo(useSerial) }),
  ];
  return unlessEmpty(node('os', {}, elements));
}

/** `<bootloader>` of a paravirtual domain that has no type of system. */
export function writeBootloader({ type, osType }: DomainConfig): XmlNode | undefined {
  return type === 'xen' && osType === undefined ? textNode('bootloader', '/usr/bin/pygrub') : undefined;
}

/** What libvirt calls the system of a domain of these types, whatever else is said. */
const TYPE_OF_OS: Readonly<Record<string, string>> = { lxc: 'exe', uml: 'uml' };

function yesNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no';
}

/** `<clock>`. */
export function writeClock({ devices }: DomainConfig): XmlNode | undefined {
  const { offset, adjustmentSeconds } = devices?.rtc ?? {};
  if (offset === undefined) return undefined;
  if (offset !== 'variable') return node('clock', { offset });
  return node('clock', { offset, adjustment: adjustmentSeconds, basis: 'utc' });
}
