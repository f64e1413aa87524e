/** Exits for what has no counter of its own, such as page faults and CPUID, per second of run time. */
const OTHER_PER_SECOND = 20;

/** Share of injected interrupts that meet a guest with interrupts switched off. */
export const WINDOW_SHARE = 0.03;

/** Exits, with a fraction, that come with so many ns of run time: the host's timer, and the other ones. */
export function exitsOfRun(tickHz: number, runNs: number): number {
  return ((tickHz + OTHER_PER_SECOND) * runNs) / 1e9;
}

/** irq_exits: the host's timer interrupts a vCPU while it runs. */
export function irqExits(tickHz: number, runNs: number): number {
  return Math.floor((tickHz * runNs) / 1e9);
}

/** irq_window exits: an interrupt waits for the guest to switch interrupts on. */
export function irqWindowExits(injections: number): number {
  return Math.floor(WINDOW_SHARE * injections);
}

/** Exits without a counter of their own: a timer is set before each halt. */
export function otherExits(runNs: number, halts: number): number {
  return Math.floor((OTHER_PER_SECOND * runNs) / 1e9) + halts;
}
