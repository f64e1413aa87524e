import { derivedUuid, uuidOctets } from '../../util/uuid.ts';

/**
 * The address of a NIC whose definition leaves it to libvirt: libvirt's own prefix, and octets of the guest's
 * UUID. `number`: the NIC's place in the definition, from 0.
 */
function derivedMac(uuid: Uint8Array, number: number): Uint8Array {
  return Uint8Array.of(0x52, 0x54, 0, uuid[13]!, uuid[14]!, (uuid[15]! + number) & 255);
}

/** The address of NIC `number` of a domain as libvirt writes it, defined or derived: lower case, with colons. */
export function nicMac(uuid: string, { mac }: { readonly mac?: string }, number: number): string {
  if (mac !== undefined) return mac;
  const octets = derivedMac(uuidOctets(uuid), number);
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/** The same as 6 octets; `uuid` as 16. */
export function nicAddress(uuid: Uint8Array, { mac }: { readonly mac?: string }, number: number): Uint8Array {
  if (mac === undefined) return derivedMac(uuid, number);
  return Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
}

/** The 6 octets of the address of a physical NIC, or of a bridge without one: locally administered, the same in each run. */
export function hardwareAddress(host: string, name: string): Uint8Array {
  const address = uuidOctets(derivedUuid('hardware address', host, name)).slice(0, 6);
  // Neither a group's nor a manufacturer's (IEEE 802 section 8.2).
  address[0] = (address[0]! & 0xfc) | 0x02;
  return address;
}
