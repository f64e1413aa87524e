import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TAG } from '../../../agent/ber/tags.ts';
import { compileFilter } from '../../../agent/notify/filter.ts';
import type { NotifyTarget } from '../../../agent/notify/target.ts';
import { LOOPBACKS } from '../../support/loopback.ts';
import { type LossPlan, LossyReceiver } from '../../support/lossy-receiver.ts';
import {
  type LaboratoryOptions,
  NAME,
  NOTIFICATION,
  NotifyLaboratory,
  numbered,
  targetAt,
} from '../../support/notify-laboratory.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { decode, encode, WIRE } from '../../support/wire.ts';

async function receiverOf(plan: LossPlan = { seed: 1 }, port = 0): Promise<LossyReceiver> {
  const receiver = await LossyReceiver.open(plan, port);
  onTestFinished(() => receiver.close().catch(() => {}));
  return receiver;
}

function laboratory(options: LaboratoryOptions): NotifyLaboratory {
  const made = new NotifyLaboratory(options);
  onTestFinished(() => made.originator.stop());
  return made;
}

function informs(receiver: LossyReceiver, change: Partial<NotifyTarget> = {}): NotifyTarget {
  return targetAt(receiver.port, { kind: 'inform', ...change });
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const numbers = (receiver: LossyReceiver) => receiver.distinct.map(({ number }) => number);

describe('informs', () => {
  it('reach a receiver once each and in order, and each is reported as acknowledged', async () => {
    const receiver = await receiverOf();
    const { originator, reports, counters, until } = bound(laboratory({ targets: [informs(receiver)] }));
    const ids = upTo(200).map((number) => originator.send(numbered(number)));
    await until(() => reports.length === 200);
    expect(receiver.taken.map(({ number }) => number)).toEqual(upTo(200));
    expect(reports).toEqual(
      ids.map((notificationId, eventSequence) => ({
        notificationId,
        eventSequence,
        target: `target-${receiver.port}`,
        outcome: 'acknowledged',
      })),
    );
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(counters).toMatchObject({ outTraps: 0, outPkts: 200, inPkts: 200, inGetResponses: 200 });
  });

  it.each([
    1, 2, 3,
  ])('lose nothing and keep their order over a network that loses, delays and doubles, seed %i', async (seed) => {
    const receiver = await receiverOf({ seed, lost: 0.2, unanswered: 0.2, late: 0.1, twice: 0.1 });
    const { originator, reports, until } = bound(laboratory({ targets: [informs(receiver)] }));
    for (const number of upTo(150)) originator.send(numbered(number));
    await until(() => reports.length === 150);
    expect(numbers(receiver)).toEqual(upTo(150));
    expect(receiver.verdicts).toContain('lost');
    // The same each time it is sent: a receiver can tell a repetition.
    const byNumber = new Map(receiver.taken.map(({ number, requestId }) => [number, requestId]));
    for (const { number, requestId } of receiver.taken) expect(requestId).toBe(byNumber.get(number));
  });

  it('are sent again after the timeout, as often as is said, and then ever more seldom', async () => {
    const receiver = await receiverOf({ seed: 1, unanswered: 1 });
    const { originator, clock, until, warnings } = bound(
      laboratory({ targets: [informs(receiver, { timeoutMs: 1000, retries: 2 })] }),
    );
    originator.send(numbered(0));
    const times: number[] = [];
    await until(() => {
      while (times.length < receiver.taken.length) times.push(clock.nowMs);
      return times.length === 8;
    }, 50);
    const gaps = times.slice(1).map((time, i) => Math.round((time - times[i]!) / 1000));
    expect(gaps).toEqual([1, 1, 2, 4, 8, 16, 30]);
    expect(warnings).toEqual(['a target of notifications gets none: it does not answer']);
  });

  it('wait for a receiver that is away, and it gets all when it is back', async () => {
    const receiver = await receiverOf();
    receiver.away = true;
    const { originator, clock, reports, until } = bound(laboratory({ targets: [informs(receiver)] }));
    for (const number of upTo(50)) originator.send(numbered(number));
    await until(() => clock.nowMs >= 60_000);
    expect(reports).toEqual([]);
    receiver.away = false;
    await until(() => reports.length === 50);
    expect(numbers(receiver)).toEqual(upTo(50));
    expect(clock.nowMs).toBeLessThan(60_000 + 31_000);
  });

  it('to one that is away hold up no other', async () => {
    const [away, there] = [await receiverOf(), await receiverOf()];
    away.away = true;
    const { originator, clock, until } = bound(laboratory({ targets: [informs(away), informs(there)] }));
    for (const number of upTo(100)) originator.send(numbered(number));
    await until(() => there.taken.length === 100, 0);
    expect(clock.nowMs).toBe(0);
    expect(numbers(there)).toEqual(upTo(100));
  });

  it('are dropped from the oldest on when the queue is full, and that is told when it is empty', async () => {
    const receiver = await receiverOf();
    receiver.away = true;
    const made = laboratory({ targets: [informs(receiver, { queueLength: 10 })] });
    const { originator, reports, counters, drained, until, warnings } = bound(made);
    for (const number of upTo(30)) originator.send(numbered(number));
    await until(() => made.clock.nowMs > 0);
    expect(originator.waiting(`target-${receiver.port}`)).toBe(10);
    receiver.away = false;
    await until(() => drained.length > 0);
    const dropped = reports.filter(({ outcome }) => outcome === 'dropped');
    expect(dropped).toHaveLength(20);
    expect(counters.notificationsDropped).toBe(20);
    expect(drained).toEqual([[`target-${receiver.port}`, 20]]);
    expect(warnings.filter((line) => line.includes('queue'))).toHaveLength(2);
    const lost = new Set(dropped.map(({ eventSequence }) => eventSequence));
    expect(numbers(receiver)).toEqual(upTo(30).filter((number) => !lost.has(number)));
    // The first was on its way when the queue became full, and stayed; then the oldest went.
    expect(numbers(receiver).slice(1)).toEqual(upTo(30).slice(-9));
  });

  it('that wait for a target which is removed have expired', async () => {
    const receiver = await receiverOf();
    receiver.away = true;
    const { originator, reports } = bound(laboratory({ targets: [informs(receiver)] }));
    for (const number of upTo(3)) originator.send(numbered(number));
    originator.setTargets([]);
    expect(reports.map(({ outcome }) => outcome)).toEqual(['expired', 'expired', 'expired']);
  });

  it('follow a target that moves, and keep their order', async () => {
    const [before, after] = [await receiverOf(), await receiverOf()];
    before.away = true;
    const target = informs(before, { name: 'moving' });
    const { originator, reports, until } = bound(laboratory({ targets: [target] }));
    for (const number of upTo(20)) originator.send(numbered(number));
    originator.setTargets([{ ...target, port: after.port }]);
    await until(() => reports.length === 20);
    expect(numbers(after)).toEqual(upTo(20));
  });
});

describe('a target', () => {
  it.each(LOOPBACKS)('gets its notifications at %s, from the address that it asks for', async (address) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    onTestFinished(() => void socket.close());
    socket.bind(0, address);
    await once(socket, 'listening');
    const { port } = socket.address();
    const sourceAddress = address === '127.0.0.1' ? '127.0.0.2' : address;
    const made = laboratory({ targets: [targetAt(port, { host: address, sourceAddress })] });
    const arrived = once(socket, 'message') as Promise<[Buffer, { address: string }]>;
    const id = made.originator.send(numbered(3));
    const [datagram, from] = await arrived;
    expect(from.address).toBe(sourceAddress);
    expect(decode(datagram)).toMatchObject({ requestId: id, type: WIRE.trapV2 });
  });

  it('of SNMPv1 gets no notification with a Counter64, which is reported', async () => {
    const made = laboratory({ targets: [targetAt(9, { version: 'v1' })] });
    made.originator.send({
      ...NOTIFICATION,
      varbinds: [{ oid: NAME, tag: TAG.COUNTER64, value: 1n }],
    });
    await made.until(() => made.reports.length > 0);
    expect(made.reports).toMatchObject([{ outcome: 'dropped' }]);
    expect(made.counters.outTraps).toBe(0);
  });

  it('has its own filter, and what it holds back is reported', async () => {
    const receiver = await receiverOf();
    const nothing = compileFilter([{ subtree: [1], mask: new Uint8Array(0), included: false }]);
    const targets = [
      informs(receiver, { name: 'all' }),
      informs(receiver, { name: 'none', filter: nothing }),
    ];
    const made = laboratory({ targets });
    made.originator.send(numbered(1));
    await made.until(() => made.reports.length === 2);
    expect(made.reports.map(({ target, outcome }) => [target, outcome])).toEqual([
      ['none', 'denied'],
      ['all', 'acknowledged'],
    ]);
  });

  it('that refuses an inform with an error gets the next', async () => {
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const tooBig = 1;
    socket.on('message', (datagram, from) => {
      const message = decode(datagram);
      const fieldA = message.varbinds[2]!.value.value === 1n ? tooBig : 0;
      socket.send(encode({ ...message, type: WIRE.response, fieldA }), from.port, from.address);
    });
    const made = laboratory({ targets: [targetAt(socket.address().port, { kind: 'inform' })] });
    for (const number of [1, 2]) made.originator.send(numbered(number));
    await made.until(() => made.reports.length === 2);
    expect(made.reports.map(({ outcome }) => outcome)).toEqual(['dropped', 'acknowledged']);
    expect(made.warnings).toEqual(['a target of notifications gets none: it refuses an inform']);
  });

  it('takes no answer from another address, of another community or to another inform', async () => {
    const [socket, stranger] = [createSocket('udp4'), createSocket('udp4')];
    onTestFinished(() => [socket, stranger].forEach((one) => void one.close()));
    for (const one of [socket, stranger]) {
      one.bind(0, '127.0.0.1');
      await once(one, 'listening');
    }
    const made = laboratory({ targets: [targetAt(socket.address().port, { kind: 'inform' })] });
    const arrived = once(socket, 'message') as Promise<[Buffer, { address: string; port: number }]>;
    made.originator.send(numbered(1));
    const [datagram, { port, address }] = await arrived;
    const answer = { ...decode(datagram), type: WIRE.response };
    stranger.send(encode(answer), port, address);
    socket.send(encode({ ...answer, community: 'other' }), port, address);
    socket.send(encode({ ...answer, requestId: answer.requestId + 1 }), port, address);
    socket.send(datagram, port, address);
    socket.send(Uint8Array.of(0x30, 3, 2, 1), port, address);
    await made.until(() => made.counters.inPkts === 5, 0);
    expect(made.reports).toEqual([]);
    socket.send(encode(answer), port, address);
    await made.until(() => made.reports.length === 1, 0);
  });
});

