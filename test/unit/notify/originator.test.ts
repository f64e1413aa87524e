import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import snmp from 'net-snmp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TAG } from '../../../agent/ber/tags.ts';
import { ROW_STATUS } from '../../../agent/mib/managed-table.ts';
import type { PreparedSet } from '../../../agent/mib/module.ts';
import type { Notification } from '../../../agent/notify/notification.ts';
import type { NotifyTarget } from '../../../agent/notify/target.ts';
import { UdpSocket } from '../../../agent/transport/udp.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { NAME, NOTIFICATION, NotifyLaboratory, targetAt } from '../../support/notify-laboratory.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { trapV1, trapV2 } from '../../support/trap-octets.ts';
import { decode, value, WIRE } from '../../support/wire.ts';

vi.mock('node:dns/promises', async (original) => {
  const dns = await original<typeof import('node:dns/promises')>();
  return { ...dns, lookup: vi.fn(dns.lookup) };
});

const COUNTED: Notification = {
  ...NOTIFICATION,
  varbinds: [{ oid: NAME, tag: TAG.COUNTER64, value: 1n }],
};

describe('a trap as octets', () => {
  it('of v2c begins with sysUpTime.0 and snmpTrapOID.0 (RFC 3416 section 4.2.6)', () => {
    expect(decode(trapV2(COUNTED, 'traps', 77))).toEqual({
      version: 1,
      community: 'traps',
      type: WIRE.trapV2,
      requestId: 77,
      fieldA: 0,
      fieldB: 0,
      varbinds: [
        { oid: '1.3.6.1.2.1.1.3.0', value: value.ticks(4242) },
        { oid: '1.3.6.1.6.3.1.1.4.1.0', value: value.oid('1.3.6.1.4.1.36957.0.1') },
        { oid: NAME.join('.'), value: value.counter64(1) },
      ],
    });
  });

  it('of v1 is not made with a Counter64 (RFC 3584 section 3.2)', () => {
    expect(trapV1(COUNTED, 'traps', Uint8Array.of(10, 0, 0, 1))).toBeUndefined();
    expect(trapV1(NOTIFICATION, 'traps', Uint8Array.of(10, 0, 0, 1))).toBeDefined();
  });
});

