/** Types of NICs that the emulator is connected to by a device of the host. */
const BY_DEVICE: ReadonlySet<string> = new Set(['network', 'bridge', 'ethernet', 'direct']);

/** Numbers of devices that libvirt has named, by what their names begin with. */
export interface DeviceCounts {
  vnet: number;
  macvtap: number;
}

/**
 * The name that libvirt gives to the host's device of a NIC that names none: `vnet` or `macvtap`, and the next number;
 * `undefined` when there is no such device.
 */
export function deviceName(type: string, counts: DeviceCounts): string | undefined {
  if (!BY_DEVICE.has(type)) return undefined;
  const prefix = type === 'direct' ? 'macvtap' : 'vnet';
  return `${prefix}${counts[prefix]++}`;
}
