import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NotifyTarget } from '../../../agent/notify/target.ts';
import { NotifyLaboratory, numbered, targetAt } from '../../support/notify-laboratory.ts';
import { authKey, ENGINE_ID, privKey } from '../../support/usm-laboratory.ts';
import { decodeV3 } from '../../support/v3-messages.ts';
import { V3Receiver } from '../../support/v3-receiver.ts';
import { element, elements, WIRE } from '../../support/wire.ts';

const AUTH_PRIV = 3;

async function receiverOf(engineId = '80001f8805aaaaaaaa'): Promise<V3Receiver> {
  const receiver = await V3Receiver.open(engineId);
  onTestFinished(() => receiver.close());
  return receiver;
}

function laboratory(port: number, change: Partial<NotifyTarget> = {}): NotifyLaboratory {
  const { community: _none, ...target } = targetAt(port, {
    name: 'v3',
    kind: 'inform',
    version: 'v3',
    securityName: 'watcher',
    securityLevel: AUTH_PRIV,
    ...change,
  });
  const made = new NotifyLaboratory({ targets: [target] });
  onTestFinished(() => made.originator.stop());
  return made;
}

/** Sends a notification and waits until it is acknowledged. */
async function deliver(made: NotifyLaboratory, number: number, stepMs = 100): Promise<void> {
  const before = made.reports.length;
  made.originator.send(numbered(number));
  await made.until(() => made.reports.length > before, stepMs);
  expect(made.reports.at(-1)).toMatchObject({ eventSequence: number, outcome: 'acknowledged' });
}

const numbers = ({ taken }: V3Receiver) => taken.map(({ number }) => number);

describe('an inform of SNMPv3', () => {
  it('is sent when the receiver’s engine is discovered and its clock is known (RFC 3414 section 4)', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port);
    await deliver(made, 1, 0);
    expect(receiver.seen).toEqual(['discovery', 'untimely', 'inform']);
    await deliver(made, 2, 0);
    expect(receiver.seen).toEqual(['discovery', 'untimely', 'inform', 'inform']);
    expect(numbers(receiver)).toEqual([1, 2]);
    expect(made.warnings).toEqual([]);
  });

  it('follows the receiver’s clock', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port);
    await deliver(made, 1, 0);
    made.clock.advanceTo(made.clock.nowMs + 1_000_000);
    receiver.time += 1000;
    await deliver(made, 2, 0);
    expect(receiver.seen.slice(3)).toEqual(['inform']);
  });

  it('is sent again at once when the receiver says that its clock is another', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port);
    await deliver(made, 1, 0);
    receiver.time += 100_000;
    await deliver(made, 2, 0);
    expect(receiver.seen.slice(3)).toEqual(['untimely', 'inform']);
  });

  it('reaches a receiver that was started again with higher boots', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port);
    await deliver(made, 1, 0);
    receiver.boots++;
    receiver.time = 2;
    await deliver(made, 2, 0);
    expect(receiver.seen.slice(3)).toEqual(['untimely', 'inform']);
  });

  it('reaches a receiver that was started again as another engine, with keys for that', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port);
    await deliver(made, 1, 0);
    receiver.engineId = Uint8Array.from(Buffer.from('80001f8805bbbbbbbbbb', 'hex'));
    receiver.boots = 1;
    receiver.time = 7;
    await deliver(made, 2, 0);
    expect(receiver.seen.slice(3)).toEqual(['discovery', 'untimely', 'inform']);
    expect(numbers(receiver)).toEqual([1, 2]);
  });

  it('takes no lower boots from a report, as it may be an old one, but begins anew after all tries', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port, { timeoutMs: 1000, retries: 2 });
    await deliver(made, 1, 0);
    receiver.boots = 1;
    receiver.time = 7;
    await deliver(made, 2);
    // Three tries in vain, each answered by a report; then discovery, and the clock by an authenticated report.
    expect(receiver.seen.slice(3)).toEqual([
      'untimely',
      'untimely',
      'untimely',
      'discovery',
      'untimely',
      'inform',
    ]);
    expect(numbers(receiver)).toEqual([1, 2]);
  });

  it('waits for a receiver that is away', async () => {
    const receiver = await receiverOf();
    receiver.away = true;
    const made = laboratory(receiver.port);
    for (const number of [1, 2, 3]) made.originator.send(numbered(number));
    await made.until(() => made.clock.nowMs > 60_000);
    receiver.away = false;
    await made.until(() => made.reports.length === 3);
    expect(numbers(receiver)).toEqual([1, 2, 3]);
  });

  it('is not sent for a user without keys for the receiver, which is said once', async () => {
    const receiver = await receiverOf();
    const made = laboratory(receiver.port, { securityName: 'nobody' });
    made.vacm.groups.configure([
      { securityModel: 3, securityName: 'nobody', groupName: 'all', storageType: 4, status: 1 },
    ]);
    made.originator.send(numbered(1));
    await made.until(() => made.clock.nowMs > 20_000);
    expect(new Set(receiver.seen)).toEqual(new Set(['discovery']));
    expect(made.warnings).toEqual([
      'a target of notifications gets none: there are no keys of its user for its engine',
    ]);
    expect(receiver.taken).toEqual([]);
  });
});

describe('a trap of SNMPv3', () => {
  it('is one of the agent’s own engine, with its boots and time, and asks for no report', async () => {
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const made = laboratory(socket.address().port, { kind: 'trap' });
    const arrived = once(socket, 'message') as Promise<[Buffer]>;
    const id = made.originator.send(numbered(9));
    const [datagram] = await arrived;
    const message = decodeV3(Uint8Array.from(datagram), authKey('SHA-256'), privKey('SHA-256', 'AES'));
    expect(message).toMatchObject({
      flags: 3,
      securityModel: 3,
      engineId: ENGINE_ID,
      boots: made.usm.boots,
      time: made.usm.timeSeconds,
      userName: 'watcher',
      contextName: '',
    });
    expect(Uint8Array.from(message.contextEngineId)).toEqual(ENGINE_ID);
    expect(message.pdu.tag).toBe(WIRE.trapV2);
    const [requestId] = elements(message.pdu.content, true);
    expect(element(2, Array.from(requestId!.content))).toEqual(element(2, [id]));
    expect(made.reports).toMatchObject([{ notificationId: id, outcome: 'sent' }]);
    expect(made.counters).toMatchObject({ outTraps: 1, outPkts: 1 });
  });

  it('is dropped when its user has not the keys, which is said once', async () => {
    const made = laboratory(9, { kind: 'trap', securityName: 'stranger' });
    made.vacm.groups.configure([
      { securityModel: 3, securityName: 'stranger', groupName: 'all', storageType: 4, status: 1 },
    ]);
    for (const number of [1, 2]) made.originator.send(numbered(number));
    await made.until(() => made.reports.length === 2);
    expect(made.reports.map(({ outcome }) => outcome)).toEqual(['dropped', 'dropped']);
    expect(made.warnings).toHaveLength(1);
  });
});
