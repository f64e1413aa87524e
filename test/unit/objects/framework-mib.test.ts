import { expect, it } from 'vitest';
import { EngineIdentity } from '../../../agent/engine/identity.ts';
import { frameworkMib } from '../../../agent/objects/framework-mib.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { value, WIRE } from '../../support/wire.ts';

const ENGINE = '1.3.6.1.6.3.10.2.1';

it('SNMP-FRAMEWORK-MIB shows who the engine is, and when', () => {
  let nowMs = 5000;
  const identity = new EngineIdentity({
    monotonicMs: () => nowMs,
    randomOctets: (count) => new Uint8Array(count).fill(7),
  });
  const agent = new TestAgent([frameworkMib(identity, 65_507)]);
  const get = () =>
    agent.ask(
      WIRE.get,
      [1, 2, 3, 4].map((number) => `${ENGINE}.${number}.0`),
    )!.varbinds;
  nowMs = 66_999;
  expect(get().map(({ value: bound }) => bound)).toEqual([
    value.octets(`\x80\0\x1f\x88\x05${'\x07'.repeat(12)}`),
    value.integer(1),
    value.integer(61),
    value.integer(65_507),
  ]);
  // Where time would exceed its range boots are raised (RFC 3414 section 2.2.2).
  nowMs = 5000 + 2 ** 31 * 1000;
  expect(
    get()
      .map(({ value: bound }) => bound)
      .slice(1, 3),
  ).toEqual([value.integer(2), value.integer(0)]);
});
