import { isIPv4, isIPv6 } from 'node:net';
import type { Oid } from '../util/oid.ts';

/** Where a target is: a name or a numeric address, and a UDP port. */
export interface TransportEndpoint {
  readonly host: string;
  readonly port: number;
}

/** A transport domain and an address in its form (RFC 2579 TDomain and TAddress, RFC 3417, RFC 3419). */
export interface TransportAddress {
  readonly domain: Oid;
  readonly address: Uint8Array;
}

/** snmpUDPDomain (RFC 3417): four octets of an IPv4 address and two of a port. */
const SNMP_UDP: Oid = [1, 3, 6, 1, 6, 1, 1];
/** transportDomainUdpIpv4, transportDomainUdpIpv6 and transportDomainUdpDns (RFC 3419). */
const UDP_IPV4: Oid = [1, 3, 6, 1, 2, 1, 100, 1, 1];
const UDP_IPV6: Oid = [1, 3, 6, 1, 2, 1, 100, 1, 2];
const UDP_DNS: Oid = [1, 3, 6, 1, 2, 1, 100, 1, 14];
const DNS_FORM = /^([A-Za-z0-9._-]{1,253}):(\d{1,5})$/;

/** Whether targets in this domain can be reached. */
export function isTransportDomain(domain: Oid): boolean {
  return [SNMP_UDP, UDP_IPV4, UDP_IPV6, UDP_DNS].some((known) => isSame(known, domain));
}

/** What an address of a domain says; `undefined` when it has not the form of the domain. */
export function readTransportAddress({ domain, address }: TransportAddress): TransportEndpoint | undefined {
  const octets = Buffer.from(address.buffer, address.byteOffset, address.length);
  if (isSame(domain, SNMP_UDP) || isSame(domain, UDP_IPV4)) {
    if (octets.length !== 6) return undefined;
    return endpoint(octets.subarray(0, 4).join('.'), octets.readUInt16BE(4));
  }
  if (isSame(domain, UDP_IPV6)) {
    if (octets.length !== 18) return undefined;
    const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16));
    return endpoint(groups.join(':'), octets.readUInt16BE(16));
  }
  const named = isSame(domain, UDP_DNS) ? DNS_FORM.exec(octets.toString('latin1')) : undefined;
  return named ? endpoint(named[1]!, Number(named[2])) : undefined;
}

/** The domain and address of an endpoint. */
export function writeTransportAddress({ host, port }: TransportEndpoint): TransportAddress {
  const portOctets = [port >> 8, port & 0xff];
  if (isIPv4(host)) {
    return { domain: SNMP_UDP, address: Uint8Array.from([...host.split('.').map(Number), ...portOctets]) };
  }
  if (isIPv6(host) && !host.includes('%')) {
    return { domain: UDP_IPV6, address: Uint8Array.from([...ipv6Octets(host), ...portOctets]) };
  }
  return { domain: UDP_DNS, address: Uint8Array.from(Buffer.from(`${host}:${port}`, 'latin1')) };
}

function endpoint(host: string, port: number): TransportEndpoint | undefined {
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

function ipv6Octets(text: string): number[] {
  // A dotted end stands for two groups (RFC 4291 section 2.2).
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...new Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function isSame(a: Oid, b: Oid): boolean {
  return a.length === b.length && a.every((subid, i) => subid === b[i]);
}
