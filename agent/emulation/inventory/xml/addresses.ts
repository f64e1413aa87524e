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
import { wholeNumberOfAnyBase } from './values.ts';

const ADDRESS_TYPES =
  'pci drive virtio-serial ccid usb spapr-vio virtio-s390 ccw virtio-mmio isa dimm unassigned'.split(' ');

/** The largest value of each part of a PCI address. */
const PCI_BOUNDS = dictionary<number>({ domain: 0xffff, bus: 0xff, slot: 0x1f, function: 7 });

const DRIVE_PARTS = ['controller', 'bus', 'target', 'unit'];

/** Refuses addresses of devices that libvirt refuses, and two disks at one place. */
export function checkAddresses(devices: XmlElement | undefined): void {
  for (const device of devices?.children ?? []) {
    for (const address of children(device, 'address')) checkAddress(address);
  }
  checkDrives(children(devices, 'disk'));
}

function checkAddress(address: XmlElement): void {
  const type = requiredAttribute(address, 'type');
  if (!ADDRESS_TYPES.includes(type)) refuseAttribute(address, 'type', `one of ${ADDRESS_TYPES.join(', ')}`);
  if (type === 'pci') {
    for (const [part, max] of Object.entries(PCI_BOUNDS)) {
      checkPart(address, part, max);
    }
    const multifunction = attribute(address, 'multifunction');
    if (multifunction !== undefined && multifunction !== 'on' && multifunction !== 'off') {
      refuseAttribute(address, 'multifunction', 'on or off');
    }
  }
  if (type === 'drive') for (const part of DRIVE_PARTS) checkPart(address, part, 0xffffffff);
  if (type === 'virtio-serial')
    for (const part of ['controller', 'bus', 'port']) checkPart(address, part, 0xffffffff);
}

function checkPart(address: XmlElement, part: string, max: number): void {
  const text = attribute(address, part);
  if (text !== undefined && wholeNumberOfAnyBase(text, { max }) === undefined) {
    refuseAttribute(address, part, `a whole number from 0 to ${max}`);
  }
}

/** Two disks on one bus cannot have the same controller, bus, target and unit. */
function checkDrives(disks: readonly XmlElement[]): void {
  const seen = new Map<string, string>();
  for (const disk of disks) {
    const target = child(disk, 'target');
    const name = attribute(target, 'dev') ?? '';
    const bus =
      attribute(target, 'bus') ?? (name.startsWith('hd') ? 'ide' : name.startsWith('sd') ? 'scsi' : '');
    const place = drivePlace(disk, name, bus);
    if (place === undefined) continue;
    const other = seen.get(place);
    if (other !== undefined)
      refuse(disk, `disks ${other} and ${name} have the same drive address; it must be unique`);
    seen.set(place, name);
  }
}

function drivePlace(disk: XmlElement, name: string, bus: string): string | undefined {
  const address = child(disk, 'address');
  if (address === undefined) return bus === 'ide' ? idePlace(name) : undefined;
  if (attribute(address, 'type') !== 'drive') return undefined;
  return [bus, ...DRIVE_PARTS.map((part) => wholeNumberOfAnyBase(attribute(address, part) ?? '0'))].join(' ');
}

/** Where libvirt puts an IDE disk without an address: two buses of two units on each controller. */
function idePlace(name: string): string | undefined {
  const letters = /^(?:ioemu:)?(?:fd|hd|vd|sd|xvd|ubd)([a-z]{1,6})[0-9]*$/.exec(name)?.[1];
  if (letters === undefined) return undefined;
  let index = 0;
  for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 0x60;
  index -= 1;
  return ['ide', Math.floor(index / 4), Math.floor(index / 2) % 2, 0, index % 2].join(' ');
}
