import { VirtsnmpError } from '../../util/errors.ts';

const KIB_PER_GB = 1024 * 1024;

/**
 * CONFIG_XEN_MAX_DOMAIN_MEMORY of a PV guest's kernel, in GB: upstream's default on x86_64 is 32, RHEL 6.2 sets
 * 128 (emulation facts, section 3.3).
 */
export const XEN_MAX_DOMAIN_GB = { upstream: 32, rhel6: 128 } as const;

/** Memory that a PV guest's kernel uses of what it is given, in KiB: more than its limit is ignored. */
export function usableXenKiB(givenKiB: number, limitGb: number): number {
  return Math.min(givenKiB, limitGb * KIB_PER_GB);
}

/** Memory of a Xen domain, in KiB. */
export interface XenDomainMemory {
  /** What it has. */
  readonly currentKiB: number;
  /** What it shall have; `xl list` shows it. */
  readonly targetKiB: number;
  /** The hard limit. */
  readonly maxmemKiB: number;
}

/**
 * `xl mem-set`: another target. Throws OPERATION_INVALID when it is above maxmem, or 0.
 *
 * The guest may never reach it: its driver brings back only what it took out.
 */
export function memSet(domain: XenDomainMemory, targetKiB: number): XenDomainMemory {
  if (targetKiB < 1 || targetKiB > domain.maxmemKiB) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `the memory target is ${targetKiB} KiB; it must be from 1 KiB to maxmem, ${domain.maxmemKiB} KiB`,
    );
  }
  return { ...domain, targetKiB };
}

/** `xl mem-max`: another hard limit. Throws OPERATION_INVALID when it is below the present target. */
export function memMax(domain: XenDomainMemory, maxmemKiB: number): XenDomainMemory {
  if (maxmemKiB < domain.targetKiB) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `maxmem is ${maxmemKiB} KiB; it must not be below the present target, ${domain.targetKiB} KiB`,
    );
  }
  return { ...domain, maxmemKiB };
}

/** What /sys/devices/system/xen_memory shows in the guest, in KiB. */
export interface XenBalloonInfo {
  readonly currentKiB: number;
  readonly targetKiB: number;
  /** Ballooned pages of low and of high memory; on 64 bit all memory is low. */
  readonly lowKiB: number;
  readonly highKiB: number;
}

/** The figures of a 64-bit guest's balloon driver; it started with `maximumKiB`. */
export function xenBalloonInfo(maximumKiB: number, currentKiB: number, targetKiB: number): XenBalloonInfo {
  return { currentKiB, targetKiB, lowKiB: maximumKiB - currentKiB, highKiB: 0 };
}
