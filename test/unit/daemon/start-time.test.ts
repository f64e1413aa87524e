import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { Daemon } from '../../../agent/daemon/daemon.ts';
import { createLogging } from '../../../agent/log/log.ts';
import { testConfig } from '../../support/running-daemon.ts';

it('the simulation begins at the time of day that serve --clock gives', async () => {
  const config = testConfig({ clock: '2026-01-05T10:00:00+01:00', guests: 1 });
  const logging = createLogging(config.log);
  const daemon = await Daemon.start({ ...config, emulation: { ...config.emulation, speed: 0 } }, logging);
  onTestFinished(async () => {
    await daemon.stop();
    await logging.close();
  });
  expect(daemon.clock.epochMs).toBe(Date.parse('2026-01-05T09:00:00Z'));
});

it('what is no time is refused with one that would be', () => {
  expect(() => loadConfig({ overrides: { clock: 'noon' }, env: {} })).toThrow(
    /--clock: "noon" is not accepted, expected a time such as 2026-01-05T09:00:00Z/,
  );
});
