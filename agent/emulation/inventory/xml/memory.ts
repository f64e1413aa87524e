import type { DomainConfig, NumaCellConfig } from '../../domain/domain-config.ts';
import {
  attribute,
  child,
  children,
  refuse,
  refuseAttribute,
  requiredAttribute,
  type XmlElement,
} from './element.ts';
import { quoted } from './source-text.ts';
import { MAX_MEMORY_KIB, memoryKiB, numberSet, wholeNumber } from './values.ts';

/** KiB of the least block of a memory device: a huge page of x86_64. */
const LEAST_BLOCK_KIB = 2048;

/**
 * Memory at most and at start, in KiB: `<memory>`, `<currentMemory>`, and in their absence the NUMA cells and
 * memory modules.
 */
export function readMemory(
  domain: XmlElement,
  cells: readonly NumaCellConfig[],
): { memoryKiB: number; currentMemoryKiB: number } {
  const given = amount(child(domain, 'memory'));
  const modules = readModules(domain);
  const total =
    given > 0 ? given : cells.reduce((sum, cell) => sum + cell.memoryKiB, cells.length > 0 ? modules : 0);
  if (total === 0) {
    refuse(domain, 'the domain has no memory; give <memory>, or memory= of its NUMA cells');
  }
  if (total > MAX_MEMORY_KIB)
    refuse(domain, `the memory of all NUMA cells is above ${MAX_MEMORY_KIB} KiB together`);
  if (cells.length === 0 && modules >= total) {
    refuse(
      domain,
      `the memory modules have ${modules} KiB of the ${total} KiB of <memory>; it must be more than they have`,
    );
  }
  checkMaximum(domain, total);
  const current = amount(child(domain, 'currentMemory'));
  return { memoryKiB: total, currentMemoryKiB: current === 0 || current > total ? total : current };
}

/** The KiB of an element; 0 where it is absent or empty. */
function amount(element: XmlElement | undefined): number {
  if (element === undefined || element.text === '') return 0;
  return memoryKiB(element, element.text, attribute(element, 'unit'), `<${element.name}>`);
}

function checkMaximum(domain: XmlElement, total: number): void {
  const element = child(domain, 'maxMemory');
  if (element === undefined) return;
  const maximum = amount(element);
  const slotsText = attribute(element, 'slots') ?? '';
  const slots = slotsText === '' ? 0 : wholeNumber(slotsText);
  if (slots === undefined) refuseAttribute(element, 'slots', 'a whole number of memory slots');
  if ((maximum === 0) !== (slots === 0)) {
    refuse(element, '<maxMemory> must give both a size and slots=, and neither may be 0');
  }
  if (maximum > 0 && maximum < total) {
    refuse(element, `<maxMemory> is ${maximum} KiB; it must be at least the memory, ${total} KiB`);
  }
}

/** The KiB of all memory modules (`<devices><memory>`) together. */
function readModules(domain: XmlElement): number {
  let sum = 0;
  for (const module of children(child(domain, 'devices'), 'memory')) {
    const source = child(module, 'source');
    const nodemask = child(source, 'nodemask')?.text ?? '';
    if (nodemask !== '' && numberSet(nodemask) === undefined) {
      refuse(module, `<nodemask> is ${quoted(nodemask)}; it must be a set of node numbers such as 0-3,^2`);
    }
    amount(child(source, 'pagesize'));
    const target = child(module, 'target');
    if (target === undefined)
      refuse(module, '<memory> device has no <target>; it must have one with a <size>');
    const size = child(target, 'size');
    if (size === undefined || size.text === '') refuse(target, '<target> of a memory device has no <size>');
    const node = child(target, 'node');
    if (node !== undefined && node.text !== '' && wholeNumber(node.text) === undefined) {
      refuse(node, `<node> is ${quoted(node.text)}; it must be the number of a NUMA cell`);
    }
    sum += amount(size);
  }
  return sum;
}

/**
 * The memory device that can be resized (virtio-mem), with what the domain has at start with it.
 *
 * Absent for several of them, and for one that the guest could not have: sizes that are no whole blocks.
 */
export function readMemoryDevice(
  domain: XmlElement,
  totalKiB: number,
): Pick<DomainConfig, 'memoryDevice' | 'currentMemoryKiB'> | undefined {
  const modules = children(child(domain, 'devices'), 'memory');
  const resizable = modules.filter((module) => attribute(module, 'model') === 'virtio-mem');
  const target = child(resizable[0], 'target');
  if (resizable.length !== 1 || target === undefined) return undefined;
  const sizeKiB = amount(child(target, 'size'));
  const blockKiB = amount(child(target, 'block')) || LEAST_BLOCK_KIB;
  const requestedKiB = amount(child(target, 'requested'));
  const fits =
    blockKiB % LEAST_BLOCK_KIB === 0 &&
    sizeKiB % blockKiB === 0 &&
    requestedKiB % blockKiB === 0 &&
    sizeKiB < totalKiB &&
    requestedKiB <= sizeKiB;
  if (!fits) return undefined;
  return { memoryDevice: { sizeKiB, blockKiB }, currentMemoryKiB: totalKiB - sizeKiB + requestedKiB };
}

/** Refuses memory limits and huge page sizes that libvirt's parser refuses. */
export function checkMemoryTuning(domain: XmlElement): void {
  for (const name of ['hard_limit', 'soft_limit', 'min_guarantee', 'swap_hard_limit']) {
    amount(child(child(domain, 'memtune'), name));
  }
  for (const page of children(child(child(domain, 'memoryBacking'), 'hugepages'), 'page')) {
    const size = memoryKiB(page, requiredAttribute(page, 'size'), attribute(page, 'unit'), 'size= of <page>');
    if (size === 0) refuseAttribute(page, 'size', 'above 0');
    const nodeset = attribute(page, 'nodeset');
    if (nodeset !== undefined && numberSet(nodeset) === undefined) {
      refuseAttribute(page, 'nodeset', 'a set of node numbers such as 0-3,^2');
    }
  }
}
