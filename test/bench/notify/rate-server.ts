/** The process that sends as fast as it can: SNMPv2c traps of an originator, or bare datagrams of the same size. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { presetAccess, presetFamilies } from '../../../agent/access/presets.ts';
import { Vacm } from '../../../agent/access/vacm.ts';
import type { LifecycleEvent } from '../../../agent/emulation/events.ts';
import { DOMAIN_STATE } from '../../../agent/emulation/states.ts';
import { SnmpCounters } from '../../../agent/message/counters.ts';
import { Journal } from '../../../agent/notify/journal.ts';
import type { Notification } from '../../../agent/notify/notification.ts';
import { Originator } from '../../../agent/notify/originator.ts';
import { eventNotifications } from '../../../agent/objects/notifications.ts';
import { UsmStats } from '../../../agent/security/usm/stats.ts';
import { UserTable } from '../../../agent/security/usm/user-table.ts';
import { Usm } from '../../../agent/security/usm/usm.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { trapV2 } from '../../support/trap-octets.ts';

/** What is to be sent: so many notifications to each of these ports. */
export interface RateTask {
  readonly as: 'bare' | 'traps';
  readonly ports: readonly number[];
  readonly count: number;
}

/** How long it took until the operating system had all datagrams. */
export interface RateReply {
  readonly seconds: number;
  /** CPU time of this process meanwhile, user and system, in seconds. */
  readonly cpuSeconds: number;
}

/** Notifications that are sent in one turn of the event loop, by both. */
const BATCH = 64;

/** A guest's crash. */
const CRASH = {
  kind: 'lifecycle',
  name: 'guest-00042',
  uuid: '6e9fbb73-7f0f-4f3a-9d4e-0b8bb4f0c2aa',
  state: DOMAIN_STATE.CRASHED,
} as unknown as LifecycleEvent;
/** What is told of it. It is made beforehand, as the bare sender's datagram is. */
const [NOTIFICATION] = eventNotifications(CRASH, 4242, { libvirtSnmp: false, families: ['libvirt'] }) as [
  Notification,
];

process.on('message', async (task: RateTask) => {
  const reply = await (task.as === 'bare' ? sendBare(task) : sendTraps(task));
  process.send?.(reply);
});

/** Begins to measure; what is returned ends it. */
function measure(): () => RateReply {
  const begin = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { seconds: (performance.now() - begin) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

/** The least that a Node program can do to send a datagram. */
async function sendBare({ ports, count }: RateTask): Promise<RateReply> {
  const socket: Socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  const datagram = trapV2(NOTIFICATION, 'public', 1);
  const end = measure();
  for (let sent = 0; sent < count; ) {
    for (let i = 0; i < BATCH && sent < count; i++, sent++) {
      for (const port of ports) socket.send(datagram, port, '127.0.0.1');
    }
    await turn();
  }
  while (socket.getSendQueueCount() > 0) await turn();
  const reply = end();
  socket.close();
  return reply;
}

async function sendTraps({ ports, count }: RateTask): Promise<RateReply> {
  const originator = makeOriginator(ports);
  let sent = 0;
  originator.onDelivery(() => sent++);
  // The sockets open meanwhile.
  originator.send(NOTIFICATION);
  while (sent < ports.length) await turn();
  const before = sent;
  const end = measure();
  for (let given = 0; given < count; ) {
    for (let i = 0; i < BATCH && given < count; i++, given++) {
      originator.send({ ...NOTIFICATION, upTimeCentiseconds: given });
    }
    await turn();
  }
  while (sent < before + count * ports.length) await turn();
  const reply = end();
  await originator.stop();
  return reply;
}

function makeOriginator(ports: readonly number[]): Originator {
  const vacm = new Vacm();
  vacm.configure({
    contexts: [''],
    groups: [{ securityModel: 2, securityName: 'traps', groupName: 'read-only', storageType: 4, status: 1 }],
    access: [presetAccess('read-only', { securityModel: 2, securityLevel: 1 })],
    families: presetFamilies(),
  });
  const engine = { id: Uint8Array.of(128, 0, 31, 136, 5, 1), boots: () => 1, timeSeconds: () => 1 };
  const originator = new Originator({
    address: '127.0.0.1',
    vacm,
    counters: new SnmpCounters(),
    logger: silentLogger,
    journal: new Journal({ logger: silentLogger }),
    engine: { id: engine.id, usm: new Usm({ engine, users: new UserTable(), stats: new UsmStats() }) },
    userAt: () => undefined,
  });
  originator.setTargets(
    ports.map((port) => ({
      name: `sink-${port}`,
      kind: 'trap',
      host: '127.0.0.1',
      port,
      timeoutMs: 1000,
      retries: 3,
      version: 'v2c',
      community: 'public',
      securityName: 'traps',
      securityLevel: 1,
      queueLength: 1_000_000,
    })),
  );
  return originator;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
