import { bitmapText } from '../../domain/bitmap-text.ts';
import type { DomainConfig } from '../../domain/domain-config.ts';
import { node, textNode, unlessEmpty, type XmlNode } from './xml-node.ts';

/** `<memtune>` of a container: limits of its cgroup in whole KiB, rounded up. */
export function writeMemtune({ type, container }: DomainConfig): XmlNode | undefined {
  const memory = type === 'lxc' ? container?.limits?.memory : undefined;
  if (!memory) return undefined;
  const { max, high, swapMax } = memory;
  const limit = (name: string, bytes: number | undefined) =>
    bytes === undefined || bytes === 0 || !Number.isFinite(bytes)
      ? undefined
      : textNode(name, Math.ceil(bytes / 1024), { unit: 'KiB' });
  return unlessEmpty(
    node('memtune', {}, [
      limit('hard_limit', max),
      limit('soft_limit', high),
      limit('swap_hard_limit', max === undefined || swapMax === undefined ? undefined : max + swapMax),
    ]),
  );
}

/** `<memoryBacking>`. */
export function writeBacking({ backing }: DomainConfig): XmlNode | undefined {
  if (!backing || backing.kind === 'anonymous') return undefined;
  if (backing.kind === 'locked') return node('memoryBacking', {}, [node('locked')]);
  const { hugePageKiB } = backing;
  const page = hugePageKiB === undefined ? undefined : node('page', { size: hugePageKiB, unit: 'KiB' });
  return node('memoryBacking', {}, [node('hugepages', {}, [page])]);
}

/** `<cputune>`. */
export function writeCputune({ cputune }: DomainConfig): XmlNode | undefined {
  if (!cputune) return undefined;
  const { shares, periodUs, quotaUs, vcpupin = [], emulatorpin } = cputune;
  return unlessEmpty(
    node('cputune', {}, [
      textNode('shares', shares),
      textNode('period', periodUs),
      textNode('quota', quotaUs === undefined ? undefined : Math.max(quotaUs, -1)),
      ...vcpupin.map((cpus, vcpu) => cpus && node('vcpupin', { vcpu, cpuset: bitmapText(cpus) })),
      emulatorpin && node('emulatorpin', { cpuset: bitmapText(emulatorpin) }),
    ]),
  );
}

/** `<numatune>`; a `<memnode>` needs the cell that it is about. */
export function writeNumatune({ numatune, numaCells }: DomainConfig): XmlNode | undefined {
  if (!numatune) return undefined;
  const { mode, nodeset, memnodes } = numatune;
  return node('numatune', {}, [
    node('memory', { mode, nodeset: bitmapText(nodeset) }),
    ...memnodes
      .filter(({ cellId }) => numaCells.some(({ id }) => id === cellId))
      .map((each) =>
        node('memnode', { cellid: each.cellId, mode: each.mode, nodeset: bitmapText(each.nodeset) }),
      ),
  ]);
}

/** `<cpu>` with the guest's NUMA cells. */
export function writeCpu({ numaCells }: DomainConfig): XmlNode | undefined {
  if (numaCells.length === 0) return undefined;
  const cells = numaCells.map(({ id, cpus, memoryKiB }) =>
    node('cell', {
      id,
      cpus: cpus.length === 0 ? undefined : bitmapText(cpus),
      memory: memoryKiB,
      unit: 'KiB',
    }),
  );
  return node('cpu', {}, [node('numa', {}, cells)]);
}

/** `<features>` and `<idmap>` of a container: what it has of its own. */
export function writeContainment({ type, container }: DomainConfig): { features?: XmlNode; idmap?: XmlNode } {
  if (type !== 'lxc' || !container) return {};
  const map = { start: 0, target: 100_000, count: 65_536 };
  return {
    ...(container.privnet ? { features: node('features', {}, [node('privnet')]) } : {}),
    ...(container.idmap ? { idmap: node('idmap', {}, [node('uid', map), node('gid', map)]) } : {}),
  };
}
