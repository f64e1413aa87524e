import type { Cause } from '../../emulation/cause.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { HostResources } from '../../emulation/host/host-resources.ts';
import {
  COMPONENT_KINDS,
  type Component,
  type ComponentKind,
  componentsOf,
} from '../../emulation/platform/components.ts';
import { HostNics } from '../../emulation/platform/hardware.ts';
import type { HostSoftware } from '../../emulation/platform/software.ts';
import { ENTITY_MIB } from '../../mib/generated/entity-mib.ts';
import type { InterfaceNumbers } from '../interface-numbers.ts';

const { enums: CLASS } = ENTITY_MIB.tables.entPhysicalTable.columns.entPhysicalClass.syntax;

/** IANAPhysicalClass of each kind of component. */
const CLASS_OF: Readonly<Record<ComponentKind, number>> = {
  chassis: CLASS.chassis,
  board: CLASS.module,
  processor: CLASS.cpu,
  memory: CLASS.module,
  adapter: CLASS.module,
  port: CLASS.port,
  bay: CLASS.container,
  drive: CLASS.storageDrive,
  powerSupply: CLASS.powerSupply,
  fan: CLASS.fan,
  sensor: CLASS.sensor,
};
/** Of entPhysicalIndex, each kind has a range of its own, so that what comes later changes no number. */
const RANGE = 2 ** 16;

/** A component as entPhysicalTable has it. */
export interface Entity {
  readonly index: number;
  readonly component: Component;
  /** IANAPhysicalClass. */
  readonly class: number;
  /** entPhysicalIndex of what it is in, 0 for nothing. */
  readonly parent: number;
  /** entPhysicalParentRelPos: among those of its class there, from 0 up; -1 for what is in nothing. */
  readonly position: number;
  /** ifIndex of a port that is an interface. */
  readonly ifIndex: number | undefined;
}

/** entPhysicalIndex of a component: the chassis is 1. */
export function entityIndex({ kind, number }: Component): number {
  return COMPONENT_KINDS.indexOf(kind) * RANGE + number + 1;
}

/** The entities of a host, and when there were last others. */
export class Entities {
  readonly #host: Host;
  readonly #interfaces: InterfaceNumbers | undefined;
  readonly #nics: HostNics;
  #resources: HostResources | undefined;
  #software: HostSoftware['booted'] | undefined;
  #segmentChanges = -1;
  #all: readonly Entity[] = [];
  #signature = '';
  #ports: readonly Entity[] = [];
  #sensors: readonly Entity[] = [];
  #contained: readonly Entity[] = [];
  /** When a row of a table was last made, changed or removed, in simulated ms; `undefined` for never. */
  changedMs: number | undefined;
  readonly #nowMs: () => number;
  readonly #onChange: (cause?: Cause) => void;

  /** `interfaces` is absent where IF-MIB is not served. `onChange` hears of each change, and who made it if that is known. */
  constructor(
    host: Host,
    interfaces: InterfaceNumbers | undefined,
    nowMs: () => number,
    onChange: (cause?: Cause) => void,
  ) {
    this.#host = host;
    this.#interfaces = interfaces;
    this.#nics = new HostNics(host);
    this.#nowMs = nowMs;
    this.#onChange = onChange;
    this.#build();
  }

  /** All of them, ascending by their indexes. */
  get all(): readonly Entity[] {
    this.review();
    return this.#all;
  }

  /** Those that are interfaces. */
  get ports(): readonly Entity[] {
    this.review();
    return this.#ports;
  }

  get sensors(): readonly Entity[] {
    this.review();
    return this.#sensors;
  }

  /** Those that are in another, ascending by what they are in and their own indexes. */
  get contained(): readonly Entity[] {
    this.review();
    return this.#contained;
  }

  /** Looks whether they are others than before. */
  review(): void {
    const { software } = this.#host;
    const { host: resources } = this.#host.engine;
    if (
      resources === this.#resources &&
      resources.segmentChanges === this.#segmentChanges &&
      software.booted === this.#software
    )
      return;
    const before = this.#signature;
    this.#build();
    if (before !== this.#signature) this.changed();
  }

  /** Something about them is another from now on. */
  changed(cause?: Cause): void {
    this.changedMs = this.#nowMs();
    this.#onChange(cause);
  }

  #build(): void {
    const { engine, software } = this.#host;
    this.#resources = engine.host;
    this.#segmentChanges = engine.host.segmentChanges;
    this.#software = software.booted;
    const places = new Map<string, number>();
    const entities = componentsOf(this.#host, this.#nics.all).map((component): Entity => {
      const { kind, parent, name } = component;
      const parentIndex = parent ? entityIndex(parent) : 0;
      const siblings = `${parentIndex} ${CLASS_OF[kind]}`;
      const position = places.get(siblings) ?? 0;
      places.set(siblings, position + 1);
      return {
        index: entityIndex(component),
        component,
        class: CLASS_OF[kind],
        parent: parentIndex,
        position: parent ? position : -1,
        ifIndex: kind === 'port' ? this.#interfaces?.indexOf(name) : undefined,
      };
    });
    this.#all = entities.sort((a, b) => a.index - b.index);
    this.#ports = entities.filter(({ ifIndex }) => ifIndex !== undefined);
    this.#sensors = entities.filter(({ component }) => component.kind === 'sensor');
    this.#contained = entities
      .filter(({ parent }) => parent !== 0)
      .sort((a, b) => a.parent - b.parent || a.index - b.index);
    this.#signature = JSON.stringify(
      entities.map(({ component: { parent: _, ...component }, ...entity }) => ({ ...entity, component })),
    );
  }
}
