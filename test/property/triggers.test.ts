import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STARTUP } from '../../agent/objects/event-mib/rows.ts';
import { type Crossing, cross } from '../../agent/objects/event-mib/tests.ts';

it('thresholds take turns, whatever the samples, and fire at none that does not reach them', () => {
  const small = fc.integer({ min: -10, max: 10 });
  const startups = fc.constantFrom(...Object.values(STARTUP));
  fc.assert(
    fc.property(fc.array(small, { maxLength: 60 }), small, small, startups, (samples, a, b, startup) => {
      const rising = Math.max(a, b);
      const falling = Math.min(a, b);
      const crossing: Crossing = { before: undefined, last: undefined };
      let last: string | undefined;
      let reached = false;
      for (const sample of samples) {
        const fired = cross(crossing, sample, rising, falling, startup);
        if (fired) {
          expect(fired).not.toBe(last);
          expect(fired === 'rising' ? sample >= rising : sample <= falling).toBe(true);
        }
        // Once either has fired, the other is missed at no sample that reaches it.
        if (last === 'rising' && sample <= falling && rising > falling) reached = fired === 'falling';
        else if (last === 'falling' && sample >= rising && rising > falling) reached = fired === 'rising';
        else reached = true;
        expect(reached).toBe(true);
        last = fired ?? last;
      }
    }),
  );
});
