import snmp, { type Varbind } from 'net-snmp';
import { createSimulation } from 'virtsnmp';
import { expect, it, onTestFinished } from 'vitest';
import { LIBVIRT_MIB } from '../../agent/mib/generated/libvirt-mib.ts';
import { formatOid } from '../../agent/util/oid.ts';

const { libvirtGuestState } = LIBVIRT_MIB.tables.libvirtGuestTable.columns;
const PAUSED = 3;

it('makes the changes of one SetRequest through several modules, all of them or none', async () => {
  const simulation = await createSimulation({
    config: {
      communities: [{ name: 'private', access: 'read-write' }],
      inventory: { list: [{ name: 'web-01' }, { name: 'db-01' }] },
    },
  });
  onTestFinished(() => simulation.stop());
  const { address, port } = simulation.hosts[0]!.local[0]!;
  const session = snmp.createSession(address, 'private', { port, version: snmp.Version2c });
  onTestFinished(() => void session.close());
  const set = (varbinds: { oid: string; type: number; value: number }[]) =>
    new Promise<string>((done) => {
      session.set(varbinds as Varbind[], (error) => done(error ? error.message : ''));
    });
  const [guest] = simulation.walk('libvirtGuestName').filter(({ value }) => value === 'web-01');
  const uuid = guest!.oid.split('.').slice(-16).join('.');
  const uplink = simulation.walk('ifName').find(({ value }) => value === 'eth0')!;
  const admin = { oid: `1.3.6.1.2.1.2.2.1.7.${uplink.oid.split('.').at(-1)}`, type: snmp.ObjectType.Integer };
  const pause = {
    oid: `${formatOid(libvirtGuestState.oid)}.${uuid}`,
    type: snmp.ObjectType.Integer,
    value: PAUSED,
  };
  const shares = simulation.walk('lvsGuestCpuShares').find(({ oid }) => oid.endsWith(uuid))!;
  const share = { oid: shares.oid, type: snmp.ObjectType.Gauge, value: 512 };

  const refused = await set([pause, { ...admin, value: 2 }, { ...share, value: 1 }]);
  expect(refused).toMatch(/WrongValue|InconsistentValue/);
  expect(simulation.get('libvirtGuestState[web-01]')).toBe(1);
  expect(simulation.get(admin.oid)).toBe(1);

  expect(await set([pause, { ...admin, value: 2 }, share])).toBe('');
  expect(simulation.get('libvirtGuestState[web-01]')).toBe(PAUSED);
  expect(simulation.get(admin.oid)).toBe(2);
  expect(simulation.get('lvsGuestCpuShares[web-01]')).toBe(512);
});
