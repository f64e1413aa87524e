import { onTestFinished } from 'vitest';
import { type ConfigOverrides, loadConfig } from '../../agent/config/load.ts';
import type { Config } from '../../agent/config/schema.ts';
import { Daemon, type Surroundings } from '../../agent/daemon/daemon.ts';
import { createLogging } from '../../agent/log/log.ts';
import { VirtualClock } from '../../agent/util/clock.ts';

/** Simulated time at which the tests' fleets start: 2026-01-05T00:00:00Z. */
const EPOCH_MS = 1_767_571_200_000;

const DEFAULTS: Config = loadConfig({ overrides: { port: 0, guests: 3 }, env: {} });

/**
 * A configuration for tests: quiet, any free port, both communities that config/default.yaml has, and of each event
 * of the life cycle one notification, libvirtGuestNotif.
 */
export function testConfig(overrides: ConfigOverrides = {}, change: Partial<Config> = {}): Config {
  const config = loadConfig({ overrides: { port: 0, guests: 3, ...overrides }, env: {} });
  const [reader] = DEFAULTS.communities;
  return {
    ...config,
    communities: [reader!, { ...reader!, name: 'private', access: 'read-write' }],
    traps: { ...config.traps, families: ['libvirt'] },
    log: { ...config.log, level: 'error' },
    control: { ...config.control, listen: [] },
    ...change,
  };
}

/** A destination of traps with what a configuration fills in. */
export const DESTINATION = {
  host: '127.0.0.1',
  port: 162,
  version: 'v2c',
  type: 'trap',
  community: 'public',
  timeout: 2,
  retries: 3,
  queue: 50_000,
  tags: [],
} as const satisfies Config['traps']['destinations'][number];

export interface RunningDaemon {
  readonly daemon: Daemon;
  readonly clock: VirtualClock;
  /** Address and port of the first host, as Net-SNMP's tools take them. */
  readonly endpoint: string;
  readonly port: number;
}

/** Starts the whole program within the test, with a clock that the test moves; it is stopped with the test. */
export async function startDaemon(
  config: Config = testConfig(),
  surroundings: (clock: VirtualClock) => Surroundings = () => ({}),
  from?: Parameters<typeof Daemon.start>[3],
): Promise<RunningDaemon> {
  const { listen, port: api } = config.control;
  if (listen.length > 0 && api === DEFAULTS.control.port)
    throw new Error('tests run at once: the control API must not be on its one default port');
  const clock = new VirtualClock({ epochMs: EPOCH_MS });
  const logging = createLogging(config.log);
  const daemon = await Daemon.start(config, logging, { clock, ...surroundings(clock) }, from);
  onTestFinished(async () => {
    await daemon.stop();
    await logging.close();
  });
  const { address, port } = daemon.hosts[0]!.local[0]!;
  return { daemon, clock, endpoint: `${address}:${port}`, port };
}
