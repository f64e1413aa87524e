import { expect, it } from 'vitest';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';

const GUESTS = 1500;
/** Rows without a value that a search may pass over: as many as chance puts side by side, and never a share of the guests. */
const MOST = 40;

it('no GETNEXT passes over more rows without a value than stand together by chance', async () => {
  const { daemon, clock } = await startDaemon(testConfig({ guests: GUESTS }));
  clock.advanceTo(30_000);
  const { leaves } = daemon.registryOf(daemon.hypervisor.hosts[0]!)!;
  const runs: Record<string, number> = {};
  let looked = 0;
  for (const { name, rows, read } of leaves) {
    let run = 0;
    for (let at = rows.first(); at >= 0; at = rows.next(at)) {
      run = read(rows.row(at)) === undefined ? run + 1 : 0;
      if (run > MOST) runs[name] = run;
      looked++;
    }
  }
  expect(runs).toEqual({});
  expect(looked).toBeGreaterThan(300 * GUESTS);
});
