import type { Domain } from '../domain/domain.ts';
import { isContainer, isParavirtual } from '../process/process-config.ts';

/** A program on the host's disk. */
export interface Program {
  readonly path: string;
  /** The last part of its path. */
  readonly name: string;
}

/** The program at a path. */
export function programAt(path: string): Program {
  return { path, name: path.slice(path.lastIndexOf('/') + 1) };
}

/** What runs domains, by the era of their host; init is a container's own. */
const PROGRAMS = {
  modern: {
    emulator: programAt('/usr/bin/qemu-system-x86_64'),
    deviceModel: programAt('/usr/lib/xen/bin/qemu-system-i386'),
    toolstack: programAt('/usr/sbin/xl'),
    init: programAt('/usr/lib/systemd/systemd'),
  },
  rhel6: {
    emulator: programAt('/usr/libexec/qemu-kvm'),
    deviceModel: programAt('/usr/lib/xen/bin/qemu-dm'),
    toolstack: programAt('/usr/sbin/xl'),
    init: programAt('/sbin/init'),
  },
} as const;

/** The program of a domain's process: of a paravirtual domain of Xen that of its toolstack. */
export function programOf({ config, host }: Domain): Program {
  const { emulator, deviceModel, toolstack, init } = PROGRAMS[host.config.profile];
  if (isContainer(config)) return init;
  if (config.type !== 'xen') return emulator;
  return isParavirtual(config) ? toolstack : deviceModel;
}

/**
 * What that was started with, as far as it tells which domain it is and what it is made of, with a space between two.
 *
 * What comes first is what libvirt puts first, so that the name is there when the rest is cut off. Of a container it
 * is what its controller puts into init's environment.
 */
export function argumentsOf(domain: Domain): string {
  const { config, host } = domain;
  const { name, uuid } = config;
  if (isContainer(config)) return `container=lxc-libvirt LIBVIRT_LXC_NAME=${name} LIBVIRT_LXC_UUID=${uuid}`;
  if (isParavirtual(config)) return `create ${name} uuid=${uuid}`;
  const memory = Math.ceil(config.memoryKiB / 1024);
  const smp = `${config.vcpus},maxcpus=${config.maxVcpus}`;
  if (config.type === 'xen')
    return `-xen-domid ${(domain.hostProcess?.number ?? 0) + 1} -name ${name} -smp ${smp} -m ${memory}`;
  if (host.config.profile === 'rhel6') {
    const accelerator = config.type === 'kvm' ? '-enable-kvm' : '-no-kvm';
    return `-S -M rhel6.2.0 ${accelerator} -m ${memory} -smp ${smp} -name ${name} -uuid ${uuid}`;
  }
  const accelerator = config.type === 'kvm' ? 'kvm' : 'tcg';
  return `-name guest=${name},debug-threads=on -S -uuid ${uuid} -accel ${accelerator} -m ${memory} -smp ${smp}`;
}
