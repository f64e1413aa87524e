import type { DomainConfig } from '../../domain/domain-config.ts';
import { writeBlkiotune, writeDisks } from './write-disk.ts';
import {
  writeAgent,
  writeBoards,
  writeBootloader,
  writeClock,
  writeConsole,
  writeOs,
  writeUsb,
} from './write-guest-devices.ts';
import { writeNic } from './write-nic.ts';
import {
  writeBacking,
  writeContainment,
  writeCpu,
  writeCputune,
  writeMemtune,
  writeNumatune,
} from './write-tuning.ts';
import { node, printXml, textNode, type XmlNode } from './xml-node.ts';

/** What only a running domain has. */
export interface LiveParts {
  /** Number of its emulator process. */
  readonly id: number;
  /** Aliases in the order of the definition. */
  readonly nics: readonly string[];
  readonly disks: readonly string[];
}

/**
 * Writes a definition as libvirt domain XML, laid out as virsh dumpxml does.
 *
 * Whatever `parseDomainXml` reads of a definition is written, so that it reads the same again. What libvirt's XML
 * does not say (load, initial state, autostart, what is inside of the guest) is not in it.
 */
export function writeDomainXml(config: DomainConfig, live?: LiveParts): string {
  const { type, name, uuid, title, description, memoryKiB, currentMemoryKiB, vcpus, maxVcpus } = config;
  const kib = { unit: 'KiB' };
  const { features, idmap } = writeContainment(config);
  const maximum = type === 'lxc' ? undefined : config.memoryDevice && memoryKiB;
  return printXml(
    node('domain', { type, id: live?.id }, [
      textNode('name', name),
      textNode('uuid', uuid),
      // A title is one line in libvirt.
      textNode('title', title?.replaceAll('\n', ' ') || undefined),
      textNode('description', description || undefined),
      textNode('maxMemory', maximum, { slots: 1, ...kib }),
      textNode('memory', memoryKiB, kib),
      textNode('currentMemory', currentMemoryKiB, kib),
      writeBlkiotune(config.disks),
      writeMemtune(config),
      writeBacking(config),
      textNode('vcpu', maxVcpus, { placement: 'static', current: vcpus === maxVcpus ? undefined : vcpus }),
      writeCputune(config),
      writeNumatune(config),
      live && node('resource', {}, [textNode('partition', '/machine')]),
      writeBootloader(config),
      writeOs(config),
      idmap,
      features,
      writeCpu(config),
      writeClock(config),
      textNode('on_poweroff', 'destroy'),
      textNode('on_reboot', 'restart'),
      textNode('on_crash', config.onCrash),
      writeDevices(config, live),
    ]),
  );
}

function writeDevices(config: DomainConfig, live: LiveParts | undefined): XmlNode {
  const { controllers, inputs } = writeUsb(config.devices?.usb);
  return node('devices', {}, [
    ...writeDisks(config.disks, live?.disks),
    ...controllers,
    ...config.nics.map((nic, i) => writeNic(nic, live?.nics[i])),
    ...writeConsole(config),
    writeAgent(config),
    ...inputs,
    ...writeBoards(config),
  ]);
}
