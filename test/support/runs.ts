/** How many cases a property is tried with. PROPERTY_FACTOR multiplies it, which `npm run properties` does. */
export function runs(usual: number): number {
  return Math.ceil(usual * Number(process.env['PROPERTY_FACTOR'] ?? 1));
}
