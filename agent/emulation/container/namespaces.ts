import type { CgroupProfile } from './container-config.ts';

/** The namespaces of Linux, in the order of /proc/PID/ns. */
export const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const;
/** A name of {@link NAMESPACES}. */
export type Namespace = (typeof NAMESPACES)[number];

/** What of a definition decides its namespaces. */
export interface NamespaceConfig {
  /** Number of `<interface>` elements. */
  readonly interfaces: number;
  /** `<features><privnet/>`. */
  readonly privnet: boolean;
  /** Has an `<idmap>`. */
  readonly idmap: boolean;
}

/**
 * The namespaces of a container: its own, or shared with the host; absent ones its kernel does not have.
 *
 * libvirt always makes mnt, ipc, pid and uts; net when there are interfaces or privnet; user with an idmap
 * (facts, section 5). RHEL 6's kernel cannot use user namespaces, and has no cgroup and time namespaces.
 */
export function containerNamespaces(
  profile: CgroupProfile,
  config: NamespaceConfig,
): ReadonlyMap<Namespace, 'own' | 'shared'> {
  const own = new Set<Namespace>(['mnt', 'ipc', 'pid', 'uts']);
  if (config.interfaces > 0 || config.privnet) own.add('net');
  if (config.idmap && profile === 'modern') own.add('user');
  const absent: readonly Namespace[] = profile === 'modern' ? [] : ['cgroup', 'time', 'user'];
  return new Map(
    NAMESPACES.filter((name) => !absent.includes(name)).map((name) => [
      name,
      own.has(name) ? 'own' : 'shared',
    ]),
  );
}

/** Why a container with this definition cannot start; `undefined` when its namespaces can be made. */
export function namespaceRefusal(profile: CgroupProfile, config: NamespaceConfig): string | undefined {
  if (config.idmap && profile === 'rhel6')
    return 'the definition has an <idmap>, but this kernel has no usable user namespaces; take it out';
  return undefined;
}
