import { BOOT_STAGES, type BootStage, COUNTDOWNS, type ConsoleConfig } from './console-config.ts';

/** One stage of a guest's boot. */
export interface PlannedStage {
  readonly stage: BootStage;
  /** How long it takes with a whole processor, in guest ms. */
  readonly workMs: number;
  /** Takes longer when the guest gets less of the processors than it asks for. */
  readonly cpuBound: boolean;
}

/** A boot that goes on, or is over. Immutable; times are guest ms. */
export interface Boot {
  readonly plan: readonly PlannedStage[];
  /** Index in the plan, which is empty when the guest is up. */
  readonly index: number;
  /** When the present stage began. */
  readonly stageSinceMs: number;
  /** When `doneMs` of the present stage's work was done. */
  readonly anchorMs: number;
  readonly doneMs: number;
  /** What the guest gets of the processor time that it asks for, 0 to 1. */
  readonly share: number;
  /** It hangs once this much of a stage's work is done. */
  readonly hang?: { readonly stage: BootStage; readonly doneMs: number };
}

const NO_STAGES: readonly PlannedStage[] = [];

const KERNEL_ON: ReadonlySet<BootStage> = new Set(['kernel', 'initramfs', 'init']);

function hasStage(config: ConsoleConfig, stage: BootStage): boolean {
  if (config.bootKind === 'container') return stage === 'init';
  if (config.bootKind === 'paravirtual') return KERNEL_ON.has(stage);
  if (stage === 'boot-menu') return config.bootMenu;
  return stage !== 'network-boot' || config.networkFirst;
}

/**
 * The stages that a guest with this console goes through (facts 7).
 *
 * `pace` multiplies the stages that wait for a processor: more than 1 for a guest that is slow to boot.
 */
export function planBoot(config: ConsoleConfig, pace = 1): readonly PlannedStage[] {
  return BOOT_STAGES.filter((stage) => hasStage(config, stage)).map((stage) => {
    const cpuBound = !COUNTDOWNS.has(stage);
    return { stage, workMs: config.seconds[stage] * 1000 * (cpuBound ? pace : 1), cpuBound };
  });
}

/** A boot at its first stage. */
export function startBoot(plan: readonly PlannedStage[], nowMs: number, share: number): Boot {
  return { plan, index: 0, stageSinceMs: nowMs, anchorMs: nowMs, doneMs: 0, share };
}

/** A boot that was over before the simulation began, or before the guest came here. */
export function finishedBoot(nowMs: number): Boot {
  return { plan: NO_STAGES, index: 0, stageSinceMs: nowMs, anchorMs: nowMs, doneMs: 0, share: 1 };
}

/** The stage that the guest is in; `undefined` when it is up. */
export function presentStage(boot: Boot): PlannedStage | undefined {
  return boot.plan[boot.index];
}

/** Work done in each guest ms. */
function speed(boot: Boot): number {
  return presentStage(boot)?.cpuBound ? boot.share : 1;
}

/** How much of the present stage's work can be done at all. */
function reachableMs(boot: Boot): number {
  const stage = presentStage(boot);
  if (!stage) return 0;
  return boot.hang?.stage === stage.stage ? Math.min(boot.hang.doneMs, stage.workMs) : stage.workMs;
}

/** Work of the present stage that is done at an instant inside it, in ms. */
export function stageProgressMs(boot: Boot, nowMs: number): number {
  return Math.min(reachableMs(boot), boot.doneMs + (nowMs - boot.anchorMs) * speed(boot));
}

/** When so much of the present stage's work will be done; `undefined` for never at the present share. */
export function whenDoneMs(boot: Boot, workMs: number): number | undefined {
  if (workMs <= boot.doneMs) return boot.anchorMs;
  const rate = speed(boot);
  if (rate === 0 || workMs > reachableMs(boot)) return undefined;
  return boot.anchorMs + (workMs - boot.doneMs) / rate;
}

/** The boot as it is at an instant: in the stage that it has come to. */
export function bootAt(seen: Boot, nowMs: number): Boot {
  let boot = seen;
  for (;;) {
    const end = stageEndMs(boot);
    if (end === undefined || end > nowMs) return boot;
    boot = nextStage(boot, end);
  }
}

/** When the present stage ends; `undefined` when it does not, or the guest is up. */
export function stageEndMs(boot: Boot): number | undefined {
  const stage = presentStage(boot);
  if (!stage || isHung(boot)) return undefined;
  return whenDoneMs(boot, stage.workMs);
}

/** The boot in its next stage, at the instant at which the present one ends. */
export function nextStage(boot: Boot, nowMs: number): Boot {
  if (boot.index + 1 === boot.plan.length) return finishedBoot(nowMs);
  return { ...boot, index: boot.index + 1, stageSinceMs: nowMs, anchorMs: nowMs, doneMs: 0 };
}

/**
 * When the guest will come to a stage, or be up, at the present share.
 *
 * `undefined` for never, and for what is behind it or not in its plan.
 */
export function stageStartMs(boot: Boot, wanted: BootStage | 'up'): number | undefined {
  const last = wanted === 'up' ? boot.plan.length : boot.plan.findIndex(({ stage }) => stage === wanted);
  if (last <= boot.index) return undefined;
  let at = stageEndMs(boot);
  for (let i = boot.index + 1; i < last && at !== undefined; i++) {
    const { stage, workMs, cpuBound } = boot.plan[i]!;
    if (boot.hang?.stage === stage || (cpuBound && boot.share === 0)) at = undefined;
    else at += cpuBound ? workMs / boot.share : workMs;
  }
  return at;
}

/** The boot with another share of the processors from an instant inside its present stage on. */
export function setBootShare(boot: Boot, nowMs: number, share: number): Boot {
  if (share === boot.share || !presentStage(boot)) return boot;
  return { ...boot, doneMs: stageProgressMs(boot, nowMs), anchorMs: nowMs, share };
}

/** The boot as it is when it hangs in a stage, once a share (0 to 1) of the stage's work is done. */
export function hangIn(boot: Boot, stage: BootStage, share: number): Boot {
  const planned = boot.plan.find((other) => other.stage === stage);
  return planned ? { ...boot, hang: { stage, doneMs: planned.workMs * share } } : boot;
}

/** Whether the guest hangs in the stage that it is in. */
export function isHung(boot: Boot): boolean {
  return boot.hang !== undefined && boot.hang.stage === presentStage(boot)?.stage;
}

/** Where a guest is on its way up, and whether it should have got further. */
export interface BootStatus {
  /** `undefined` when it is up. */
  readonly stage: BootStage | undefined;
  /** Guest ms that it has been in this stage, or up. */
  readonly forMs: number;
  /** Guest ms beyond the stage's time on a processor of its own; 0 while it is in time, or up. */
  readonly overdueMs: number;
}

/** A guest's place in its boot at an instant: the one sign of a hang that an operator sees. */
export function bootStatus(boot: Boot, nowMs: number): BootStatus {
  const stage = presentStage(boot);
  const forMs = nowMs - boot.stageSinceMs;
  return { stage: stage?.stage, forMs, overdueMs: stage ? Math.max(0, forMs - stage.workMs) : 0 };
}
