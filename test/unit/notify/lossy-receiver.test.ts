import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { type LossPlan, LossyReceiver, verdictsOf } from '../../support/lossy-receiver.ts';
import { decode, encode, value, WIRE } from '../../support/wire.ts';

const PLAN: LossPlan = { seed: 7, lost: 0.2, unanswered: 0.2, late: 0.2, twice: 0.2 };

/** Sends so many informs, one when the one before has been seen, and returns the request-ids of all answers. */
async function talk(receiver: LossyReceiver, count: number): Promise<number[]> {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  const answers: number[] = [];
  socket.on('message', (datagram) => answers.push(decode(datagram).requestId));
  for (let requestId = 1; requestId <= count; requestId++) {
    const inform = encode({
      version: 1,
      community: 'c',
      type: WIRE.inform,
      requestId,
      fieldA: 0,
      fieldB: 0,
      varbinds: [
        { oid: '1.3.6.1.2.1.1.3.0', value: value.ticks(1) },
        { oid: '1.3.6.1.6.3.1.1.4.1.0', value: value.oid('1.3.6.1.6.3.1.1.5.1') },
        { oid: '1.3.6.1.2.1.1.1.0', value: value.integer(requestId * 10) },
      ],
    });
    socket.send(inform, receiver.port, '127.0.0.1');
    if (requestId === 1) await once(socket, 'listening');
    while (receiver.verdicts.length < requestId) await new Promise((resolve) => setImmediate(resolve));
  }
  while (answers.length < receiver.answers) await new Promise((resolve) => setImmediate(resolve));
  return answers;
}

async function receiverOf(plan: LossPlan): Promise<LossyReceiver> {
  const receiver = await LossyReceiver.open(plan);
  onTestFinished(() => receiver.close());
  return receiver;
}

it('does what its plan says with each datagram, and nothing else', async () => {
  const count = 300;
  const receiver = await receiverOf(PLAN);
  const answers = await talk(receiver, count);
  const planned = verdictsOf(PLAN, count);
  expect(receiver.verdicts).toEqual(planned);
  for (const verdict of ['lost', 'unanswered', 'late', 'twice', 'answered'] as const) {
    expect(planned.filter((one) => one === verdict).length).toBeGreaterThan(count / 10);
  }
  const ids = planned.map((_, i) => i + 1);
  expect(receiver.taken).toEqual(
    ids
      .filter((id) => planned[id - 1] !== 'lost')
      .map((id) => ({ requestId: id, trapOid: '1.3.6.1.6.3.1.1.5.1', number: id * 10 })),
  );
  const times = { lost: 0, unanswered: 0, late: 1, twice: 2, answered: 1 };
  // An answer that is late by two datagrams is still to come for the last ones.
  for (const id of ids.slice(0, -2)) {
    expect(answers.filter((answer) => answer === id)).toHaveLength(times[planned[id - 1]!]);
  }
});

it('lets the answers that are late be overtaken', async () => {
  const receiver = await receiverOf({ seed: 3, late: 0.5 });
  const answers = await talk(receiver, 100);
  expect(answers).not.toEqual(answers.toSorted((a, b) => a - b));
});

it('is silent while it is away', async () => {
  const receiver = await receiverOf({ seed: 1 });
  receiver.away = true;
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.send(Uint8Array.of(1), receiver.port, '127.0.0.1');
  await once(socket, 'listening');
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(receiver.verdicts).toEqual([]);
});