describe('an originator', () => {
  const open: { close(): unknown }[] = [];
  const laboratories: NotifyLaboratory[] = [];
  afterEach(async () => {
    await Promise.all(laboratories.splice(0).map((one) => one.originator.stop()));
    await Promise.all(open.splice(0).map((socket) => socket.close()));
  });

  function originator(targets: readonly NotifyTarget[]): NotifyLaboratory {
    const made = new NotifyLaboratory({ targets });
    laboratories.push(made);
    return made;
  }

  async function sink(): Promise<{ port: number; received: Uint8Array[] }> {
    const received: Uint8Array[] = [];
    const socket = await UdpSocket.open({
      address: '127.0.0.1',
      port: 0,
      logger: silentLogger,
      onDatagram: (datagram) => received.push(datagram),
    });
    open.push(socket);
    return { port: socket.local.port, received };
  }

  it('is understood by net-snmp, v1 and v2c', async () => {
    // The receiver takes no port 0: one that is free now is free a moment later.
    const probe = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
    const { port } = probe.local;
    await probe.close();
    // biome-ignore lint/suspicious/noExplicitAny: the package's types do not know what it gives
    const seen: any[] = [];
    const options = { port, address: '127.0.0.1', transport: 'udp4', disableAuthorization: true };
    const receiver = snmp.createReceiver(options as never, (error: Error | null, notification: unknown) => {
      seen.push(error ?? notification);
    });
    open.push(receiver as { close(): unknown });
    await receiverIsBound(receiver);
    const { originator: sender, counters } = originator([
      targetAt(port, { name: 'one-v1', version: 'v1', community: 'one', securityName: 'trap' }),
      targetAt(port, { name: 'two-v2c', version: 'v2c', community: 'two', securityName: 'trap' }),
    ]);
    sender.send(NOTIFICATION);
    await vi.waitFor(() => expect(seen).toHaveLength(2), PATIENCE_MS);
    const v1 = seen.find(({ pdu }) => pdu.type === snmp.PduType.Trap).pdu;
    const v2 = seen.find(({ pdu }) => pdu.type === snmp.PduType.TrapV2).pdu;
    expect(v1).toMatchObject({
      enterprise: '1.3.6.1.4.1.36957',
      agentAddr: '127.0.0.1',
      generic: 6,
      specific: 1,
      upTime: 4242,
    });
    const own = [
      [NAME.join('.'), 'web-1'],
      [[...NAME, 7].join('.'), '-5'],
    ];
    const plain = (varbinds: { oid: string; value: unknown }[]) =>
      varbinds.map(({ oid, value: bound }) => [oid, String(bound)]);
    expect(plain(v1.varbinds)).toEqual(own);
    expect(plain(v2.varbinds)).toEqual([
      ['1.3.6.1.2.1.1.3.0', '4242'],
      ['1.3.6.1.6.3.1.1.4.1.0', '1.3.6.1.4.1.36957.0.1'],
      ...own,
    ]);
    expect(counters).toMatchObject({ outTraps: 2, outPkts: 2 });
  });

  it('sends only what the notify view of a receiver holds whole, and tells of the first that it does not', async () => {
    const { port, received } = await sink();
    const {
      originator: sender,
      vacm,
      counters,
      warnings,
    } = originator([
      targetAt(port, { name: 'all-v2c', version: 'v2c', community: 'all', securityName: 'trap' }),
      targetAt(port, { name: 'few-v2c', version: 'v2c', community: 'few', securityName: 'guarded' }),
      targetAt(port, { name: 'none-v2c', version: 'v2c', community: 'none', securityName: 'stranger' }),
      targetAt(port, { name: 'v1-v1', version: 'v1', community: 'v1', securityName: 'guarded' }),
    ]);
    const withVarbind: Notification = { ...NOTIFICATION, varbinds: [NOTIFICATION.varbinds[0]!] };
    // The view of `guarded` has the notification and all but the second variable of it; SNMPv1 has no group.
    for (const sent of [NOTIFICATION, withVarbind, NOTIFICATION, withVarbind]) sender.send(sent);
    await vi.waitFor(() => expect(received).toHaveLength(6), PATIENCE_MS);
    const communities = received.map((datagram) => decode(datagram).community);
    expect(communities.filter((name) => name === 'all')).toHaveLength(4);
    expect(communities.filter((name) => name === 'few')).toHaveLength(2);
    expect(counters).toMatchObject({ outTraps: 6, notificationsDenied: 2 + 4 + 4 });
    // guarded twice, as something went through in between; the others once.
    expect(warnings).toHaveLength(4);
    const hideAll = vacm.families.prepare([3, ...Buffer.from('few'), 6, 1, 3, 6, 1, 4, 1], {
      status: ROW_STATUS.destroy,
    });
    (hideAll as PreparedSet).commit();
    sender.send(withVarbind);
    expect(counters.notificationsDenied).toBe(2 + 4 + 4 + 3);
  });

  it('asks for the notification itself, too', async () => {
    const { port } = await sink();
    const { originator: sender, counters } = originator([
      targetAt(port, { name: 'few-v2c', version: 'v2c', community: 'few', securityName: 'guarded' }),
    ]);
    sender.send({ ...NOTIFICATION, oid: [1, 3, 6, 1, 6, 3, 1, 1, 5, 1], varbinds: [] });
    expect(counters.notificationsDenied).toBe(1);
  });

  it('keeps what is sent while a name is being resolved, in order', async () => {
    const { port, received } = await sink();
    const { originator: sender } = originator([
      targetAt(port, {
        host: 'localhost',
        name: 'c-v2c',
        version: 'v2c',
        community: 'c',
        securityName: 'trap',
      }),
    ]);
    for (let i = 0; i < 5; i++) sender.send({ ...NOTIFICATION, upTimeCentiseconds: i });
    await vi.waitFor(() => expect(received).toHaveLength(5), PATIENCE_MS);
    const times = received.map((datagram) => decode(datagram).varbinds[0]?.value.value);
    expect(times).toEqual([0n, 1n, 2n, 3n, 4n]);
    const ids = received.map((datagram) => decode(datagram).requestId);
    expect(new Set(ids).size).toBe(5);
  });

  it('serves the others when one cannot be resolved, and says so once', async () => {
    const { port, received } = await sink();
    const {
      originator: sender,
      counters,
      warnings,
    } = originator([
      targetAt(162, {
        host: 'no-such-host.invalid',
        name: 'lost',
        version: 'v2c',
        community: 'c',
        securityName: 'trap',
      }),
      targetAt(port, { name: 'c-v2c', version: 'v2c', community: 'c', securityName: 'trap' }),
    ]);
    await vi.waitFor(() => expect(warnings).toHaveLength(1), PATIENCE_MS);
    for (let i = 0; i < 50; i++) sender.send(NOTIFICATION);
    await vi.waitFor(() => expect(received).toHaveLength(50), PATIENCE_MS);
    expect(counters.outTraps).toBe(50);
    expect(warnings).toHaveLength(1);
    expect(vi.mocked(lookup).mock.calls.filter(([host]) => host === 'no-such-host.invalid')).toHaveLength(1);
  });

  it('leaves no socket open when it stops before it is ready', async () => {
    const opened = vi.spyOn(UdpSocket, 'open');
    const { originator: sender } = originator([
      targetAt(9, { host: 'localhost', name: 'c-v2c', version: 'v2c', community: 'c', securityName: 'trap' }),
    ]);
    sender.send(NOTIFICATION);
    await sender.stop();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const sockets = await Promise.all(
      opened.mock.results.map(({ value: opening }) => opening as Promise<UdpSocket>),
    );
    opened.mockRestore();
    expect(sockets.filter((socket) => isOpen(socket))).toEqual([]);
  });
});

/** Waits for the socket that net-snmp binds in its own time. */
async function receiverIsBound(receiver: unknown): Promise<void> {
  const { sockets } = (receiver as { listener: { sockets: Record<string, Socket> } }).listener;
  const [socket] = Object.values(sockets);
  await once(socket!, 'listening');
}

function isOpen(socket: UdpSocket): boolean {
  try {
    return socket.local.port > 0;
  } catch {
    return false;
  }
}
