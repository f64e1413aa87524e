import { describe, expect, it } from 'vitest';
import {
  NotificationList,
  type NotificationRecord,
  type QueuedNotification,
} from '../../../agent/control/notification-list.ts';
import { ControlLaboratory } from './laboratory.ts';

const TIME = '2026-01-05T00:00:00.000Z';

function queued(notification: number, change: Partial<QueuedNotification> = {}): QueuedNotification {
  return {
    time: TIME,
    host: 'one',
    notification,
    name: 'libvirtGuestNotif',
    oid: '1.3.6.1.4.1.36957.0.1',
    target: 'noc',
    address: '192.0.2.1:162',
    version: 'v2c',
    type: 'inform',
    ...change,
  };
}

const all = (list: NotificationList) => list.list({ wanted: () => true, limit: 1000 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('NotificationList', () => {
  it('follows an inform that fails and is acknowledged in the end', () => {
    const list = new NotificationList();
    list.add(queued(7));
    list.change('one', 'noc', 7, { state: 'sent', retries: 0, time: TIME });
    list.change('one', 'noc', 7, { state: 'failed', retries: 2, time: TIME, reason: 'it does not answer' });
    expect(all(list)).toMatchObject([{ seq: 1, state: 'failed', retries: 2, reason: 'it does not answer' }]);
    const later = '2026-01-05T00:01:00.000Z';
    list.change('one', 'noc', 7, { state: 'acknowledged', retries: 3, time: later });
    const [record] = all(list);
    expect(record).toMatchObject({ state: 'acknowledged', retries: 3, acknowledgedAt: later, time: TIME });
    expect(record).not.toHaveProperty('reason');
    list.change('one', 'noc', 7, { state: 'failed', retries: 4, time: later });
    expect(all(list)[0]!.state).toBe('acknowledged');
  });

  it('keeps the latest, and forgets what becomes of those that gave way', () => {
    const list = new NotificationList(3);
    for (let n = 1; n <= 5; n++) list.add(queued(n));
    list.change('one', 'noc', 1, { state: 'acknowledged', retries: 0, time: TIME });
    list.change('one', 'noc', 4, { state: 'acknowledged', retries: 0, time: TIME });
    expect(all(list).map(({ seq, notification, state }) => [seq, notification, state])).toEqual([
      [3, 3, 'queued'],
      [4, 4, 'acknowledged'],
      [5, 5, 'queued'],
    ]);
    expect(list.list({ wanted: () => true, limit: 2, after: 0 }).map(({ seq }) => seq)).toEqual([3, 4]);
    expect(list.list({ wanted: () => true, limit: 2 }).map(({ seq }) => seq)).toEqual([4, 5]);
    expect(list.list({ wanted: () => true, limit: 2, after: 5 })).toEqual([]);
  });

  it('tells each record that has changed once in a turn, and a storm in slices', async () => {
    const list = new NotificationList();
    const told: NotificationRecord[] = [];
    list.onChange = (record) => told.push(record);
    for (let n = 1; n <= 450; n++) list.add(queued(n));
    list.change('one', 'noc', 1, { state: 'sent', retries: 0, time: TIME });
    expect(told).toEqual([]);
    await turn();
    expect(told).toHaveLength(200);
    expect(told[0]).toMatchObject({ notification: 1, state: 'sent' });
    await turn();
    await turn();
    expect(told.map(({ notification }) => notification)).toEqual(
      Array.from({ length: 450 }, (_, n) => n + 1),
    );
    list.change('one', 'noc', 1, { state: 'acknowledged', retries: 0, time: TIME });
    await turn();
    expect(told.slice(450)).toMatchObject([{ seq: 1, state: 'acknowledged' }]);
  });
});

describe('GET /notifications', () => {
  const filled = () => {
    const laboratory = new ControlLaboratory();
    const { notifications } = laboratory;
    notifications.add(queued(1, { name: 'coldStart', type: 'trap' }));
    notifications.add(queued(2, { guest: 'web', uuid: 'c0ffee00-0000-4000-8000-000000000001', event: 4 }));
    notifications.add(queued(2, { target: 'log', guest: 'web', event: 4 }));
    notifications.add(queued(1, { host: 'two', name: 'lvsReboot', guest: 'db' }));
    notifications.change('one', 'log', 2, { state: 'acknowledged', retries: 1, time: TIME });
    return laboratory;
  };

  it.each([
    ['', [1, 2, 3, 4]],
    ['?host=two', [4]],
    ['?target=log', [3]],
    ['?guest=web', [2, 3]],
    ['?guest=c0ffee00-0000-4000-8000-000000000001', [2]],
    ['?name=lvs*', [4]],
    ['?name=libvirtGuestNotif&state=queued', [2]],
    ['?state=acknowledged', [3]],
    ['?limit=2', [3, 4]],
    ['?limit=2&after=1', [2, 3]],
    ['?after=4', []],
  ])('answers %s', async (query, seqs) => {
    const { status, body } = await filled().ask('GET', `/notifications${query}`);
    expect(status).toBe(200);
    expect((body as NotificationRecord[]).map(({ seq }) => seq)).toEqual(seqs);
  });

  it.each([
    ['?state=lost', 400, 'state'],
    ['?limit=0', 400, 'limit'],
    ['?host=tow', 404, 'did you mean two?'],
  ])('refuses %s', async (query, status, detail) => {
    const answer = await filled().ask('GET', `/notifications${query}`);
    expect(answer.status).toBe(status);
    expect((answer.body as { detail: string }).detail).toContain(detail);
  });

  it('is in the description of the API', async () => {
    const { body } = await filled().ask('GET', '/openapi.json');
    const { paths } = body as { paths: Record<string, { get: { operationId: string } }> };
    expect(paths['/notifications']!.get.operationId).toBe('listNotifications');
  });
});
