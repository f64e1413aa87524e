/** How much memory in GiB an x86_64 PV guest's kernel can use (CONFIG_XEN_MAX_DOMAIN_MEMORY). */
export const PV_LIMIT_GIB = {
  /** Linux as it comes. */
  upstream: 32,
  /** Since RHEL 6.2. */
  rhel6: 128,
} as const;

const KIB_PER_GIB = 1_048_576;

/** Memory in KiB that the guest's kernel uses of what the domain was given; it ignores the rest. */
export function pvUsableKiB(memoryKiB: number, limitGiB: number): number {
  return Math.min(memoryKiB, limitGiB * KIB_PER_GIB);
}

/** Why a PV guest must not be given so much memory; `undefined` when it may. */
export function checkPvMemory(memoryKiB: number, limitGiB: number): string | undefined {
  if (memoryKiB <= limitGiB * KIB_PER_GIB) return undefined;
  return (
    `a 64-bit PV guest uses at most ${limitGiB} GiB (${limitGiB * KIB_PER_GIB} KiB), not ${memoryKiB} KiB; ` +
    'give it less, or make it an HVM guest'
  );
}
