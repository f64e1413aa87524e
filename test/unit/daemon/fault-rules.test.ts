import { expect, it } from 'vitest';
import type { FaultRule } from '../../../agent/emulation/fault/fault-rule.ts';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';

const RULE: FaultRule = {
  name: 'fan',
  kind: 'sensor',
  parameters: {},
  target: {},
  when: { atMs: 2000 },
};

it('has the faults of its configuration, and those of the one that is read again', async () => {
  const { daemon, clock } = await startDaemon(testConfig({}, { faults: [RULE] }));
  const active = () => daemon.hypervisor.faults.map(({ rule, kind }) => `${rule} ${kind}`);
  expect(active()).toEqual([]);
  clock.advanceTo(3000);
  expect(active()).toEqual(['fan sensor']);
  const other: FaultRule = { ...RULE, name: 'pool', kind: 'thin-pool-fill', when: { everyMs: 5000 } };
  daemon.reload(testConfig({}, { faults: [RULE, other] }));
  clock.advanceTo(6000);
  expect(active()).toEqual(['fan sensor', 'pool thin-pool-fill']);
  daemon.reload(testConfig({}, { faults: [other] }));
  expect(active()).toEqual(['pool thin-pool-fill']);
  daemon.reload(testConfig());
  expect(active()).toEqual([]);
});
