import type { NumaCellConfig } from '../../domain/domain-config.ts';
import {
  attribute,
  child,
  children,
  descendant,
  refuse,
  refuseAttribute,
  requiredAttribute,
  type XmlElement,
} from './element.ts';
import { quoted } from './source-text.ts';
import { filledNumberSet, memoryKiB, numberSet, wholeNumber } from './values.ts';

/** The most vCPUs of one domain that are read: more than any hypervisor takes, and what 16 bits can count. */
const MAX_VCPUS = 65_535;

/** vCPUs at start and at most: `<vcpu current=>`, `<vcpu>` and `<vcpus>`. */
export function readVcpus(domain: XmlElement): { vcpus: number; maxVcpus: number } {
  const vcpu = child(domain, 'vcpu');
  if (vcpu === undefined) return { vcpus: 1, maxVcpus: 1 };
  const maxVcpus = wholeNumber(vcpu.text, { min: 1, max: MAX_VCPUS });
  if (maxVcpus === undefined) {
    refuse(vcpu, `<vcpu> is ${quoted(vcpu.text)}; it must be a whole number from 1 to ${MAX_VCPUS}`);
  }
  const current = attribute(vcpu, 'current');
  let vcpus = maxVcpus;
  if (current !== undefined) {
    const number = wholeNumber(current);
    if (number === undefined) refuseAttribute(vcpu, 'current', `a whole number from 0 to ${maxVcpus}`);
    if (number > maxVcpus)
      refuse(vcpu, `current=${number} is above the maximum; it must be at most ${maxVcpus}`);
    vcpus = number;
  }
  const cpuset = attribute(vcpu, 'cpuset');
  if (cpuset !== undefined && filledNumberSet(cpuset) === undefined) {
    refuseAttribute(vcpu, 'cpuset', 'a set of CPU numbers such as 0-3,^2 that is not empty');
  }
  return { vcpus: enabledVcpus(domain, maxVcpus) ?? vcpus, maxVcpus };
}

/** How many vCPUs `<vcpus>` enables, whatever `current=` says; `undefined` without it. */
function enabledVcpus(domain: XmlElement, maxVcpus: number): number | undefined {
  const listed = children(child(domain, 'vcpus'), 'vcpu');
  if (listed.length === 0) return undefined;
  const enabled = new Set<number>();
  for (const each of listed) {
    const id = wholeNumber(requiredAttribute(each, 'id'));
    if (id === undefined || id >= maxVcpus)
      refuseAttribute(each, 'id', `a whole number from 0 to ${maxVcpus - 1}`);
    const state = requiredAttribute(each, 'enabled');
    if (state === 'yes') enabled.add(id);
    else if (state === 'no') enabled.delete(id);
    else refuseAttribute(each, 'enabled', 'yes or no');
    if (state === 'no' && attribute(each, 'hotpluggable') === 'no') {
      refuse(each, `vCPU ${id} is neither enabled nor hotpluggable; it must be one of them`);
    }
  }
  return enabled.size;
}

/** The guest's NUMA cells in the order of their ids, which libvirt wants to be 0, 1, 2 and so on. */
export function readNumaCells(domain: XmlElement, maxVcpus: number): NumaCellConfig[] {
  const numa = descendant(domain, 'cpu/numa');
  if (numa === undefined) return [];
  const elements = children(numa, 'cell');
  if (elements.length === 0) refuse(numa, '<numa> has no <cell>; give it at least one or take it out');
  const cells = new Map<number, NumaCellConfig>();
  const owner = new Map<number, number>();
  elements.forEach((element, index) => {
    const cell = readCell(element, index, elements.length);
    if (cells.has(cell.id))
      refuse(element, `NUMA cell ${cell.id} is given twice; every cell needs an id of its own`);
    for (const cpu of cell.cpus) {
      const other = owner.get(cpu);
      if (other !== undefined)
        refuse(element, `vCPU ${cpu} is in NUMA cell ${other} too; it must be in one only`);
      if (cpu >= maxVcpus)
        refuse(element, `NUMA cell ${cell.id} has vCPU ${cpu}; the domain has 0 to ${maxVcpus - 1}`);
      owner.set(cpu, cell.id);
    }
    cells.set(cell.id, cell);
    checkDistances(element, cell.id, elements.length);
  });
  return [...cells.values()].sort((a, b) => a.id - b.id);
}

function readCell(element: XmlElement, index: number, count: number): NumaCellConfig {
  const idText = attribute(element, 'id');
  const id = idText === undefined ? index : wholeNumber(idText);
  if (id === undefined) refuseAttribute(element, 'id', 'a whole number that is not negative');
  if (id >= count) {
    refuse(element, `NUMA cell id ${id} of ${count} cells; ids must be 0 to ${count - 1} without a gap`);
  }
  const cpusText = attribute(element, 'cpus');
  const cpus = cpusText === undefined ? [] : numberSet(cpusText);
  if (cpus === undefined) refuseAttribute(element, 'cpus', 'a set of vCPU numbers such as 0-3,^2');
  const memory = requiredAttribute(element, 'memory');
  return { id, cpus, memoryKiB: memoryKiB(element, memory, attribute(element, 'unit'), 'memory= of <cell>') };
}

