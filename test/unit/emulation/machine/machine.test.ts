import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fields, Layout } from '../../../../agent/emulation/machine/layout.ts';
import { begin, createMachine, readCounter, settle } from '../../../../agent/emulation/machine/machine.ts';

const { RUN, WAIT } = fields('RUN', 'WAIT');

describe('the layout of a machine', () => {
  it('gives every part places of its own', () => {
    const shapes = [
      { counters: 2, state: 1 },
      { counters: 0, state: 3 },
      { counters: 4, state: 0 },
    ];
    const layout = new Layout(shapes);
    const places = layout.parts.flatMap(({ counters, state }, i) => [
      ...Array.from({ length: shapes[i]!.counters }, (_, c) => [
        counters + c,
        counters + c + layout.counterCount,
      ]).flat(),
      ...Array.from({ length: shapes[i]!.state }, (_, s) => state + s),
    ]);
    expect(new Set(places).size).toBe(2 * 6 + 4);
    expect(Math.min(...places)).toBe(layout.firstCounter);
    expect(Math.max(...places)).toBe(layout.size - 1);
  });
});

describe('a counter', () => {
  const layout = new Layout([{ counters: 2, state: 0 }]);
  const [part] = layout.parts;

  it('takes its growth whole at the end of a tick, in equal shares before, and no more after it', () => {
    const machine = createMachine(layout);
    begin(machine, 1000, 1000);
    machine.numbers[part!.counters + RUN + layout.counterCount] = 101;
    const read = (at: number) => readCounter(machine, part!.counters + RUN, at);
    expect([read(1000), read(1500), read(1999), read(2000), read(2300)]).toEqual([0, 50, 100, 101, 101]);
    settle(machine, 2000);
    expect([read(2000), read(9000)]).toEqual([101, 101]);
  });

  it('is exact at each whole ms when its growth is a multiple of the span', () => {
    for (const span of [1000, 987, 333]) {
      const machine = createMachine(layout);
      begin(machine, 0, span);
      machine.numbers[part!.counters + RUN + layout.counterCount] = 999_999 * span;
      for (let ms = 0; ms <= span; ms++) {
        expect(readCounter(machine, part!.counters + RUN, ms)).toBe(999_999 * ms);
      }
    }
  });

  it('never goes back and never passes its plan, however often the machine is stopped', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 1000 }),
            fc.integer({ min: 0, max: 10 ** 12 }),
            fc.double({ min: 0, max: 1, noNaN: true }),
          ),
          { maxLength: 20 },
        ),
        (spans) => {
          const machine = createMachine(layout);
          const counter = part!.counters + WAIT;
          let now = 0;
          let last = 0;
          let planned = 0;
          for (const [span, growth, stopAt] of spans) {
            begin(machine, now, span);
            machine.numbers[counter + layout.counterCount] = growth;
            planned += growth;
            for (const at of [now, now + span * stopAt]) {
              const value = readCounter(machine, counter, at);
              expect(Number.isSafeInteger(value) && value >= last && value <= planned).toBe(true);
              last = value;
            }
            now += span * stopAt;
            settle(machine, now);
            expect(readCounter(machine, counter, now)).toBe(last);
          }
        },
      ),
    );
  });
});
