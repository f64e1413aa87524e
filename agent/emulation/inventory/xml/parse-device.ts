import type { DiskConfig, NicConfig } from '../../domain/domain-config.ts';
import { checkAddresses } from './addresses.ts';
import { readDisks } from './disks.ts';
import { refuse, type XmlElement } from './element.ts';
import { readNics } from './nics.ts';
import { readXml } from './reader.ts';
import { checkAttributes } from './rules.ts';
import { quoted } from './source-text.ts';

/**
 * Reads one `<disk>` or `<interface>`, the devices that can be plugged in and out, as libvirt reads it in a domain.
 *
 * @param file the name to put before a refusal.
 * @throws VirtsnmpError DOMAIN_INVALID, `FILE:LINE:COLUMN: what is wrong; what would be right`.
 */
export function parseDeviceXml(
  text: string,
  file: string,
): { readonly disk: DiskConfig } | { readonly nic: NicConfig } {
  const root = readXml({ file, text });
  if (root.name !== 'disk' && root.name !== 'interface')
    refuse(root, `the root element is <${quoted(root.name).slice(1, -1)}>; it must be <disk> or <interface>`);
  const devices: XmlElement = { ...root, name: 'devices', attributes: new Map(), children: [root] };
  const domain: XmlElement = { ...devices, name: 'domain', children: [devices] };
  checkAttributes(domain);
  checkAddresses(devices);
  return root.name === 'disk' ? { disk: readDisks(domain)[0]! } : { nic: readNics(devices)[0]! };
}
