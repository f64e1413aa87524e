import { createHash } from 'node:crypto';

/** Octets that follow from a seed: the same in each run. For simulations; whoever knows the seed foresees them. */
export function seededOctets(seed: number): (count: number) => Uint8Array {
  let drawn = 0;
  return (count) => {
    const octets = new Uint8Array(count);
    for (let at = 0; at < count; at += 32) {
      const block = createHash('sha256').update(`virtsnmp\0octets\0${seed}\0${drawn++}`).digest();
      octets.set(block.subarray(0, Math.min(32, count - at)), at);
    }
    return octets;
  };
}
