import type { DomainConfig } from '../../domain/domain-config.ts';
import { checkAddresses } from './addresses.ts';
import { checkDevices } from './devices.ts';
import { readDisks } from './disks.ts';
import { child, refuse, type XmlElement } from './element.ts';
import { readGuestDevices } from './guest-devices.ts';
import { checkIdentity, readName, readType, readUuid } from './identity.ts';
import { readCrashAction } from './lifecycle-actions.ts';
import { checkMemoryTuning, readMemory, readMemoryDevice } from './memory.ts';
import { readNics } from './nics.ts';
import { checkCpu, checkNumatune, readNumaCells, readVcpus } from './processors.ts';
import { readXml } from './reader.ts';
import { checkAttributes } from './rules.ts';
import { quoted } from './source-text.ts';
import { checkTuning } from './tuning.ts';
import { readTuning } from './tuning-values.ts';

/**
 * Reads one libvirt domain definition as libvirt's own parser does (formatdomain.html, libvirt 9.0.0).
 *
 * What only a driver or the guest's architecture would refuse, and would refuse at start, is taken. A document
 * type is refused, which libvirt takes. A domain without a UUID gets one derived from its name. libvirt's XML
 * says nothing of autostart, state and load: the domain is running, not started with its host, and steady. What
 * else it does not say is absent, and its host's era decides.
 *
 * @param file the name to put before a refusal.
 * @throws VirtsnmpError DOMAIN_INVALID, `FILE:LINE:COLUMN: what is wrong; what would be right`.
 */
export function parseDomainXml(text: string, file: string): DomainConfig {
  const root = readXml({ file, text });
  if (localName(root) !== 'domain') {
    refuse(root, `the root element is <${quoted(root.name).slice(1, -1)}>; it must be <domain>`);
  }
  const type = readType(root);
  const name = readName(root);
  const uuid = readUuid(root, name);
  checkIdentity(root, uuid);
  const { vcpus, maxVcpus } = readVcpus(root);
  const numaCells = readNumaCells(root, maxVcpus);
  checkNumatune(root, numaCells);
  checkCpu(root);
  const { memoryKiB, currentMemoryKiB } = readMemory(root, numaCells);
  checkMemoryTuning(root);
  checkTuning(root);
  const onCrash = readCrashAction(root);
  checkAttributes(root);
  const devices = child(root, 'devices');
  const disks = readDisks(root);
  const nics = readNics(devices);
  checkAddresses(devices);
  checkDevices(root);
  const guestDevices = readGuestDevices(root);
  return Object.freeze({
    name,
    uuid,
    type,
    memoryKiB,
    currentMemoryKiB,
    vcpus,
    maxVcpus,
    nics,
    disks,
    numaCells,
    onCrash,
    autostart: false,
    initialState: 'running',
    load: 'steady',
    ...readTuning(root, type, maxVcpus),
    ...(type === 'lxc' ? {} : readMemoryDevice(root, memoryKiB)),
    ...(guestDevices ? { devices: guestDevices } : {}),
  });
}

/** libvirt looks at the root's local name only, where its prefix is declared. */
function localName(root: XmlElement): string {
  const [prefix, local] = root.name.split(':');
  const isDeclared = local !== undefined && new RegExp(`xmlns:${prefix}\\s*=`).test(root.source.text);
  return isDeclared ? local : root.name;
}
