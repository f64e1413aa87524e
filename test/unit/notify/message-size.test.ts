import { expect, it, onTestFinished } from 'vitest';
import { TAG } from '../../../agent/ber/tags.ts';
import type { Notification } from '../../../agent/notify/notification.ts';
import type { DeliveryStep, NotifyTarget } from '../../../agent/notify/target.ts';
import { UdpSocket } from '../../../agent/transport/udp.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { LossyReceiver } from '../../support/lossy-receiver.ts';
import { NAME, NOTIFICATION, NotifyLaboratory, targetAt } from '../../support/notify-laboratory.ts';

const REASON = 'the message is larger than its receiver takes';
const WARNING = 'a notification is larger than its receiver takes, and is not sent';
/** Of some 600 octets. */
const LARGE: Notification = {
  ...NOTIFICATION,
  varbinds: [{ oid: NAME, tag: TAG.OCTET_STRING, value: 'x'.repeat(600) }],
};

function laboratory() {
  const made = new NotifyLaboratory({});
  onTestFinished(() => made.originator.stop());
  const steps: DeliveryStep[] = [];
  made.originator.onStep((step) => steps.push(step));
  return { made, steps };
}

async function sink(): Promise<{ port: number; received: Uint8Array[] }> {
  const received: Uint8Array[] = [];
  const onDatagram = (datagram: Uint8Array) => received.push(datagram);
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger, onDatagram });
  onTestFinished(() => socket.close());
  return { port: socket.local.port, received };
}

const V3 = { version: 'v3', securityName: 'watcher', securityLevel: 3 } as const;

it.each<Partial<NotifyTarget>>([
  { version: 'v1' },
  { version: 'v2c' },
  V3,
])('a trap of as many octets as the receiver takes is sent, and one octet more is not: $version', async (change) => {
  const { port, received } = await sink();
  const { made, steps } = laboratory();
  const { originator, counters, warnings } = made;
  originator.setTargets([targetAt(port, change)]);
  originator.send(LARGE);
  await made.until(() => received.length === 1);
  const octets = received[0]!.length;

  originator.setTargets([targetAt(port, { ...change, maxMessageSize: octets })]);
  originator.send(LARGE);
  await made.until(() => received.length === 2);
  expect(counters.notificationsTooLarge).toBe(0);

  originator.setTargets([targetAt(port, { ...change, maxMessageSize: octets - 1 })]);
  originator.send(LARGE);
  originator.send(LARGE);
  originator.send(NOTIFICATION);
  await made.until(() => received.length === 3);
  expect(received[2]!.length).toBeLessThan(octets - 400);
  expect(steps.filter(({ state }) => state === 'failed').map(({ reason }) => reason)).toEqual([
    REASON,
    REASON,
  ]);
  expect(counters).toMatchObject({ notificationsTooLarge: 2, outTraps: 3 });
  expect(warnings).toEqual([WARNING]);
});

it('an inform that is too large is dropped, and the next one is told', async () => {
  const receiver = await LossyReceiver.open({ seed: 1 }, 0);
  onTestFinished(() => receiver.close());
  const { made, steps } = laboratory();
  const { originator, counters, reports } = made;
  originator.setTargets([targetAt(receiver.port, { kind: 'inform', maxMessageSize: 484 })]);
  const large = originator.send(LARGE);
  const small = originator.send(NOTIFICATION);
  await made.until(() => reports.length === 2);
  expect(reports.map(({ notificationId, outcome }) => [notificationId, outcome])).toEqual([
    [large, 'dropped'],
    [small, 'acknowledged'],
  ]);
  expect(steps.find(({ state }) => state === 'failed')).toMatchObject({ reason: REASON, retries: 0 });
  expect(receiver.taken).toHaveLength(1);
  expect(counters.notificationsTooLarge).toBe(1);
});

it('an inform behind one that is too large waits as long for its answer as any other', async () => {
  const receiver = await LossyReceiver.open({ seed: 1, unanswered: 1 }, 0);
  onTestFinished(() => receiver.close());
  const { made } = laboratory();
  const { originator, clock } = made;
  const target = { kind: 'inform', maxMessageSize: 484, timeoutMs: 1000, retries: 0 } as const;
  originator.setTargets([targetAt(receiver.port, target)]);
  originator.send(LARGE);
  originator.send(NOTIFICATION);
  const times: number[] = [];
  await made.until(() => {
    while (times.length < receiver.taken.length) times.push(clock.nowMs);
    return times.length === 4;
  }, 50);
  const gaps = times.slice(1).map((time, i) => Math.round((time - times[i]!) / 1000));
  expect(gaps).toEqual([2, 4, 8]);
});

it('what no datagram can carry is not sent to a receiver whose size is not known', async () => {
  const { port, received } = await sink();
  const { made, steps } = laboratory();
  const varbinds = Array.from({ length: 70 }, () => ({
    oid: NAME,
    tag: TAG.OCTET_STRING,
    value: 'x'.repeat(1000),
  }));
  made.originator.setTargets([targetAt(port)]);
  made.originator.send({ ...NOTIFICATION, varbinds });
  made.originator.send(NOTIFICATION);
  await made.until(() => received.length === 1);
  expect(steps.find(({ state }) => state === 'failed')).toMatchObject({ notificationId: 1, reason: REASON });
});
