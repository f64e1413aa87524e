import { known } from '../../util/known.ts';
import { DISK_SHAPE, type DiskPlace } from '../block/disk-places.ts';
import { CONTAINER_SHAPE } from '../container/container-places.ts';
import { DRAWING_SHAPE } from '../display/drawing.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import { Layout, type Part, type PartShape } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { memoryShape } from '../memory/guest-memory-layout.ts';
import { NIC_SHAPE, type NicParts, QUEUE_SHAPE } from '../net/nic-parts.ts';
import { GUEST_CPU_SHAPE, VCPU_SHAPE, type VcpuPlaces } from '../vcpu/vcpu-places.ts';
import { LINK_SHAPE } from './emulator-process.ts';
import { isContainer } from './process-config.ts';

/** Where the numbers of guests of one shape stand. */
export interface Shape {
  readonly layout: Layout;
  readonly link: Part;
  readonly places: VcpuPlaces;
  readonly memory: Part;
  readonly container: Part | undefined;
  readonly drawing: Part | undefined;
  readonly nics: readonly NicParts[];
  readonly disks: readonly DiskPlace[];
}

/** The shapes of the guests of a host: one for each that the definitions which ever ran have. */
export class Shapes {
  readonly #nodes: number;
  readonly #known = new Map<string, Shape>();

  /** `nodes`: how many NUMA nodes the host has. */
  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  /** The same object for definitions of one shape. */
  of(config: DomainConfig): Shape {
    const { maxVcpus, nics, disks } = config;
    const kind = isContainer(config) ? 'lxc' : `${maxVcpus}${hasDisplay(config) ? ' qxl' : ''}`;
    const key = `${kind} ${nics.map(({ queues }) => queues)} ${disks.length}`;
    return known(this.#known, key, () => makeShape(config, this.#nodes));
  }
}

function makeShape(config: DomainConfig, nodes: number): Shape {
  const isLxc = isContainer(config);
  const shapes: PartShape[] = [];
  const take = (shape: PartShape): number => shapes.push(shape) - 1;
  const guest = take(GUEST_CPU_SHAPE);
  const link = take(LINK_SHAPE);
  const vcpus = Array.from({ length: isLxc ? 0 : config.maxVcpus }, () => take(VCPU_SHAPE));
  const container = isLxc ? take(CONTAINER_SHAPE) : undefined;
  const memory = take(memoryShape(nodes));
  const nics = config.nics.map(({ queues }) => ({
    nic: take(NIC_SHAPE),
    queues: Array.from({ length: queues }, () => take(QUEUE_SHAPE)),
  }));
  const disks = config.disks.map(() => take(DISK_SHAPE));
  const drawing = hasDisplay(config) ? take(DRAWING_SHAPE) : undefined;
  const layout = new Layout(shapes);
  const part = (index: number): Part => layout.parts[index]!;
  return {
    layout,
    link: part(link),
    places: { guest: part(guest), vcpus: vcpus.map(part), counterCount: layout.counterCount },
    memory: part(memory),
    container: container === undefined ? undefined : part(container),
    drawing: drawing === undefined ? undefined : part(drawing),
    nics: nics.map(({ nic, queues }) => ({ nic: part(nic), queues: queues.map(part) })),
    disks: disks.map((disk) => ({ part: part(disk), counterCount: layout.counterCount })),
  };
}

function hasDisplay(config: DomainConfig): boolean {
  return !isContainer(config) && config.devices?.qxl !== undefined;
}

/** Copies all numbers of a part into another machine's of the same shape. */
export function copyPart(
  from: Machine,
  before: Part,
  to: Machine,
  part: Part,
  { counters, state }: PartShape,
): void {
  const copy = (source: number, target: number, count: number): void =>
    to.numbers.set(from.numbers.subarray(source, source + count), target);
  copy(before.counters, part.counters, counters);
  copy(before.counters + from.layout.counterCount, part.counters + to.layout.counterCount, counters);
  copy(before.state, part.state, state);
}
