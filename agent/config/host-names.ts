/** The names of so many simulated hosts: host-1, host-2, ..., zero padded so that they sort. */
export function hostNames(count: number): string[] {
  const width = String(count).length;
  return Array.from({ length: count }, (_, i) => `host-${String(i + 1).padStart(width, '0')}`);
}
