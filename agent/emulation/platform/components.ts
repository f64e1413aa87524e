import { derivedUuid } from '../../util/uuid.ts';
import type { Host } from '../host/host.ts';
import type { HostConfig, SensorConfig } from '../host/host-config.ts';
import { type HostNic, hostDisks } from './hardware.ts';

/** What a host is built of. */
export const COMPONENT_KINDS = [
  'chassis',
  'board',
  'processor',
  'memory',
  'adapter',
  'port',
  'bay',
  'drive',
  'powerSupply',
  'fan',
  'sensor',
] as const;
/** A name of {@link COMPONENT_KINDS}. */
export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** One part of a host. */
export interface Component {
  readonly kind: ComponentKind;
  /** Its number among those of its kind, from 0 up. */
  readonly number: number;
  /** What it is in; absent for the chassis. */
  readonly parent?: Component;
  /** What the host itself calls it; empty if it has no name for it. */
  readonly name: string;
  readonly description: string;
  readonly manufacturer: string;
  readonly model: string;
  /** Empty if there is none on it. */
  readonly serial: string;
  readonly software: string;
  /** Whether it can be replaced in the field. */
  readonly isReplaceable: boolean;
  /** Canonical form; only the system as a whole has one. */
  readonly uuid?: string;
}

const MANUFACTURER = 'virtsnmp';
/** A server of this size has two of them, each of which can carry it alone. */
const POWER_SUPPLIES = 2;
const GIB_KIB = 2 ** 20;
/** Sizes of memory modules in GiB, and slots of a node. */
const MODULE_GIB = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const SLOTS = 16;
const SERIAL_DIGITS = 12;
const DRIVE = { hdd: 'Hard disk', ssd: 'Solid-state disk', nvme: 'NVMe solid-state disk' } as const;

/** Size in KiB of the memory modules of a node: the least that divides it and fits the slots, or else the largest. */
export function moduleKiB(nodeKiB: number): number {
  const sizes = MODULE_GIB.map((gib) => gib * GIB_KIB).filter((kib) => nodeKiB % kib === 0);
  return sizes.find((kib) => nodeKiB / kib <= SLOTS) ?? sizes.at(-1) ?? nodeKiB;
}

/** All parts of a host; a part never stands before what it is in, and keeps its number while others come. */
export function componentsOf(host: Host, nics: readonly HostNic[]): readonly Component[] {
  const parts = new Parts(host);
  const { config } = host;
  const chassis = parts.add('chassis', undefined, {
    name: host.name,
    description: `Rack server with ${config.cpu.sockets} sockets`,
    model: `S${config.cpu.sockets}`,
    software: runningSystem(host),
    uuid: derivedUuid('system', host.name),
  });
  const board = parts.add('board', chassis, { description: 'System board' });
  const processors = Array.from({ length: config.cpu.sockets }, (_, socket) =>
    parts.add('processor', board, {
      name: `CPU ${socket}`,
      description: config.cpuModel,
      manufacturer: makerOf(config),
      model: config.cpuModel,
      isReplaceable: true,
    }),
  );
  addMemory(parts, board, config);
  addNics(parts, board, nics);
  addDrives(parts, chassis, config);
  for (let supply = 0; supply < POWER_SUPPLIES; supply++) {
    const description = `Power supply ${supply + 1}`;
    parts.add('powerSupply', chassis, { name: `PSU ${supply + 1}`, description, isReplaceable: true });
  }
  for (const sensor of config.sensors) addSensor(parts, sensor, chassis, processors[0]);
  return parts.all;
}

/** The place in the configuration of what a sensor among the components measures. */
export function sensorOf({ number }: Component): number {
  return number;
}

function addMemory(parts: Parts, board: Component, { memory }: HostConfig): void {
  memory.nodesKiB.forEach((nodeKiB, node) => {
    const size = moduleKiB(nodeKiB);
    for (let slot = 0; slot < nodeKiB / size; slot++) {
      const name = `DIMM ${node}.${slot}`;
      const description = `Memory module of ${Math.round(size / GIB_KIB)} GiB, node ${node}`;
      parts.add('memory', board, { name, description, isReplaceable: true });
    }
  });
}

function addNics(parts: Parts, board: Component, nics: readonly HostNic[]): void {
  for (const { name, uplinks } of nics) {
    const gigabits = uplinks[0]!.lineRate / 1e9;
    const description = `Ethernet adapter of ${gigabits} Gb/s`;
    const adapter = parts.add('adapter', board, { description, isReplaceable: true });
    parts.add('port', adapter, { name, description: `Ethernet port of ${gigabits} Gb/s`, serial: '' });
  }
}

function addDrives(parts: Parts, chassis: Component, config: HostConfig): void {
  for (const { name, kind } of hostDisks(config)) {
    const bay = parts.add('bay', chassis, { description: 'Drive bay', serial: '' });
    parts.add('drive', bay, { name, description: DRIVE[kind], isReplaceable: true });
  }
}

/** A sensor that turns with a fan is in it; one of a processor is in the first. */
function addSensor(
  parts: Parts,
  { name, kind }: SensorConfig,
  chassis: Component,
  processor: Component | undefined,
): void {
  const parent =
    kind === 'fan'
      ? parts.add('fan', chassis, { name, description: 'Fan module', isReplaceable: true })
      : /\b(cpu|processor)\b/i.test(name)
        ? processor
        : chassis;
  const descriptions = { temperature: 'Temperature sensor', power: 'Power meter', fan: 'Fan speed sensor' };
  parts.add('sensor', parent, { name, description: descriptions[kind], serial: '' });
}

/** What the host runs: the image that it booted, or else its kernel. */
function runningSystem({ software: { booted } }: Host): string {
  const system = booted.image ?? booted.kernel;
  return system ? `${system.name}-${system.version}` : '';
}

function makerOf({ cpuModel }: HostConfig): string {
  return /^(AMD|Intel)/i.exec(cpuModel)?.[1] ?? '';
}

type Details = Partial<Omit<Component, 'kind' | 'number' | 'parent'>> & Pick<Component, 'description'>;

/** Parts that are being put together. */
class Parts {
  readonly all: Component[] = [];
  readonly #host: Host;
  readonly #counts = new Map<ComponentKind, number>();

  constructor(host: Host) {
    this.#host = host;
  }

  add(kind: ComponentKind, parent: Component | undefined, details: Details): Component {
    const number = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, number + 1);
    const component: Component = {
      ...{
        kind,
        number,
        name: '',
        manufacturer: MANUFACTURER,
        model: '',
        software: '',
        isReplaceable: false,
      },
      serial: serialOf(this.#host, kind, number),
      ...details,
      ...(parent && { parent }),
    };
    this.all.push(component);
    return component;
  }
}

function serialOf({ name }: Host, kind: ComponentKind, number: number): string {
  return derivedUuid('serial', name, kind, number).replaceAll('-', '').slice(0, SERIAL_DIGITS).toUpperCase();
}
