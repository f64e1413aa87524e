import { dictionary } from '../../../util/dictionary.ts';
import {
  attribute,
  child,
  children,
  refuse,
  refuseAttribute,
  requiredAttribute,
  type XmlElement,
} from './element.ts';
import { quoted } from './source-text.ts';
import { wholeNumber } from './values.ts';

/** The models of each type of controller; a type without one takes no model. */
const CONTROLLER_MODELS = dictionary<string>({
  ide: 'piix3|piix4|ich6',
  scsi: 'auto|buslogic|lsilogic|lsisas1068|vmpvscsi|ibmvscsi|virtio-scsi|lsisas1078|virtio-transitional|virtio-non-transitional|ncr53c90|dc390|am53c974',
  usb: 'piix3-uhci|piix4-uhci|ehci|ich9-ehci1|ich9-uhci1|ich9-uhci2|ich9-uhci3|vt82c686b-uhci|pci-ohci|nec-xhci|qusb1|qusb2|qemu-xhci|none',
  pci: 'pci-root|pcie-root|pci-bridge|dmi-to-pci-bridge|pcie-to-pci-bridge|pcie-root-port|pcie-switch-upstream-port|pcie-switch-downstream-port|pci-expander-bus|pcie-expander-bus',
  'virtio-serial': 'virtio|virtio-transitional|virtio-non-transitional',
});

/** Devices that a domain can have one of. */
const SINGLE_DEVICES = ['memballoon', 'watchdog', 'vsock', 'iommu', 'nvram'];

/** Character devices, and what `<source>` of each type must say. */
const CHARACTER_DEVICES = ['serial', 'parallel', 'console', 'channel', 'redirdev'];
const CHARACTER_SOURCES = dictionary<readonly string[]>({
  dev: ['path'],
  file: ['path'],
  pipe: ['path'],
  tcp: ['host', 'service'],
  udp: ['service'],
  spiceport: ['channel'],
  dbus: ['channel'],
});

const HOST_DEVICES = dictionary<readonly string[]>({
  subsystem: ['usb', 'pci', 'scsi', 'scsi_host', 'mdev'],
  capabilities: ['storage', 'misc', 'net'],
});

/** Refuses devices that libvirt refuses, apart from disks, interfaces and memory modules. */
export function checkDevices(domain: XmlElement): void {
  const devices = child(domain, 'devices');
  checkControllers(devices);
  for (const name of SINGLE_DEVICES) {
    const second = children(devices, name)[1];
    if (second !== undefined) refuse(second, `a second <${name}>; a domain can have one only`);
  }
  for (const name of CHARACTER_DEVICES) {
    for (const each of children(devices, name)) checkCharacterDevice(each);
  }
  for (const hostdev of children(devices, 'hostdev')) checkHostDevice(hostdev);
  for (const filesystem of children(devices, 'filesystem')) checkFilesystem(filesystem);
  checkBootOrder(domain, devices);
  checkAliases(devices);
  checkVarious(devices);
}

function checkControllers(devices: XmlElement | undefined): void {
  const controllers = children(devices, 'controller');
  const seen = new Set<string>();
  for (const controller of controllers) {
    const type = attribute(controller, 'type') ?? 'ide';
    const model = attribute(controller, 'model');
    const models = CONTROLLER_MODELS[type];
    if (model !== undefined && !(models?.split('|').includes(model) ?? false)) {
      const right = models === undefined ? 'left out' : `one of ${models.replaceAll('|', ', ')}`;
      refuseAttribute(controller, 'model', `${right} for a ${type} controller`);
    }
    const index = attribute(controller, 'index');
    if (index === undefined || type === 'usb') continue;
    const key = `${type} ${wholeNumber(index)}`;
    if (seen.has(key))
      refuse(controller, `a second ${type} controller with index ${index}; it must be unique`);
    seen.add(key);
  }
  checkUsb(
    devices,
    children(devices, 'controller').filter((each) => attribute(each, 'type') === 'usb'),
  );
}

function checkUsb(devices: XmlElement | undefined, controllers: readonly XmlElement[]): void {
  const isNone = (each: XmlElement) => attribute(each, 'model') === 'none';
  const off = controllers.some(isNone);
  const other = controllers.find((each) => !isNone(each));
  if (off && other !== undefined)
    refuse(other, 'a USB controller, but another one has model="none", which turns USB off');
  const input = children(devices, 'input').find((each) => attribute(each, 'bus') === 'usb');
  if (off && input !== undefined)
    refuse(input, 'a USB input device, but a controller with model="none" turns USB off');
  const redirected = child(devices, 'redirdev');
  if (redirected !== undefined && other === undefined) {
    refuse(redirected, 'a redirected USB device without a USB controller; give <controller type="usb">');
  }
}

function checkCharacterDevice(device: XmlElement): void {
  const type = attribute(device, 'type') ?? 'pty';
  const sources = children(device, 'source');
  for (const name of device.name === 'console' ? [] : (CHARACTER_SOURCES[type] ?? [])) {
    if (!sources.some((source) => source.attributes.has(name))) {
      refuse(device, `<${device.name} type="${type}"> has no <source ${name}=>; it must have one`);
    }
  }
  if (
    type === 'unix' &&
    device.name !== 'channel' &&
    !sources.some((source) => source.attributes.has('path'))
  ) {
    refuse(device, `<${device.name} type="unix"> has no <source path=>; it must have one`);
  }
  if (type === 'spicevmc' && device.name !== 'channel' && device.name !== 'redirdev') {
    refuse(device, `<${device.name} type="spicevmc">; only a <channel> or <redirdev> can be of that type`);
  }
  if (device.name !== 'channel') return;
  const target = child(device, 'target');
  if (target === undefined || attribute(target, 'type') === undefined) {
    refuse(device, '<channel> has no <target type=>; it must have one, such as virtio');
  }
  if (attribute(target, 'type') === 'guestfwd' && attribute(target, 'address') === undefined) {
    refuse(target, 'a guestfwd channel has no address=; it must have one');
  }
}

