import { printable } from './pdu-answer.ts';

/** Bounds of an engine ID's length, in octets (RFC 3411 section 5, SnmpEngineID). */
const MIN_LENGTH = 5;
const MAX_LENGTH = 32;
/** Octets of an ID whose highest bit is not set. */
const OLD_FORM_LENGTH = 12;

/** Who has some of the private enterprise numbers that IANA gives out. */
const ENTERPRISES: Readonly<Record<number, string>> = {
  2: 'IBM',
  9: 'Cisco',
  11: 'Hewlett-Packard',
  42: 'Sun',
  171: 'D-Link',
  311: 'Microsoft',
  318: 'APC',
  674: 'Dell',
  890: 'Zyxel',
  1588: 'Brocade',
  1916: 'Extreme Networks',
  2011: 'Huawei',
  2021: 'UCD-SNMP',
  2636: 'Juniper',
  6876: 'VMware',
  8072: 'Net-SNMP',
  12356: 'Fortinet',
  14988: 'MikroTik',
  30065: 'Arista',
  36957: 'libvirt',
};

/** The enterprise number in an engine ID; `undefined` when it is too short to have one. */
export function enterpriseOf(id: Uint8Array): number | undefined {
  return id.length < 4 ? undefined : Buffer.from(id).readUInt32BE(0) & 0x7fff_ffff;
}

/** What is wrong with an engine ID (RFC 3411 section 5); `undefined` when nothing is. */
export function engineIdProblem(id: Uint8Array): string | undefined {
  if (id.length < MIN_LENGTH || id.length > MAX_LENGTH) {
    return `it has ${id.length} octets, and RFC 3411 wants ${MIN_LENGTH} to ${MAX_LENGTH}`;
  }
  if (id.every((octet) => octet === 0)) return 'it is all zeros, which RFC 3411 forbids';
  if (id.every((octet) => octet === 0xff)) return 'it is all ones, which RFC 3411 forbids';
  return undefined;
}

/** An engine ID in words: whose it is, and what it is made of (RFC 3411 section 5, SnmpEngineID). */
export function engineIdText(id: Uint8Array): string {
  const number = enterpriseOf(id);
  if (number === undefined) return 'too short to say whose it is';
  const name = ENTERPRISES[number];
  const whose = name ? `${name} (enterprise ${number})` : `enterprise ${number}`;
  if (id[0]! < 0x80) {
    const form = id.length === OLD_FORM_LENGTH ? 'in the form of SNMPv2' : `of ${id.length} octets, not 12`;
    return `${whose}, ${form}`;
  }
  return id.length < MIN_LENGTH ? whose : `${whose}, ${formatText(number, id[4]!, id.subarray(5))}`;
}

function formatText(enterprise: number, format: number, rest: Uint8Array): string {
  const octets = Buffer.from(rest);
  switch (format) {
    case 1:
      return rest.length === 4 ? `IPv4 address ${rest.join('.')}` : `IPv4 address of ${rest.length} octets`;
    case 2:
      return rest.length === 16
        ? `IPv6 address ${octets.toString('hex').match(/.{4}/g)!.join(':')}`
        : `IPv6 address of ${rest.length} octets`;
    case 3:
      return `MAC address ${Array.from(rest, (octet) => octet.toString(16).padStart(2, '0')).join(':')}`;
    case 4:
      return `text "${printable(octets.toString('utf8'))}"`;
    case 5:
      return `${rest.length} octets that an administrator assigned`;
    default:
      if (format < 128) return `reserved format ${format}`;
      // Net-SNMP writes four random octets and the time of the first start.
      if (enterprise === 8072 && format === 128) return 'random octets and a time';
      return `the enterprise's own format ${format}`;
  }
}
