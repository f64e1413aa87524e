import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import snmp from 'net-snmp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { presetAccess, presetFamilies } from '../../../agent/access/presets.ts';
import { Vacm } from '../../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../../agent/access/vacm-rows.ts';
import { TAG } from '../../../agent/ber/tags.ts';
import { SnmpCounters } from '../../../agent/message/counters.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import type { PreparedSet } from '../../../agent/mib/module.ts';
import { encodeTrapV1, encodeTrapV2 } from '../../../agent/notify/encode.ts';
import type { Notification } from '../../../agent/notify/notification.ts';
import { Originator, type TrapDestination } from '../../../agent/notify/originator.ts';
import { UdpSocket } from '../../../agent/transport/udp.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { decode, value, WIRE } from '../../support/wire.ts';

vi.mock('node:dns/promises', async (original) => {
  const dns = await original<typeof import('node:dns/promises')>();
  return { ...dns, lookup: vi.fn(dns.lookup) };
});

const NAME = [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 2, 200, 1];
const NOTIFICATION: Notification = {
  oid: [1, 3, 6, 1, 4, 1, 36957, 0, 1],
  upTimeCentiseconds: 4242,
  varbinds: [
    { oid: NAME, tag: TAG.OCTET_STRING, value: 'web-1' },
    { oid: [...NAME, 7], tag: TAG.INTEGER, value: -5 },
  ],
};
const COUNTED: Notification = {
  ...NOTIFICATION,
  varbinds: [{ oid: NAME, tag: TAG.COUNTER64, value: 1n }],
};

describe('a trap as octets', () => {
  it('of v2c begins with sysUpTime.0 and snmpTrapOID.0 (RFC 3416 section 4.2.6)', () => {
    expect(decode(encodeTrapV2(COUNTED, 'traps', 77))).toEqual({
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
    expect(encodeTrapV1(COUNTED, 'traps', Uint8Array.of(10, 0, 0, 1))).toBeUndefined();
    expect(encodeTrapV1(NOTIFICATION, 'traps', Uint8Array.of(10, 0, 0, 1))).toBeDefined();
  });
});

describe('an originator', () => {
  const open: { close(): unknown }[] = [];
  const originators: Originator[] = [];
  afterEach(async () => {
    await Promise.all(originators.splice(0).map((originator) => originator.stop()));
    await Promise.all(open.splice(0).map((socket) => socket.close()));
  });

  function originator(destinations: readonly TrapDestination[]) {
    const counters = new SnmpCounters();
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) };
    const vacm = notifyAccess();
    const made = new Originator({ address: '127.0.0.1', vacm, counters, logger });
    originators.push(made);
    made.setDestinations(destinations);
    return { originator: made, vacm, counters, warnings };
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
      { host: '127.0.0.1', port, version: 'v1', community: 'one', securityName: 'trap' },
      { host: '127.0.0.1', port, version: 'v2c', community: 'two', securityName: 'trap' },
    ]);
    sender.send(NOTIFICATION);
    await vi.waitFor(() => expect(seen).toHaveLength(2), 5000);
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
      { host: '127.0.0.1', port, version: 'v2c', community: 'all', securityName: 'trap' },
      { host: '127.0.0.1', port, version: 'v2c', community: 'few', securityName: 'guarded' },
      { host: '127.0.0.1', port, version: 'v2c', community: 'none', securityName: 'stranger' },
      { host: '127.0.0.1', port, version: 'v1', community: 'v1', securityName: 'guarded' },
    ]);
    const withVarbind: Notification = { ...NOTIFICATION, varbinds: [NOTIFICATION.varbinds[0]!] };
    // The view of `guarded` has the notification and all but the second variable of it; SNMPv1 has no group.
    for (const sent of [NOTIFICATION, withVarbind, NOTIFICATION, withVarbind]) sender.send(sent);
    await vi.waitFor(() => expect(received).toHaveLength(6), 5000);
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
      { host: '127.0.0.1', port, version: 'v2c', community: 'few', securityName: 'guarded' },
    ]);
    sender.send({ ...NOTIFICATION, oid: [1, 3, 6, 1, 6, 3, 1, 1, 5, 1], varbinds: [] });
    expect(counters.notificationsDenied).toBe(1);
  });

  it('keeps what is sent while a name is being resolved, in order', async () => {
    const { port, received } = await sink();
    const { originator: sender } = originator([
      { host: 'localhost', port, version: 'v2c', community: 'c', securityName: 'trap' },
    ]);
    for (let i = 0; i < 5; i++) sender.send({ ...NOTIFICATION, upTimeCentiseconds: i });
    await vi.waitFor(() => expect(received).toHaveLength(5), 5000);
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
      { host: 'no-such-host.invalid', port: 162, version: 'v2c', community: 'c', securityName: 'trap' },
      { host: '127.0.0.1', port, version: 'v2c', community: 'c', securityName: 'trap' },
    ]);
    await vi.waitFor(() => expect(warnings).toHaveLength(1), 15_000);
    for (let i = 0; i < 50; i++) sender.send(NOTIFICATION);
    await vi.waitFor(() => expect(received).toHaveLength(50), 5000);
    expect(counters.outTraps).toBe(50);
    expect(warnings).toHaveLength(1);
    expect(vi.mocked(lookup).mock.calls.filter(([host]) => host === 'no-such-host.invalid')).toHaveLength(1);
  });

  it('leaves no socket open when it stops before it is ready', async () => {
    const opened = vi.spyOn(UdpSocket, 'open');
    const { originator: sender } = originator([
      { host: 'localhost', port: 9, version: 'v2c', community: 'c', securityName: 'trap' },
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

/** Access control by which `trap` may be told everything, and `guarded` what lies under enterprises but for one object. */
function notifyAccess(): Vacm {
  const vacm = new Vacm();
  const kept = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;
  const scope = { securityModel: SECURITY_MODEL.any, securityLevel: SECURITY_LEVEL.noAuthNoPriv };
  const family = { viewName: 'few', mask: new Uint8Array(0), storageType: STORAGE_TYPE.nonVolatile } as const;
  vacm.configure({
    contexts: [''],
    groups: [
      { securityModel: SECURITY_MODEL.v1, securityName: 'trap', groupName: 'all', ...kept },
      { securityModel: SECURITY_MODEL.v2c, securityName: 'trap', groupName: 'all', ...kept },
      { securityModel: SECURITY_MODEL.v2c, securityName: 'guarded', groupName: 'few', ...kept },
    ],
    access: [
      { ...presetAccess('admin', scope), groupName: 'all' },
      { ...presetAccess('admin', scope), groupName: 'few', notifyView: 'few' },
    ],
    families: [
      ...presetFamilies(),
      { ...family, subtree: [1, 3, 6, 1, 4, 1], included: true, status: ROW_STATUS.active },
      { ...family, subtree: [...NAME, 7], included: false, status: ROW_STATUS.active },
    ],
  });
  return vacm;
}

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