function checkDistances(cell: XmlElement, id: number, count: number): void {
  for (const sibling of children(child(cell, 'distances'), 'sibling')) {
    const other = wholeNumber(requiredAttribute(sibling, 'id'));
    if (other === undefined || other >= count)
      refuseAttribute(sibling, 'id', `the id of a cell, 0 to ${count - 1}`);
    const value = wholeNumber(requiredAttribute(sibling, 'value'));
    const right = other === id ? value === 10 : value !== undefined && value > 10 && value < 256;
    if (!right)
      refuseAttribute(
        sibling,
        'value',
        other === id ? '10, the distance to itself' : 'a distance from 11 to 255',
      );
  }
}

const NUMATUNE_MODES = ['strict', 'preferred', 'interleave', 'restrictive'];

/** Refuses a `<numatune>` that libvirt refuses. */
export function checkNumatune(domain: XmlElement, cells: readonly NumaCellConfig[]): void {
  const numatune = child(domain, 'numatune');
  const memory = child(numatune, 'memory');
  const isAutomatic = attribute(child(domain, 'vcpu'), 'placement') === 'auto';
  if (memory !== undefined) checkNumatuneMemory(memory, isAutomatic);
  const seen = new Set<number>();
  for (const node of children(numatune, 'memnode')) {
    if (cells.length === 0) refuse(node, '<memnode> needs guest NUMA cells; give <cpu><numa> or take it out');
    const id = wholeNumber(requiredAttribute(node, 'cellid'));
    if (id === undefined || id >= cells.length) {
      refuseAttribute(node, 'cellid', `the id of a NUMA cell, 0 to ${cells.length - 1}`);
    }
    if (seen.has(id)) refuse(node, `a second <memnode> for NUMA cell ${id}; there must be one only`);
    seen.add(id);
    const mode = attribute(node, 'mode');
    if (mode !== undefined && !NUMATUNE_MODES.includes(mode))
      refuseAttribute(node, 'mode', NUMATUNE_MODES.join(', '));
    if (filledNumberSet(requiredAttribute(node, 'nodeset')) === undefined) refuseNodeset(node);
  }
}

/** `isAutomatic`: the vCPUs are placed automatically, and so is the memory unless it says otherwise. */
function checkNumatuneMemory(memory: XmlElement, isAutomatic: boolean): void {
  const mode = attribute(memory, 'mode');
  if (mode !== undefined && !NUMATUNE_MODES.includes(mode))
    refuseAttribute(memory, 'mode', NUMATUNE_MODES.join(', '));
  const placement = attribute(memory, 'placement');
  if (placement !== undefined && !['default', 'static', 'auto'].includes(placement)) {
    refuseAttribute(memory, 'placement', 'static or auto');
  }
  const nodeset = attribute(memory, 'nodeset');
  if (nodeset !== undefined && filledNumberSet(nodeset) === undefined) refuseNodeset(memory);
  const isStatic = placement === 'static' || (placement === undefined && mode !== undefined && !isAutomatic);
  if (nodeset === undefined && isStatic) {
    refuse(memory, '<numatune><memory> has no nodeset=; static placement needs one');
  }
}

function refuseNodeset(element: XmlElement): never {
  return refuseAttribute(element, 'nodeset', 'a set of node numbers such as 0-3,^2 that is not empty');
}

/** Refuses a `<cpu>` that libvirt's parser refuses, apart from its NUMA cells. */
export function checkCpu(domain: XmlElement): void {
  const cpu = child(domain, 'cpu');
  if (cpu === undefined) return;
  for (const [name, value] of child(cpu, 'topology')?.attributes ?? []) {
    if (['sockets', 'dies', 'clusters', 'cores', 'threads'].includes(name) && wholeNumber(value) === 0) {
      refuseAttribute(child(cpu, 'topology')!, name, 'at least 1');
    }
  }
  const mode = attribute(cpu, 'mode') ?? 'custom';
  const hasModel = (child(cpu, 'model')?.text ?? '') !== '';
  const vendor = child(cpu, 'vendor');
  if (vendor !== undefined && !hasModel) refuse(vendor, '<vendor> needs a <model>; give one or take it out');
  const seen = new Set<string>();
  for (const feature of children(cpu, 'feature')) {
    if (!hasModel && mode === 'custom') refuse(feature, '<feature> needs a <model>; give one or take it out');
    const name = attribute(feature, 'name') ?? '';
    if (name === '') refuse(feature, '<feature> of <cpu> has no name=; it must have one');
    if (seen.has(name)) refuse(feature, `CPU feature ${quoted(name)} is given twice; once is right`);
    seen.add(name);
  }
}
