import { LIMIT_NAMES } from '../../block/block-config.ts';
import type { DiskConfig } from '../../domain/domain-config.ts';
import { DRIVE_BUSES, defaultBus, NUMBERED_NAME } from './disks.ts';
import { node, textNode, unlessEmpty, type XmlNode } from './xml-node.ts';

/** Disks of each controller of a bus, as libvirt gives out the places of drives. */
const DRIVES_OF_CONTROLLER: Readonly<Record<string, number>> = { ide: 4, fdc: 2, scsi: 7, sata: 6 };

/** `<disk>` of each disk; `aliases` are those of a running domain. */
export function writeDisks(disks: readonly DiskConfig[], aliases: readonly string[] = []): XmlNode[] {
  const taken = new Map<string, number>();
  return disks.map((disk, i) => {
    const bus = disk.bus ?? defaultBus(disk.target);
    const index = taken.get(bus) ?? 0;
    taken.set(bus, index + 1);
    return writeDisk(disk, address(disk, bus, index), aliases[i]);
  });
}

function writeDisk(disk: DiskConfig, place: XmlNode | undefined, alias: string | undefined): XmlNode {
  const { type, device, target, bus, errorPolicy, rerrorPolicy } = disk;
  const driver = { type: driverType(disk), error_policy: errorPolicy, rerror_policy: rerrorPolicy };
  const hasDriver = Object.values(driver).some((each) => each !== undefined);
  return node('disk', { type, device }, [
    hasDriver ? node('driver', { name: 'qemu', ...driver }) : undefined,
    writeSource(disk),
    node('target', { dev: target, bus }),
    writeIotune(disk),
    device === 'cdrom' ? node('readonly') : undefined,
    alias === undefined ? undefined : node('alias', { name: alias }),
    place,
  ]);
}

function driverType({ format }: DiskConfig): string | undefined {
  if (format === undefined) return undefined;
  return format === 'qcow2' ? 'qcow2' : 'raw';
}

/** The image, device or volume; `<source>` is written as the reader takes it apart. */
function writeSource(disk: DiskConfig): XmlNode | undefined {
  const { type, source, startupPolicy } = disk;
  const policy = { startupPolicy };
  switch (type) {
    case 'file':
    case 'dir':
      return unlessEmpty(node('source', { [type]: source, ...policy }));
    case 'block':
    case 'vhostvdpa':
      return unlessEmpty(node('source', { dev: source, ...policy }));
    case 'volume':
      return node('source', { ...volumeOf(disk), ...policy });
    default:
  }
  if (source === undefined) return undefined;
  if (type === 'network') return networkSource(source, startupPolicy);
  if (type === 'nvme') return nvmeSource(source, startupPolicy);
  return node('source', { type: 'unix', path: source, ...policy });
}

function volumeOf({ source, pool }: DiskConfig): { pool?: string; volume?: string } {
  if (source === undefined) return {};
  if (pool !== undefined && source.startsWith(`${pool}/`))
    return { pool, volume: source.slice(pool.length + 1) };
  const slash = source.indexOf('/');
  return slash < 0
    ? { pool: pool ?? '', volume: source }
    : { pool: source.slice(0, slash), volume: source.slice(slash + 1) };
}

/** `PROTOCOL:NAME` or `PROTOCOL://HOST/NAME`. */
function networkSource(source: string, startupPolicy: string | undefined): XmlNode {
  const colon = source.indexOf(':');
  const protocol = source.slice(0, colon);
  const rest = source.slice(colon + 1);
  const match = /^\/\/([^/]*)\/([\s\S]*)$/.exec(rest);
  const isPooled = protocol === 'rbd' || protocol === 'gluster';
  const names = match?.[2] ?? '';
  const hasHost = match !== null && (isPooled ? names.includes('/') : names !== '' || protocol === 'nbd');
  return node(
    'source',
    { protocol, name: hasHost ? names : rest, startupPolicy },
    hasHost ? [node('host', { name: match[1] })] : [],
  );
}

/** `nvme:DOMAIN:BUS:SLOT.FUNCTION/NAMESPACE`. */
function nvmeSource(source: string, startupPolicy: string | undefined): XmlNode {
  const [, domain, bus, slot, function_, namespace] =
    /^nvme:([^:]*):([^:]*):([^.]*)\.([^/]*)\/([\s\S]*)$/.exec(source) ?? [];
  return node('source', { type: 'pci', managed: 'yes', namespace, startupPolicy }, [
    node('address', { domain, bus, slot, function: function_ }),
  ]);
}

/** In libvirt's order: what is allowed for ever, then bursts, then their length. */
function writeIotune({ iotune }: DiskConfig): XmlNode | undefined {
  if (!iotune) return undefined;
  const elements = (suffix: string, key: 'perSecond' | 'max' | 'lengthSeconds', unsaid: number) =>
    LIMIT_NAMES.map((name) => {
      const value = iotune[name]?.[key];
      return value === undefined || value === unsaid ? undefined : textNode(`${name}_sec${suffix}`, value);
    });
  return unlessEmpty(
    node('iotune', {}, [
      ...elements('', 'perSecond', 0),
      ...elements('_max', 'max', 0),
      ...elements('_max_length', 'lengthSeconds', 1),
    ]),
  );
}

/** The place of a drive on its bus; others say it by their names, or have none yet. */
function address({ target }: DiskConfig, bus: string, index: number): XmlNode | undefined {
  const count = DRIVES_OF_CONTROLLER[bus];
  if (!DRIVE_BUSES.includes(bus) || count === undefined)
    return NUMBERED_NAME.test(target) ? undefined : node('address', { type: 'unassigned' });
  const unit = index % count;
  return node('address', {
    type: 'drive',
    controller: Math.floor(index / count),
    bus: bus === 'ide' ? Math.floor(unit / 2) : 0,
    target: 0,
    unit: bus === 'ide' ? unit % 2 : unit,
  });
}

/** `<blkiotune>`: one weight where all disks have one, and those that differ from it by what is behind them. */
export function writeBlkiotune(disks: readonly DiskConfig[]): XmlNode | undefined {
  const isComplete = disks.length > 0 && disks.every(({ weight }) => weight !== undefined);
  const all = isComplete ? (disks.find(({ source }) => source === undefined) ?? disks[0]!).weight : undefined;
  const others = disks.filter(({ weight }) => weight !== undefined && weight !== all);
  return unlessEmpty(
    node('blkiotune', {}, [
      textNode('weight', all),
      ...others.map(({ source, weight }) =>
        node('device', {}, [textNode('path', source ?? ''), textNode('weight', weight)]),
      ),
    ]),
  );
}
