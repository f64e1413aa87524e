import { expect, it, onTestFinished } from 'vitest';
import type { NotificationRecord } from '../../agent/control/notification-list.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, startTrapReceiver } from '../support/net-snmp.ts';
import { DESTINATION, startDaemon, testConfig } from '../support/running-daemon.ts';

/** A daemon whose notifications go to these destinations, and its API. */
async function telling(destinations: readonly { readonly port: number; readonly type: 'trap' | 'inform' }[]) {
  const config = testConfig();
  const { daemon, clock } = await startDaemon({
    ...config,
    control: { ...config.control, listen: ['127.0.0.1'], port: 0 },
    traps: {
      ...config.traps,
      destinations: destinations.map((one) => ({ ...DESTINATION, ...one, timeout: 0.05, retries: 1 })),
    },
  });
  const base = daemon.controlUrls[0]!;
  const list = async (query = '') =>
    (await (await fetch(`${base}/notifications${query}`)).json()) as NotificationRecord[];
  return { daemon, clock, base, list };
}

/** Follows the topic until a record satisfies the test. */
async function followed(base: string, test: (record: NotificationRecord) => boolean) {
  const gone = new AbortController();
  const { body } = await fetch(`${base}/events?topics=notifications&since=0`, { signal: gone.signal });
  const seen: NotificationRecord[] = [];
  let text = '';
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const entries = text.split('\n\n');
    text = entries.pop()!;
    for (const entry of entries) {
      const data = /^data: (.*)$/m.exec(entry)?.[1];
      if (data === undefined) continue;
      expect(entry).toContain('event: notifications');
      seen.push(JSON.parse(data) as NotificationRecord);
    }
    if (seen.some(test)) break;
  }
  gone.abort();
  return seen;
}

describeWithNetSnmp('the list of notifications', () => {
  it('tells of an inform that a receiver acknowledges, and of one that nobody does', async () => {
    const sink = await startTrapReceiver(await freePort());
    onTestFinished(() => sink.stop());
    const dead = await freePort();
    const { daemon, clock, base, list } = await telling([
      { port: sink.port, type: 'inform' },
      { port: dead, type: 'inform' },
      { port: dead, type: 'trap' },
    ]);
    // Both start with coldStart; an inform waits until those before it are acknowledged.
    await followed(base, ({ name, state }) => name === 'coldStart' && state === 'acknowledged');
    clock.advanceTo(5000);
    const domain = daemon.hypervisor.hosts[0]!.domains.at(0);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'suspend' });
    const isGuests = ({ name }: NotificationRecord) => name === 'libvirtGuestNotif';
    const acknowledged = await followed(base, (one) => isGuests(one) && one.state === 'acknowledged');
    const record = acknowledged.find((one) => isGuests(one) && one.state === 'acknowledged')!;
    expect(record).toMatchObject({
      time: '2026-01-05T00:00:05.000Z',
      host: 'host-1',
      oid: '1.3.6.1.4.1.36957.0.1',
      guest: domain.name,
      uuid: domain.uuid,
      address: `127.0.0.1:${sink.port}`,
      version: 'v2c',
      type: 'inform',
      acknowledgedAt: '2026-01-05T00:00:05.000Z',
    });
    expect(record.event).toBeGreaterThan(0);
    await sink.until((lines) => lines.some((line) => line.includes('libvirtGuestNotif')));

    // The receiver that is there may be late as well, on a busy machine.
    const hasFailed = ({ state, address }: NotificationRecord) =>
      state === 'failed' && address === `127.0.0.1:${dead}`;
    const failed = (await followed(base, hasFailed)).find(hasFailed)!;
    expect(failed.retries).toBeGreaterThan(0);
    expect(failed).toMatchObject({
      name: 'coldStart',
      type: 'inform',
      reason: 'it does not answer',
    });
    const waiting = (await list(`?guest=${domain.name}`)).map(({ address, type, state }) => [
      address,
      type,
      state,
    ]);
    expect(waiting).toEqual([
      [`127.0.0.1:${sink.port}`, 'inform', 'acknowledged'],
      [`127.0.0.1:${dead}`, 'inform', 'queued'],
      [`127.0.0.1:${dead}`, 'trap', 'sent'],
    ]);
    // Whoever is put in the dead one's place gets what waits, and the list says so.
    const late = await startTrapReceiver(dead);
    onTestFinished(() => late.stop());
    await followed(
      base,
      (one) => isGuests(one) && one.address === `127.0.0.1:${dead}` && one.state === 'acknowledged',
    );
    expect((await list('?state=failed')).length).toBe(0);
  });
});
