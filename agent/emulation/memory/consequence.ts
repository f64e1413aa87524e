/**
 * What the memory model wants done to a guest: applied by the hypervisor, never by the model.
 *
 * `guest` is the number that the hypervisor gave with the guest's tick. balloon-change: the balloon moved
 * and `currentKiB` is what the guest has now; guest-oom: the guest's kernel killed a process of `pages` pages
 * of 4 KiB; guest-panic: it panicked instead; host-oom-kill: the host kills the emulator process,
 * `constrained` when only the nodes of its policy are full.
 */
export type MemoryConsequence =
  | { readonly kind: 'balloon-change'; readonly guest: number; readonly currentKiB: number }
  | { readonly kind: 'guest-oom'; readonly guest: number; readonly pages: number }
  | { readonly kind: 'guest-panic'; readonly guest: number }
  | { readonly kind: 'host-oom-kill'; readonly guest: number; readonly constrained: boolean };
