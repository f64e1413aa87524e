import { isIP } from 'node:net';
import { dictionary } from '../../../util/dictionary.ts';
import type { NicConfig } from '../../domain/domain-config.ts';
import {
  attribute,
  child,
  children,
  refuse,
  refuseAttribute,
  requiredAttribute,
  type XmlElement,
} from './element.ts';
import { readNicTuning } from './nic-tuning.ts';
import { wholeNumber } from './values.ts';

/** Types of interface whose `<source>` libvirt insists on, with the attributes that it must have. */
const SOURCE_ATTRIBUTES = dictionary<readonly string[]>({
  network: ['network'],
  bridge: ['bridge'],
  direct: ['dev'],
  internal: ['name'],
  vdpa: ['dev'],
  vds: ['switchid'],
  vhostuser: ['type', 'path', 'mode'],
  server: ['port'],
  client: ['address', 'port'],
  mcast: ['address', 'port'],
  udp: ['address', 'port'],
});

const DIRECT_MODES = ['vepa', 'private', 'bridge', 'passthrough'];

/** All interfaces of a domain, with those that libvirt refuses refused. */
export function readNics(devices: XmlElement | undefined): NicConfig[] {
  return children(devices, 'interface').map(readNic);
}

function readNic(element: XmlElement): NicConfig {
  const type = attribute(element, 'type') ?? 'user';
  const source = checkSource(element, type);
  const mac = readMac(element);
  const model = child(element, 'model');
  const modelType = attribute(model, 'type');
  if (modelType !== undefined && /[^a-zA-Z0-9_-]/.test(modelType)) {
    refuseAttribute(model!, 'type', 'letters, digits, - and _');
  }
  if (type === 'vhostuser' && !/^virtio(?:-transitional|-non-transitional)?$/.test(modelType ?? '')) {
    refuse(element, 'an interface of type vhostuser needs <model type="virtio">');
  }
  checkExtras(element);
  const target = attribute(child(element, 'target'), 'dev');
  return {
    type,
    ...(mac === undefined ? {} : { mac }),
    ...(source === undefined || source === '' ? {} : { source }),
    ...(modelType === undefined || modelType === '' ? {} : { model: modelType }),
    ...(target === undefined || target === '' ? {} : { target }),
    queues: queueCount(element),
    ...readNicTuning(element, type),
  };
}

/** What the interface is attached to, as one string. */
function checkSource(nic: XmlElement, type: string): string | undefined {
  const source = child(nic, 'source');
  const needed = SOURCE_ATTRIBUTES[type];
  if (needed === undefined) {
    if (type === 'hostdev' && attribute(child(source, 'address'), 'type') === undefined) {
      refuse(nic, 'an interface of type hostdev needs <source><address type=>');
    }
    return undefined;
  }
  if (source === undefined) refuse(nic, `an interface of type ${type} has no <source>; it must have one`);
  for (const name of needed) requiredAttribute(source, name, ` for an interface of type ${type}`);
  if (needed.includes('port') && wholeNumber(attribute(source, 'port')!, { min: -1 }) === undefined) {
    refuseAttribute(source, 'port', 'a port number');
  }
  const mode = attribute(source, 'mode');
  if (type === 'direct' && mode !== undefined && !DIRECT_MODES.includes(mode)) {
    refuseAttribute(source, 'mode', DIRECT_MODES.join(', '));
  }
  if (type === 'vhostuser') {
    if (attribute(source, 'type') !== 'unix') refuseAttribute(source, 'type', 'unix');
    if (mode !== 'client' && mode !== 'server') refuseAttribute(source, 'mode', 'client or server');
  }
  if (type === 'udp' && child(source, 'local') === undefined) {
    refuse(source, 'an interface of type udp needs <source><local address= port=>');
  }
  return attribute(source, type === 'vhostuser' ? 'path' : needed[0]!);
}

/** The address in lower case with two digits each; `undefined` when the definition leaves it to libvirt. */
function readMac(nic: XmlElement): string | undefined {
  const element = child(nic, 'mac');
  const text = attribute(element, 'address');
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i.test(text)) {
    refuseAttribute(element!, 'address', 'six hexadecimal octets such as 52:54:00:12:34:56');
  }
  const octets = text.split(':').map((octet) => octet.toLowerCase().padStart(2, '0'));
  if ((Number.parseInt(octets[0]!, 16) & 1) === 1) {
    refuseAttribute(element!, 'address', 'a unicast address, its first octet even');
  }
  return octets.join(':');
}

function queueCount(nic: XmlElement): number {
  const text = attribute(child(nic, 'driver'), 'queues');
  return Math.max(1, text === undefined ? 1 : (wholeNumber(text) ?? 1));
}

function checkExtras(nic: XmlElement): void {
  const mtu = child(nic, 'mtu');
  const size = attribute(mtu, 'size');
  if (size !== undefined && size !== '' && wholeNumber(size) === undefined) {
    refuseAttribute(mtu!, 'size', 'a whole number of octets');
  }
  const vlan = child(nic, 'vlan');
  if (vlan !== undefined) {
    const tags = children(vlan, 'tag');
    if (tags.length === 0) refuse(vlan, '<vlan> has no <tag id=>; it must have one at least');
    for (const tag of tags) {
      if (wholeNumber(requiredAttribute(tag, 'id'), { max: 4095 }) === undefined) {
        refuseAttribute(tag, 'id', 'a VLAN from 0 to 4095');
      }
    }
  }
  const bandwidth = child(nic, 'bandwidth');
  for (const direction of ['inbound', 'outbound']) {
    const limits = children(bandwidth, direction);
    if (limits.length > 1) refuse(limits[1]!, `a second <${direction}>; there must be one only`);
    for (const [name, value] of limits[0]?.attributes ?? []) {
      if (['average', 'peak', 'burst', 'floor'].includes(name) && wholeNumber(value) === undefined) {
        refuseAttribute(limits[0]!, name, 'a whole number');
      }
    }
    if (
      limits[0] !== undefined &&
      !limits[0].attributes.has('average') &&
      !limits[0].attributes.has('floor')
    ) {
      refuse(limits[0], `<${direction}> has neither average= nor floor=; it must have one`);
    }
  }
  const teaming = child(nic, 'teaming');
  if (attribute(teaming, 'type') === 'transient' && attribute(teaming, 'persistent') === undefined) {
    refuse(teaming!, '<teaming type="transient"> has no persistent=; it must name the other interface');
  }
  for (const ip of children(nic, 'ip')) {
    const address = requiredAttribute(ip, 'address');
    const family = isIP(address);
    if (family === 0) refuseAttribute(ip, 'address', 'an IPv4 or IPv6 address');
    const prefix = attribute(ip, 'prefix');
    const longest = family === 4 ? 32 : 128;
    if (prefix !== undefined && wholeNumber(prefix, { max: longest }) === undefined) {
      refuseAttribute(ip, 'prefix', `a whole number from 0 to ${longest}`);
    }
  }
}
