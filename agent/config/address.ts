import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const ALL_DIGITS = /^[0-9.]+$/;
const WIDTH = { 4: 32, 6: 128 } as const;

/** A host and a UDP port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** True for an IPv4 or IPv6 address without brackets or zone. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** True for an IP address or a name that could be resolved. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || (HOST_NAME.test(text) && !ALL_DIGITS.test(text));
}

/**
 * Reads `HOST`, `HOST:PORT`, `[IPV6]`, `[IPV6]:PORT` or a bare IPv6 address.
 * `undefined` when it is none of them or the port is not 1 to 65535.
 */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | undefined {
  if (isIPv6(text)) return { host: text, port: defaultPort };
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  const plain = bracketed ?? /^([^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  if (plain === null) return undefined;
  const host = plain[1]!;
  if (bracketed !== null ? !isIPv6(host) : !isHost(host)) return undefined;
  const port = plain[2] === undefined ? defaultPort : Number(plain[2]);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

/** What {@link parseNetwork} made of a text: the network, or why it is none. */
export type NetworkResult = { readonly network: string } | { readonly problem: string };

/** Reads an address or a network in CIDR notation; the result always has a prefix length. */
export function parseNetwork(text: string): NetworkResult {
  const match = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text);
  const address = match?.[1] ?? '';
  const family = isIP(address);
  if (match === null || (family !== 4 && family !== 6)) {
    return { problem: 'is no address; expected an IP address or a network such as 192.0.2.0/24' };
  }
  const width = WIDTH[family];
  const prefix = match[2] === undefined ? width : Number(match[2]);
  if (prefix > width) return { problem: `has too long a prefix; expected 0 to ${width} after the slash` };
  const value = addressValue(address);
  const masked = (value >> BigInt(width - prefix)) << BigInt(width - prefix);
  if (masked !== value) {
    const network = addressText(masked, family);
    return { problem: `has bits set after its prefix; expected ${network}/${prefix} or ${address}/${width}` };
  }
  return { network: `${addressText(value, family)}/${prefix}` };
}

/** The IPv4 address that is `offset` after this one; `undefined` past 255.255.255.255. */
export function addressAfter(address: string, offset: number): string | undefined {
  const value = addressValue(address) + BigInt(offset);
  return value < 2n ** 32n ? addressText(value, 4) : undefined;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address can be reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** True for 0.0.0.0 and ::, which stand for every address of the machine. */
export function isWildcard(address: string): boolean {
  return addressValue(address) === 0n;
}

function addressValue(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
  let text = address;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted !== null) {
    const low = addressValue(dotted[2]!);
    text = `${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].reduce((value, part) => (value << 16n) | BigInt(`0x${part}`), 0n);
}

function addressText(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