function checkHostDevice(device: XmlElement): void {
  const mode = attribute(device, 'mode') ?? 'subsystem';
  const types = HOST_DEVICES[mode];
  if (types === undefined) refuseAttribute(device, 'mode', 'subsystem or capabilities');
  const type = requiredAttribute(device, 'type');
  if (!types.includes(type)) refuseAttribute(device, 'type', `one of ${types.join(', ')}`);
  if (child(device, 'source') === undefined) refuse(device, '<hostdev> has no <source>; it must have one');
}

function checkFilesystem(filesystem: XmlElement): void {
  const type = attribute(filesystem, 'type') ?? 'mount';
  const name = { file: 'file', block: 'dev', ram: 'usage', template: 'name', volume: 'pool' }[type] ?? 'dir';
  const source = child(filesystem, 'source');
  const isSocket = attribute(source, 'socket') !== undefined;
  if (!isSocket && attribute(source, name) === undefined) {
    refuse(filesystem, `<filesystem type="${type}"> has no <source ${name}=>; it must have one`);
  }
  if (attribute(child(filesystem, 'target'), 'dir') === undefined) {
    refuse(filesystem, '<filesystem> has no <target dir=>; it must have one');
  }
}

function checkBootOrder(domain: XmlElement, devices: XmlElement | undefined): void {
  const osBoot = child(child(domain, 'os'), 'boot');
  const seen = new Set<number>();
  for (const device of devices?.children ?? []) {
    if (!['disk', 'interface', 'hostdev', 'redirdev'].includes(device.name)) continue;
    const boot = child(device, 'boot');
    if (boot === undefined) continue;
    const order = wholeNumber(requiredAttribute(boot, 'order'), { min: 1 });
    if (order === undefined) refuseAttribute(boot, 'order', 'a whole number above 0');
    if (seen.has(order)) refuse(boot, `boot order ${order} is given to two devices; it must be unique`);
    seen.add(order);
    if (osBoot !== undefined) refuse(boot, '<boot order=> cannot be used together with <os><boot dev=>');
  }
}

/** Aliases that a user gives start with ua- and must be unique; libvirt makes the others anew. */
function checkAliases(devices: XmlElement | undefined): void {
  const seen = new Set<string>();
  for (const device of devices?.children ?? []) {
    const alias = child(device, 'alias');
    const name = attribute(alias, 'name');
    if (alias === undefined || name === undefined || !name.startsWith('ua-')) continue;
    if (seen.has(name)) refuse(alias, `alias ${quoted(name)} is given to two devices; it must be unique`);
    seen.add(name);
  }
}

function checkVarious(devices: XmlElement | undefined): void {
  for (const rng of children(devices, 'rng')) {
    if (children(rng, 'backend').length !== 1) refuse(rng, '<rng> must have exactly one <backend>');
  }
  for (const tpm of children(devices, 'tpm')) {
    if (child(tpm, 'backend') === undefined) refuse(tpm, '<tpm> has no <backend>; it must have one');
  }
  for (const shmem of children(devices, 'shmem')) {
    if (requiredAttribute(shmem, 'name').includes('/')) refuseAttribute(shmem, 'name', 'without a /');
  }
  for (const lease of children(devices, 'lease')) {
    for (const name of ['lockspace', 'key', 'target']) {
      if (child(lease, name) === undefined) refuse(lease, `<lease> has no <${name}>; it must have one`);
    }
  }
  const cid = child(child(devices, 'vsock'), 'cid');
  const cidText = attribute(cid, 'address');
  if (cidText !== undefined && wholeNumber(cidText, { min: 3 }) === undefined) {
    refuseAttribute(cid!, 'address', 'a whole number from 3 to 4294967295');
  }
  const panic = new Set<string>();
  for (const each of children(devices, 'panic')) {
    const model = attribute(each, 'model') ?? 'default';
    if (panic.has(model)) refuse(each, `a second panic device of model ${model}; there can be one only`);
    panic.add(model);
  }
  const primary = children(devices, 'video').filter(
    (each) => attribute(child(each, 'model'), 'primary') === 'yes',
  );
  if (primary[1] !== undefined) refuse(primary[1], 'a second primary <video>; there can be one only');
  const audio = new Set<string>();
  for (const each of children(devices, 'audio')) {
    const id = attribute(each, 'id') ?? '';
    if (audio.has(id)) refuse(each, `audio device ${quoted(id)} is given twice; its id must be unique`);
    audio.add(id);
  }
  for (const input of children(devices, 'input')) {
    if (
      attribute(input, 'bus') === 'ps2' &&
      !['mouse', 'keyboard'].includes(attribute(input, 'type') ?? '')
    ) {
      refuse(input, `a ${attribute(input, 'type')} on bus ps2; only a mouse or keyboard can be there`);
    }
  }
  for (const graphics of children(devices, 'graphics')) {
    const port = attribute(graphics, 'port');
    if (port !== undefined && attribute(graphics, 'type') === 'vnc' && !/^\s*[+-]?[0-9]+$/.test(port)) {
      refuseAttribute(graphics, 'port', 'a port number, or -1 for any');
    }
  }
}
