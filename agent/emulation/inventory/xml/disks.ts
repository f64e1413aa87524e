import type { DiskConfig } from '../../domain/domain-config.ts';
import { type BlkioWeights, readBlkioWeights, readDiskTuning } from './disk-tuning.ts';
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

const DISK_TYPES = ['file', 'block', 'dir', 'network', 'volume', 'nvme', 'vhostuser', 'vhostvdpa'];
const PROTOCOLS = [
  'nbd',
  'rbd',
  'sheepdog',
  'gluster',
  'iscsi',
  'http',
  'https',
  'ftp',
  'ftps',
  'tftp',
  'ssh',
  'vxhs',
  'nfs',
];

const STARTUP_POLICIES = ['mandatory', 'requisite', 'optional'] as const;

/** Device names that carry their place, so that libvirt can make an address from them. */
export const NUMBERED_NAME = /^(?:ioemu:)?(?:fd|hd|vd|sd|xvd|ubd)[a-z]+[0-9]*$/;
const HARD_DISK_NAME = /^(?:ioemu:)?(?:hd|vd|sd|xvd|ubd)/;

/** Buses whose disks sit at controller, bus, target and unit. */
export const DRIVE_BUSES = ['ide', 'fdc', 'scsi', 'sata'];

/** All disks of a domain, with those that libvirt refuses refused. */
export function readDisks(domain: XmlElement): DiskConfig[] {
  const elements = children(child(domain, 'devices'), 'disk');
  const weights = readBlkioWeights(child(domain, 'blkiotune'));
  const disks = elements.map((element) => readDisk(element, weights));
  const seen = new Map<string, DiskConfig>();
  disks.forEach((disk, index) => {
    const other = seen.get(disk.target);
    if (other !== undefined) {
      const images = `${quoted(other.source ?? '')} and ${quoted(disk.source ?? '')}`;
      refuse(
        elements[index]!,
        `target ${quoted(disk.target)} is given to two disks, ${images}; it must be unique`,
      );
    }
    seen.set(disk.target, disk);
  });
  return disks;
}

function readDisk(element: XmlElement, weights: BlkioWeights): DiskConfig {
  const type = attribute(element, 'type') ?? 'file';
  if (!DISK_TYPES.includes(type)) refuseAttribute(element, 'type', `one of ${DISK_TYPES.join(', ')}`);
  const device = attribute(element, 'device') ?? 'disk';
  const source = readSource(element, type);
  if (source === undefined && (device === 'disk' || device === 'lun')) {
    refuse(element, `a ${device} of type ${type} has no source; only a cdrom or floppy may be empty`);
  }
  const target = child(element, 'target');
  const dev = attribute(target, 'dev');
  if (target === undefined || dev === undefined) {
    refuse(element, '<disk> has no <target dev=>; it must have one, such as vda');
  }
  checkName(element, target, device, dev);
  const bus = attribute(target, 'bus');
  checkSemantics(element, type, device, bus ?? defaultBus(dev));
  const weight = weights.bySource.get(source ?? '') ?? weights.all;
  return {
    type,
    device,
    target: dev,
    ...(bus === undefined ? {} : { bus }),
    ...(source === undefined || source === '' ? {} : { source }),
    ...readStartupPolicy(element),
    ...readDiskTuning(element, type),
    ...(weight === undefined ? {} : { weight }),
  };
}

function readStartupPolicy(disk: XmlElement): Pick<DiskConfig, 'startupPolicy'> {
  const source = child(disk, 'source');
  const policy = attribute(source, 'startupPolicy');
  if (source === undefined || policy === undefined) return {};
  const known = STARTUP_POLICIES.find((each) => each === policy);
  if (known === undefined)
    return refuseAttribute(source, 'startupPolicy', `one of ${STARTUP_POLICIES.join(', ')}`);
  return { startupPolicy: known };
}

/** The image behind a disk as one string; `undefined` where libvirt sees none. */
function readSource(disk: XmlElement, type: string): string | undefined {
  const source = child(disk, 'source');
  if (source === undefined) return undefined;
  switch (type) {
    case 'file':
    case 'dir':
      return attribute(source, type) || undefined;
    case 'block':
    case 'vhostvdpa':
      return attribute(source, 'dev') || undefined;
    case 'network':
      return networkSource(source);
    case 'volume':
      return volumeSource(source);
    case 'nvme':
      return nvmeSource(source);
    default: {
      if (attribute(source, 'type') !== 'unix')
        refuse(source, 'a vhostuser disk needs <source type="unix" path=>');
      return requiredAttribute(source, 'path', ' for a vhostuser disk');
    }
  }
}

