import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSimulation } from 'virtsnmp';
import { describe, expect, it, onTestFinished } from 'vitest';

const STREAMS = 400;
/** Each pauses a guest and lets it go on: an event of libvirt's each time. */
const CHANGES = 10;

/** A follower of the events, and the ids that it has heard. */
class Follower {
  readonly ids: number[] = [];
  missed = 0;
  #rest = '';
  readonly #waiting = new Set<() => void>();
  readonly #request: ClientRequest;
  readonly response: Promise<IncomingMessage>;

  constructor(api: number, lastEventId?: number) {
    const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) };
    this.#request = get({
      port: api,
      host: '127.0.0.1',
      path: '/events?topics=events',
      headers,
      agent: false,
    });
    this.#request.on('error', () => {});
    this.response = new Promise((resolve) => this.#request.once('response', resolve));
  }

  /** Reads from now on. */
  read(response: IncomingMessage): void {
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#hear(text));
  }

  /** Resolves when the stream has begun. */
  begun(response: IncomingMessage): Promise<void> {
    return new Promise((resolve) => response.once('data', () => resolve()));
  }

  /** Resolves when an id has been heard. */
  heard(id: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if ((this.ids.at(-1) ?? 0) < id) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  end(): void {
    this.#request.destroy();
  }

  /** Resolves when its connection is closed. */
  ended(): Promise<void> {
    const { socket } = this.#request;
    return !socket || socket.closed
      ? Promise.resolve()
      : new Promise((resolve) => socket.once('close', () => resolve()));
  }

  #hear(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop()!;
    for (const block of blocks) {
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      if (id !== undefined) this.ids.push(Number(id));
      if (/^event: missed$/m.test(block)) this.missed += Number(/^data: (\d+)$/m.exec(block)![1]);
    }
    for (const look of this.#waiting) look();
  }
}

/** Octets in use once all that nobody holds is gone. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

/** A daemon in this process: what is kept of a follower on either side is found here. */
async function served() {
  const simulation = await createSimulation({
    config: { control: { listen: ['127.0.0.1'] }, inventory: { list: [{ name: 'web-01' }] } },
  });
  onTestFinished(() => simulation.stop());
  const change = async () => {
    for (const action of ['suspend', 'resume'])
      await simulation.api('POST', '/guests/web-01/actions', { action });
  };
  return { api: Number(new URL(simulation.controlUrls[0]!).port), change };
}

async function follow(api: number, count: number): Promise<Follower[]> {
  const followers = Array.from({ length: count }, () => new Follower(api));
  await Promise.all(
    followers.map(async (follower) => {
      const response = await follower.response;
      const begun = follower.begun(response);
      follower.read(response);
      await begun;
    }),
  );
  return followers;
}

describe('the stream of events', () => {
  it(`tells ${STREAMS} followers the same, one who dawdles and one who comes back too, and keeps nothing of them`, async () => {
    const { api, change } = await served();
    const [probe] = await follow(api, 1);
    const dawdler = new Follower(api);
    const unread = await dawdler.response;
    const inUse: number[] = [];
    for (let round = 0; round < 4; round++) {
      const before = probe!.ids.length;
      const followers = await follow(api, STREAMS);
      for (let i = 0; i < CHANGES; i++) await change();
      while (probe!.ids.length < before + 2 * CHANGES) await probe!.heard((probe!.ids.at(-1) ?? 0) + 1);
      const told = probe!.ids.slice(before);
      await Promise.all(followers.map((follower) => follower.heard(told.at(-1)!)));
      for (const { ids, missed } of followers) expect({ ids, missed }).toEqual({ ids: told, missed: 0 });
      for (const follower of followers) follower.end();
      await Promise.all(followers.map((follower) => follower.ended()));
      inUse.push(heapInUse());
    }
    dawdler.read(unread);
    await dawdler.heard(probe!.ids.at(-1)!);
    expect({ ids: dawdler.ids, missed: dawdler.missed }).toEqual({ ids: probe!.ids, missed: 0 });
    const late = new Follower(api, probe!.ids[9]);
    late.read(await late.response);
    await late.heard(probe!.ids.at(-1)!);
    expect(late.ids).toEqual(probe!.ids.slice(10));
    for (const follower of [probe!, late, dawdler]) follower.end();
    // What a round keeps of its followers would show twice between these two: four KiB of each would be 3 MiB.
    expect(inUse[3]! - inUse[1]!).toBeLessThan(3 * 1024 * 1024);
  });
});
