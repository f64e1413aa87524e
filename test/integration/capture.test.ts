import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  lvsNotification,
  lvsNotificationsLost,
} from '../../agent/objects/libvirt-stats/notifications/index.ts';
import { eventNotifications } from '../../agent/objects/notifications.ts';
import { UdpSocket } from '../../agent/transport/udp.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { DESTINATION, startDaemon, testConfig } from '../support/running-daemon.ts';
import { sampleEvents } from '../support/sample-events.ts';
import { sendTraps } from '../support/send-traps.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Why nothing can be captured; `undefined` when it can. An error under CI=true without tshark. */
function noCapture(): string | undefined {
  if (spawnSync('tshark', ['--version']).error) {
    const missing = 'tshark not found (Debian: tshark)';
    if (process.env['CI'] === 'true') throw new Error(missing);
    return missing;
  }
  const args = ['-q', '-i', 'lo', '-a', 'duration:1', '-c', '1', '-w', '/dev/null', '-f', 'udp port 9'];
  return spawnSync('tshark', args).status === 0 ? undefined : 'tshark may not capture on lo';
}

const missing = noCapture();

/** The port of a socket that takes what comes. */
async function sink(): Promise<number> {
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
  onTestFinished(() => socket.close());
  return socket.local.port;
}

interface Capture {
  /** Ends it when so many packets are there; returns fields of each, as tshark dissects it. */
  dissect(count: number, ...fields: string[]): Promise<string[][]>;
}

/** Captures what goes to two ports of this machine. */
async function startCapture(v1: number, v2c: number): Promise<Capture> {
  const file = join(temporaryFolder(), 'traps.pcapng');
  const filter = `udp dst port ${v1} or udp dst port ${v2c}`;
  const child = spawn(
    'tshark',
    ['-l', '-P', '-T', 'fields', '-e', 'udp.srcport', '-i', 'lo', '-f', filter, '-w', file],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let ports = '';
  child.stdout.on('data', (chunk) => {
    ports += chunk;
  });
  child.stderr.resume();
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
  const probes = `${socket.local.port}`;
  // It says that it captures before it does.
  while (ports === '') {
    socket.send(Buffer.from([0x30, 0x00]), { address: '127.0.0.1', port: v1 });
    await setTimeout(100);
  }
  await socket.close();
  const captured = () => ports.split('\n').filter((port) => port !== '' && port !== probes).length;
  return {
    async dissect(count, ...fields) {
      while (captured() < count) await setTimeout(20);
      child.kill('SIGINT');
      await ended;
      const decode = [v1, v2c].flatMap((port) => ['-d', `udp.port==${port},snmp`]);
      const chosen = fields.flatMap((field) => ['-e', field]);
      const args = ['-r', file, ...decode, '-Y', `udp.srcport != ${probes}`, '-T', 'fields', ...chosen];
      const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t'));
    },
  };
}

describe.skipIf(missing)(`what goes over the wire${missing ? `: ${missing}` : ''}`, () => {
  it('has no malformed packet: a run of the daemon, and a notification of every kind', async () => {
    const [v1, v2c] = [await sink(), await sink()];
    const capture = await startCapture(v1, v2c);
    const config = testConfig();
    const to = (port: number, version: 'v1' | 'v2c') => ({ ...DESTINATION, port, version });
    const destinations = [to(v1, 'v1'), to(v2c, 'v2c')];
    const families = ['libvirt', 'stats'] as const;
    const traps = { ...config.traps, families, destinations };
    const { daemon, clock } = await startDaemon({ ...config, traps });
    const { hypervisor } = daemon;
    // coldStart, and what tells of each event.
    let told = 1;
    hypervisor.onEvent((event) => {
      told += eventNotifications(event, 0, { libvirtSnmp: false, families }).length;
    });
    const host = hypervisor.hosts[0]!;
    const domain = host.domains.at(0);
    for (const action of [
      'suspend',
      'resume',
      'panic',
      'start',
      'pm-suspend',
      'wakeup',
      'destroy',
    ] as const) {
      clock.advanceTo(clock.nowMs + 120_000);
      if (!hypervisor.check({ op: 'act', domain, action })) hypervisor.apply({ op: 'act', domain, action });
    }
    const samples = sampleEvents(host, domain).flatMap(
      (event) => lvsNotification(event, 1, { libvirtSnmp: false }) ?? [],
    );
    samples.push(lvsNotificationsLost(host, 'noc', 17, 1));
    await sendTraps(v2c, samples);
    const count = destinations.length * told + samples.length;
    const fields = ['_ws.malformed', '_ws.expert.severity', 'snmp.version', 'snmp.data'];
    const packets = await capture.dissect(count, ...fields);
    expect(packets.length).toBe(count);
    expect(told).toBeGreaterThan(10);
    const [PDU_TRAP_V1, PDU_TRAP_V2] = ['4', '7'];
    for (const [malformed, severity, version, pdu] of packets) {
      expect(malformed).toBe('');
      expect(severity).toBe('');
      expect([version, pdu]).toEqual(version === '0' ? ['0', PDU_TRAP_V1] : ['1', PDU_TRAP_V2]);
    }
    expect(new Set(packets.map(([, , version]) => version))).toEqual(new Set(['0', '1']));
  });
});
