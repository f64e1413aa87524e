import type { OpenAPIHono } from '@hono/zod-openapi';
import { createApp } from '../../../agent/control/app.ts';
import type { ControlContext } from '../../../agent/control/context.ts';
import { Feed } from '../../../agent/control/feed.ts';
import type { GuardOptions } from '../../../agent/control/guard.ts';
import { History } from '../../../agent/control/history.ts';
import { NotificationList } from '../../../agent/control/notification-list.ts';
import { VirtsnmpError } from '../../../agent/util/errors.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { Fleet } from '../emulation/fleet.ts';

/** The control API over a fleet of two hosts, without sockets. */
export class ControlLaboratory {
  readonly fleet = new Fleet();
  readonly feed: Feed;
  readonly notifications = new NotificationList();
  readonly app: OpenAPIHono;
  speed = 1;

  constructor(access: Partial<GuardOptions> = {}, feed = new Feed()) {
    this.feed = feed;
    const { hypervisor, clock } = this.fleet;
    const context: ControlContext = {
      hypervisor,
      feed,
      notifications: this.notifications,
      // The fleet here keeps no record; test/unit/daemon/snapshot.test.ts has one that does.
      snapshots: {
        take: () => [],
        restore: async () => {
          throw new VirtsnmpError('OPERATION_INVALID', 'there is no record');
        },
        progress: undefined,
      },
      history: new History(hypervisor),
      mib: {
        objects: [{ name: 'sysUpTime', oid: '1.3.6.1.2.1.1.3', module: 'SNMPv2-MIB', kind: 'scalar' }],
        read: (_host, subtrees) =>
          subtrees.includes('1.3.6.1.2.1.1.3')
            ? [{ oid: '1.3.6.1.2.1.1.3.0', object: 'sysUpTime', index: '0', row: '', value: '5' }]
            : undefined,
        reach: () => '-v2c -c public 127.0.0.1:1161',
      },
      pageScripts: '/nowhere',
      agentMetrics: (text) => text.add('virtsnmp_in_pkts_total', 'counter', 'Packets', '', 5),
      time: {
        get nowMs() {
          return clock.nowMs;
        },
        get wallMs() {
          return clock.wallMs;
        },
        speed: 1,
        seed: 7,
        sync: () => {},
        setSpeed: (speed) => {
          this.speed = speed;
        },
        goTo: async (ms) => {
          if (ms < clock.nowMs) throw new VirtsnmpError('OPERATION_INVALID', 'the time does not go back');
          clock.advanceTo(ms);
        },
      },
    };
    this.app = createApp(context, { token: undefined, names: [], ...access }, silentLogger);
  }

  /** Asks; the answer's status and its body, parsed when it is JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: never; headers: Headers }> {
    const response = await this.app.request(`http://localhost${path}`, {
      method,
      headers: {
        Host: 'localhost',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return {
      status: response.status,
      body: (isJson ? JSON.parse(text) : text) as never,
      headers: response.headers,
    };
  }
}