describe('the journal of informs', () => {
  it('brings back what was not acknowledged, in order, and no identifier twice', async () => {
    const folder = join(temporaryFolder(), 'informs');
    const receiver = await receiverOf();
    const targets = [informs(receiver)];
    const first = bound(laboratory({ targets, folder }));
    const ids = upTo(20).map((number) => first.originator.send(numbered(number)));
    await first.until(() => first.reports.length >= 8);
    receiver.away = true;
    await first.originator.stop();
    const acknowledged = first.reports.length;
    const seen = receiver.taken.length;
    receiver.away = false;
    const second = bound(laboratory({ targets, folder }));
    const later = second.originator.send(numbered(20));
    expect(ids).not.toContain(later);
    expect(later).toBeGreaterThan(ids.at(-1)!);
    await second.until(() => second.reports.length === 21 - acknowledged);
    expect(numbers(receiver)).toEqual(upTo(21));
    // At most the one that was on its way came twice.
    expect(receiver.taken.length - seen).toBeLessThanOrEqual(21 - acknowledged + 1);
    expect(second.reports.map(({ eventSequence }) => eventSequence)).toEqual(upTo(21).slice(acknowledged));
  });

  it('is for its owner alone', async () => {
    const folder = join(temporaryFolder(), 'informs');
    const receiver = await receiverOf();
    laboratory({ targets: [informs(receiver)], folder });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('does not grow with what was acknowledged, though another target waits', async () => {
    const folder = join(temporaryFolder(), 'informs');
    const [away, there] = [await receiverOf(), await receiverOf()];
    away.away = true;
    const made = laboratory({
      targets: [informs(away, { queueLength: 5 }), informs(there)],
      folder,
      segmentOctets: 2000,
    });
    const { originator, until } = bound(made);
    for (const number of upTo(2000)) {
      originator.send(numbered(number));
      if (number % 50 === 0) await until(() => there.distinct.length === number + 1, 0);
    }
    await until(() => there.taken.length === 2000, 0);
    originator.flush();
    const octets = readdirSync(folder).reduce((all, name) => all + statSync(join(folder, name)).size, 0);
    expect(octets).toBeLessThan(8 * 2300);
    await originator.stop();
    away.away = false;
    const again = bound(laboratory({ targets: [informs(away), informs(there)], folder }));
    await again.until(() => again.drained.length > 0);
    expect(numbers(away)).toHaveLength(5);
    expect(numbers(away).slice(1)).toEqual(upTo(2000).slice(-4));
    expect(again.drained).toEqual([[`target-${away.port}`, 1995]]);
  });
});

/** The laboratory with its method bound, so that it can be taken apart. */
function bound(made: NotifyLaboratory) {
  const { originator, reports, counters, drained, clock, warnings } = made;
  const until = (done: () => boolean, stepMs?: number) => made.until(done, stepMs);
  return { originator, reports, counters, drained, clock, warnings, until };
}
