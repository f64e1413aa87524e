import type { SlicePolicy } from '../vcpu/cfs.ts';
import type { HostCpu } from '../vcpu/host-cpu.ts';
import { FULL } from '../vcpu/vcpu-config.ts';
import { planPlain, type VcpuPlan } from '../vcpu/vcpu-plan.ts';

/** How Xen's credit scheduler treats a domain (`xl sched-credit`). */
export interface CreditConfig {
  /** 1 to 65535, for each vCPU. */
  readonly weight: number;
  /** Most that the whole domain may run, in percent of one pCPU; 0 for no limit. */
  readonly cap: number;
}

/** The credit scheduler's own defaults. */
export const CREDIT_DEFAULTS: CreditConfig = { weight: 256, cap: 0 };

/** A vCPU that others wait for runs three ticks of 10 ms (Xen sched/credit.c). */
const SLICES: SlicePolicy = { latencyNs: 30_000_000, minGranularityNs: 30_000_000, nrLatency: 0 };

/**
 * The plan of a Xen domain: weight and cap instead of shares and quota, and nothing of KVM's.
 *
 * `vcpus` are those that are plugged in: the weight counts for each, the cap is dealt out to all.
 */
export function planCredit(host: HostCpu, credit: CreditConfig, vcpus: number): VcpuPlan {
  const limit = credit.cap === 0 || vcpus === 0 ? FULL : Math.floor((credit.cap * FULL) / 100 / vcpus);
  return planPlain(host, credit.weight * Math.max(1, vcpus), vcpus, limit, SLICES);
}
