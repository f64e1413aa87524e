import { DEVICE_DEFAULTS, type DeviceConfig } from '../block/block-config.ts';
import type { Profile } from '../lifecycle/story.ts';
import { KSM_DEFAULTS, type KsmConfig } from '../memory/ksm.ts';
import { DEFAULT_RATES, type HostMemoryConfig } from '../memory/memory-config.ts';
import { type LowerDeviceConfig, type SegmentConfig, UPLINK_DEFAULTS } from '../net/net-config.ts';
import { PACKAGE_POLICY_DEFAULTS, type PackagePolicy, type PackageSpec } from '../platform/software.ts';
import { HOST_CPU_DEFAULTS, type HostCpuConfig } from '../vcpu/vcpu-config.ts';

/** A storage pool of a host, on a device of its own. */
export interface PoolConfig {
  readonly name: string;
  /** libvirt's pool type. */
  readonly type: 'dir' | 'logical' | 'netfs';
  readonly capacityBytes: number;
  readonly device: DeviceConfig;
}

/** A sensor of a host's board. */
export interface SensorConfig {
  readonly name: string;
  readonly kind: 'temperature' | 'power' | 'fan';
  /** What it shows when the processors do nothing: degrees Celsius, watts, or turns per minute. */
  readonly idle: number;
  /** What it shows when all of them are busy. */
  readonly full: number;
  /** Time in ms after which a change shows by two thirds. */
  readonly lagMs: number;
}

/** What a simulated host is made of. */
export interface HostConfig {
  readonly profile: Profile;
  readonly cpu: HostCpuConfig;
  readonly memory: HostMemoryConfig;
  readonly ksm: KsmConfig;
  /** Bridges and macvtap lower devices; the first is where a NIC is plugged that names none of them. */
  readonly segments: readonly SegmentConfig[];
  /** Lower devices of macvtap, by name; others that definitions name are like the first segment's uplink. */
  readonly lowerDevices?: readonly LowerDeviceConfig[];
  readonly pools: readonly PoolConfig[];
  readonly sensors: readonly SensorConfig[];
  /** Name of the processors, as /proc/cpuinfo has it. */
  readonly cpuModel: string;
  /** What is installed: of kernels and of images of the hypervisor, the first is booted. */
  readonly software: readonly PackageSpec[];
  readonly packagePolicy: PackagePolicy;
  /**
   * Whether processors, memory, storage and line grow with the domains that are put on the host before it is
   * used, so that they fit; otherwise the host is as it is.
   */
  readonly grows: boolean;
}

const GIB = 2 ** 20;

/** Of Debian 12 with oVirt's node image, and of Red Hat Enterprise Linux 6.2 with RHEV-H. */
const SOFTWARE: Readonly<Record<Profile, readonly PackageSpec[]>> = {
  modern: [
    { name: 'linux-image', version: '6.1.0-13-amd64' },
    { name: 'ovirt-node', version: '4.5.4-1', kind: 'image' },
    { name: 'libvirt', version: '9.0.0-4' },
    { name: 'qemu-kvm', version: '7.2.0-1' },
  ],
  rhel6: [
    { name: 'kernel', version: '2.6.32-220.el6.x86_64' },
    { name: 'rhev-hypervisor6', version: '6.2-20111122.0', kind: 'image' },
    { name: 'libvirt', version: '0.9.4-23.el6' },
    { name: 'qemu-kvm', version: '0.12.1.2-2.209.el6' },
  ],
};

/** A host of the era: two sockets, 128 GiB, a bridge on a 10 Gb/s line, a pool on flash. */
export function hostDefaults(profile: Profile): HostConfig {
  const isModern = profile === 'modern';
  const cpu = HOST_CPU_DEFAULTS[profile];
  return {
    profile,
    cpu,
    memory: {
      nodesKiB: Array.from({ length: cpu.nodes }, () => (isModern ? 64 : 32) * GIB),
      hostUseKiB: 2 * GIB,
      swapKiB: 8 * GIB,
      hugePages: [],
      rates: DEFAULT_RATES,
      reserveShare: 0.005,
    },
    ksm: KSM_DEFAULTS,
    segments: [
      { name: isModern ? 'virbr0' : 'br0', kind: 'bridge', uplink: UPLINK_DEFAULTS, reflects: false },
    ],
    pools: [
      {
        name: 'default',
        type: 'dir',
        capacityBytes: 2 ** 41,
        device: isModern ? DEVICE_DEFAULTS.nvme : DEVICE_DEFAULTS.ssd,
      },
    ],
    sensors: [
      { name: 'CPU temperature', kind: 'temperature', idle: 38, full: 82, lagMs: 60_000 },
      { name: 'Inlet temperature', kind: 'temperature', idle: 22, full: 26, lagMs: 300_000 },
      { name: 'System power', kind: 'power', idle: 140, full: 520, lagMs: 2000 },
      { name: 'Fan 1', kind: 'fan', idle: 3600, full: 9800, lagMs: 20_000 },
    ],
    cpuModel: isModern ? 'AMD EPYC 7502 32-Core Processor' : 'Intel(R) Xeon(R) CPU X7560',
    software: SOFTWARE[profile],
    packagePolicy: PACKAGE_POLICY_DEFAULTS,
    grows: true,
  };
}
