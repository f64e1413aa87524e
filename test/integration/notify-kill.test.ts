import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import snmp, { type Session } from 'net-snmp';
import { expect, it, onTestFinished } from 'vitest';
import { RandomStream } from '../../agent/util/random.ts';
import { freePort } from '../support/free-port.ts';
import { LossyReceiver } from '../support/lossy-receiver.ts';
import { virtsnmp } from '../support/own-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Times that the program is killed; `npm run soak` does it 200 times. */
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 5);
const SEED = Number(process.env['KILL_SEED'] ?? 1);
const CHILD = join(import.meta.dirname, '../support/inform-child.ts');
/** Informs that are sent in one life of the program at most. */
const MAX_LIFE = 300;

/** What the program wrote down: what it was about to send, and what it had sent, by number with the identifier. */
function logOf(file: string): { will: number[]; did: Map<number, number> } {
  const lines = readFileSync(file, 'utf8').split('\n');
  const will: number[] = [];
  const did = new Map<number, number>();
  for (const line of lines) {
    const [word, number, id] = line.split(' ');
    if (word === 'will') will.push(Number(number));
    if (word === 'did' && id !== undefined && id !== '') did.set(Number(number), Number(id));
  }
  return { will, did };
}

/** Runs the program until a line of its output satisfies the test, and then kills it, where it has not ended. */
async function run(args: readonly string[], until: (line: string) => boolean): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) if (until(line)) break;
  child.kill('SIGKILL');
  await ended;
}

it(`nothing is lost and nothing invented when the program is killed ${ROUNDS} times`, {
  timeout: 300_000 + ROUNDS * 10_000,
}, async () => {
  const folder = temporaryFolder();
  const log = join(folder, 'log');
  const journal = join(folder, 'informs');
  const random = new RandomStream(SEED, 'kill');
  const receiver = await LossyReceiver.open({ seed: SEED, lost: 0.05, unanswered: 0.05, twice: 0.05 });
  onTestFinished(() => receiver.close());
  let next = 1;
  for (let round = 0; round < ROUNDS; round++) {
    // Now and then it is away all the while, so that more is left for the next life.
    receiver.away = random.next() < 0.3;
    const last = next + random.integer(1, MAX_LIFE);
    const args = [journal, String(receiver.port), log, String(next)];
    await run(args, (line) => line !== 'ready' && Number(line) >= last);
    next = logOf(log).will.at(-1)! + 1;
  }
  receiver.away = false;
  await run([journal, String(receiver.port), log, 'drain'], (line) => line === 'drained');

  const { will, did } = logOf(log);
  const arrived = receiver.distinct.map(({ number }) => number!);
  expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
  expect(new Set(arrived).size).toBe(arrived.length);
  const came = new Set(arrived);
  expect(Array.from(did.keys()).filter((number) => !came.has(number))).toEqual([]);
  const sent = new Set(will);
  expect(arrived.filter((number) => !sent.has(number))).toEqual([]);
  const ids = Array.from(did.values());
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
  expect(did.size).toBeGreaterThan(ROUNDS * 10);
});

it('the whole program tells after kill -9 what it had not told, before it tells that it started', async () => {
  const folder = temporaryFolder();
  const receiver = await LossyReceiver.open({ seed: 1 });
  onTestFinished(() => receiver.close());
  const file = join(folder, 'config.yaml');
  const port = await freePort();
  writeFileSync(
    file,
    `agent: {port: ${port}}
inventory: {guests: 1}
state: state
communities: [{name: private, access: read-write}]
traps: {families: libvirt, destinations: [{host: 127.0.0.1, port: ${receiver.port}, type: inform, timeout: 0.05}]}
`,
  );
  const start = async () => {
    const served = virtsnmp(['serve', '--config', file]);
    await served.until('snmptrapd');
    return served;
  };
  const [coldStart, guest] = ['1.3.6.1.6.3.1.1.5.1', '1.3.6.1.4.1.36957.0.1'];
  const told = () => receiver.distinct.map(({ trapOid }) => trapOid);
  const first = await start();
  while (receiver.answers === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  receiver.away = true;
  const manager = snmp.createSession('127.0.0.1', 'private', { port, version: snmp.Version2c });
  onTestFinished(() => void manager.close());
  await pauseFirstGuest(manager);
  first.child.kill('SIGKILL');
  await first.exit;
  receiver.away = false;
  await start();
  while (told().length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(told()).toEqual([coldStart, guest, coldStart]);
});

/** Sets libvirtGuestState of the only guest to paused. */
async function pauseFirstGuest(manager: Session): Promise<void> {
  const state = '1.3.6.1.4.1.36957.1.1.1.3';
  const [found] = await new Promise<{ oid: string }[]>((resolve, reject) =>
    manager.getNext([state], (error, varbinds) => (error ? reject(error) : resolve(varbinds as never))),
  );
  const paused = { oid: found!.oid, type: snmp.ObjectType.Integer, value: 3 };
  await new Promise<void>((resolve, reject) =>
    manager.set([paused], (error) => (error ? reject(error) : resolve())),
  );
}