function networkSource(source: XmlElement): string {
  const protocol = requiredAttribute(source, 'protocol', ' for a network disk');
  if (!PROTOCOLS.includes(protocol)) refuseAttribute(source, 'protocol', `one of ${PROTOCOLS.join(', ')}`);
  const name = attribute(source, 'name') ?? '';
  if (name === '' && protocol !== 'nbd')
    refuse(source, `a network disk over ${protocol} has no name=; it must have one`);
  if ((protocol === 'rbd' || protocol === 'gluster') && !name.includes('/')) {
    refuseAttribute(source, 'name', 'POOL/IMAGE');
  }
  for (const host of children(source, 'host')) {
    const transport = attribute(host, 'transport');
    if (transport !== undefined && !['tcp', 'unix', 'rdma'].includes(transport)) {
      refuseAttribute(host, 'transport', 'tcp, unix or rdma');
    }
    if (transport === 'unix' && attribute(host, 'socket') === undefined) {
      refuse(host, '<host transport="unix"> has no socket=; it must have one');
    }
  }
  const host = attribute(child(source, 'host'), 'name');
  return `${protocol}:${host === undefined ? '' : `//${host}/`}${name}`;
}

function volumeSource(source: XmlElement): string {
  const pool = attribute(source, 'pool');
  const volume = attribute(source, 'volume');
  if ((pool === undefined) !== (volume === undefined)) {
    refuse(source, 'a volume disk must give pool= and volume= together');
  }
  return pool === undefined ? '' : `${pool}/${volume}`;
}

function nvmeSource(source: XmlElement): string {
  if (attribute(source, 'type') !== 'pci')
    refuse(source, 'an nvme disk needs <source type="pci" namespace=>');
  const namespace = requiredAttribute(source, 'namespace', ' for an nvme disk');
  const address = child(source, 'address');
  if (address === undefined) refuse(source, 'an nvme disk needs the <address> of its controller');
  const part = (name: string) => attribute(address, name) ?? '0';
  return `nvme:${part('domain')}:${part('bus')}:${part('slot')}.${part('function')}/${namespace}`;
}

function checkName(disk: XmlElement, target: XmlElement, device: string, dev: string): void {
  const hasAddress = child(disk, 'address') !== undefined;
  if (!NUMBERED_NAME.test(dev) && !hasAddress) {
    refuseAttribute(
      target,
      'dev',
      'hd, sd, vd, xvd, ubd or fd and a letter, such as vda, where there is no <address>',
    );
  }
  if (device === 'floppy' && !dev.startsWith('fd')) refuseAttribute(target, 'dev', 'fda or fdb for a floppy');
  if ((device === 'disk' || device === 'lun') && !HARD_DISK_NAME.test(dev)) {
    refuseAttribute(target, 'dev', `hd, sd, vd, xvd or ubd and a letter for a ${device}`);
  }
}

/** The bus that libvirt takes from a name without bus=. */
export function defaultBus(dev: string): string {
  if (dev.startsWith('fd')) return 'fdc';
  if (dev.startsWith('sd')) return 'scsi';
  if (dev.startsWith('vd')) return 'virtio';
  if (dev.startsWith('xvd')) return 'xen';
  if (dev.startsWith('ubd')) return 'uml';
  return 'ide';
}

function checkSemantics(disk: XmlElement, type: string, device: string, bus: string): void {
  if (device === 'floppy' && bus !== 'fdc') refuse(disk, `a floppy on bus ${bus}; it must be on fdc`);
  if (device !== 'floppy' && device !== 'cdrom' && bus === 'fdc')
    refuse(disk, `a ${device} on bus fdc; only a floppy can be there`);
  if (device === 'lun' && !['block', 'network', 'volume'].includes(type)) {
    refuse(disk, `a lun of type ${type}; it must be of type block, network or volume`);
  }
  if (attribute(disk, 'rawio') !== undefined && device !== 'lun')
    refuse(disk, 'rawio= is for device="lun" only');
  const address = child(disk, 'address');
  if (address !== undefined && attribute(address, 'type') === 'pci' && DRIVE_BUSES.includes(bus)) {
    refuse(address, `a PCI address for a disk on bus ${bus}; it must be of type drive`);
  }
  const vendor = child(disk, 'vendor')?.text ?? '';
  if (vendor.length > 8)
    refuse(disk, `<vendor> ${quoted(vendor)} is too long; at most 8 characters are right`);
  const product = child(disk, 'product')?.text ?? '';
  if (product.length > 16)
    refuse(disk, `<product> ${quoted(product)} is too long; at most 16 characters are right`);
  if (/[^\x20-\x7e]/.test(vendor + product)) refuse(disk, '<vendor> and <product> must be printable ASCII');
  checkLimits(disk);
}

function checkLimits(disk: XmlElement): void {
  const limits = child(disk, 'iotune');
  for (const each of limits?.children ?? []) {
    if (each.name !== 'group_name' && each.text !== '' && !/^\s*\+?[0-9]+$/.test(each.text)) {
      refuse(each, `<${each.name}> is ${quoted(each.text)}; it must be a whole number that is not negative`);
    }
  }
  const positive = (name: string) => Number(child(limits, name)?.text ?? '0') > 0;
  for (const unit of ['bytes_sec', 'iops_sec']) {
    if (positive(`total_${unit}`) && (positive(`read_${unit}`) || positive(`write_${unit}`))) {
      refuse(limits!, `total_${unit} cannot be set together with read_${unit} or write_${unit}`);
    }
  }
}
