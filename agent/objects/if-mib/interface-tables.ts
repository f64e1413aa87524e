import type { Change } from '../../emulation/change.ts';
import type { Host } from '../../emulation/host/host.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { IF_MIB } from '../../mib/generated/if-mib.ts';
import type { PreparedSet, RowSet, SetTest, TableBinding } from '../../mib/module.ts';
import { truth } from '../libvirt-stats/convert.ts';
import { NO_ROW, refused, testChange } from '../libvirt-stats/set.ts';
import type { Keep } from '../managed-binding.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { type InterfaceCounter, readInterface } from './counters.ts';
import { type Interface, isEnabled, STATUS } from './interface.ts';
import { type InterfaceSetting, type InterfaceSettings, linkTraps } from './interface-settings.ts';
import type { Interfaces } from './interfaces.ts';

const TYPE = IF_MIB.tables.ifTable.columns.ifType.syntax.enums;
const LOOPBACK_MTU = 65_536;
/** Of Ethernet. */
const MTU = 1500;
/** What Linux tells of a device that has no line: 10 Mb/s. */
const NO_LINE = 10e6;
const MEGA = 1e6;
const TRAPS = { enabled: 1, disabled: 2 } as const;
const ZERO_DOT_ZERO = [0, 0];

/** What the tables of interfaces are made of. */
export interface InterfaceObjects {
  readonly host: Host;
  readonly interfaces: Interfaces;
  readonly settings: InterfaceSettings;
  readonly transaction: SetTransaction;
  readonly keep: Keep;
  /** Simulated ms since the simulation started. */
  readonly nowMs: () => number;
  /** sysUpTime at a simulated instant, in hundredths of a second; 0 for one before the start. */
  readonly upTime: (atMs: number) => number;
}

/** ifTable. */
export function interfaceTable(objects: InterfaceObjects): TableBinding<Interface> {
  const { interfaces, nowMs, upTime } = objects;
  const counter = (name: InterfaceCounter) => (one: Interface) => readInterface(one, name, nowMs());
  const none = () => 0;
  return {
    rows: interfaces.all,
    columns: {
      ifIndex: ({ index }) => index,
      ifDescr: ({ name }) => name,
      ifType: typeOf,
      ifMtu: ({ kind }) => (kind === 'loopback' ? LOOPBACK_MTU : MTU),
      ifSpeed: (one) => bitsPerSecond(one),
      ifPhysAddress: (one) => (one.kind === 'loopback' ? '' : one.address),
      ifAdminStatus: (one) => (isEnabled(one) ? STATUS.up : STATUS.down),
      ifOperStatus: ({ oper }) => oper,
      ifLastChange: ({ changedMs }) => upTime(changedMs),
      ifInOctets: counter('inOctets'),
      ifInUcastPkts: (one) => inUnicast(one, nowMs()),
      ifInNUcastPkts: counter('inMulticast'),
      ifInDiscards: counter('inDiscards'),
      ifInErrors: counter('inErrors'),
      // Linux hands everything on, and counts nothing here; nor does it count what it sends to groups.
      ifInUnknownProtos: none,
      ifOutOctets: counter('outOctets'),
      ifOutUcastPkts: counter('outFrames'),
      ifOutNUcastPkts: none,
      ifOutDiscards: counter('outDiscards'),
      ifOutErrors: counter('outErrors'),
      ifOutQLen: none,
      ifSpecific: () => ZERO_DOT_ZERO,
    },
    testSet: (request) => testStatus(objects, request),
  };
}

/** ifXTable. */
export function extendedTable(objects: InterfaceObjects): TableBinding<Interface> {
  const { interfaces, settings, nowMs, upTime } = objects;
  const counter = (name: InterfaceCounter) => (one: Interface) => readInterface(one, name, nowMs());
  const none = () => 0;
  return {
    rows: interfaces.all,
    columns: {
      ifName: ({ name }) => name,
      ifInMulticastPkts: counter('inMulticast'),
      ifInBroadcastPkts: none,
      ifOutMulticastPkts: none,
      ifOutBroadcastPkts: none,
      ifHCInOctets: counter('inOctets'),
      ifHCInUcastPkts: (one) => inUnicast(one, nowMs()),
      ifHCInMulticastPkts: counter('inMulticast'),
      ifHCInBroadcastPkts: none,
      ifHCOutOctets: counter('outOctets'),
      ifHCOutUcastPkts: counter('outFrames'),
      ifHCOutMulticastPkts: none,
      ifHCOutBroadcastPkts: none,
      ifLinkUpDownTrapEnable: (one) => (linkTraps(settings, one) ? TRAPS.enabled : TRAPS.disabled),
      ifHighSpeed: (one) => Math.round(bitsPerSecond(one) / MEGA),
      ifPromiscuousMode: (one) => truth(isPort(one) || settings.of(one).promiscuous === true),
      ifConnectorPresent: ({ kind }) => truth(kind === 'nic'),
      ifAlias: (one) => settings.of(one).alias ?? '',
      ifCounterDiscontinuityTime: ({ sinceMs }) => upTime(sinceMs),
    },
    testSet: (request) => testSettings(objects, request),
  };
}

function inUnicast(one: Interface, nowMs: number): number {
  return readInterface(one, 'inFrames', nowMs) - readInterface(one, 'inMulticast', nowMs);
}

/** To Linux, and so to Net-SNMP, every bond is an Ethernet device; here one that speaks LACP has the type that is made for it. */
function typeOf(one: Interface): number {
  switch (one.kind) {
    case 'loopback':
      return TYPE.softwareLoopback;
    case 'bridge':
      return TYPE.bridge;
    case 'bond':
      return one.bonds[0]!.mode === '802.3ad' ? TYPE.ieee8023adLag : TYPE.ethernetCsmacd;
    case 'nic':
    case 'tap':
      return TYPE.ethernetCsmacd;
  }
}

/** A bond is as fast as the slaves that it uses, and a bridge as its NIC or bond. */
function bitsPerSecond(one: Interface): number {
  if (one.kind === 'nic') return one.uplinks[0]!.lineRate;
  if (one.kind === 'bond') return one.bonds[0]!.lineRate || NO_LINE;
  return one.kind === 'bridge' && one.lower ? bitsPerSecond(one.lower) : NO_LINE;
}

/** Whether it is a port of a bridge, which takes all frames. */
function isPort(one: Interface): boolean {
  if (one.kind === 'tap') return one.lower?.kind === 'bridge';
  if (one.kind !== 'nic' && one.kind !== 'bond') return false;
  return one.segments.some(({ config, bond }) => {
    // A bond has its slaves do so as well, but for those that only stand by.
    const standsBy = one.kind === 'nic' && bond?.active !== undefined && bond.active.config.name !== one.name;
    return config.kind === 'bridge' && !standsBy;
  });
}

function testStatus(
  { host, transaction }: InterfaceObjects,
  { row: one, values }: RowSet<Interface>,
): SetTest {
  if (!one) return NO_ROW;
  const wanted = values.get('ifAdminStatus') as number;
  // No interface can be tested (RFC 2863 section 4.4: ifAdminStatus needs up and down alone).
  if (wanted !== STATUS.up && wanted !== STATUS.down)
    return refused(ERROR_STATUS.wrongValue, 'ifAdminStatus');
  const up = wanted === STATUS.up;
  if (up === isEnabled(one)) return NOTHING_TO_DO;
  if (one.kind === 'loopback') return refused(ERROR_STATUS.inconsistentValue, 'ifAdminStatus');
  return testChange(transaction, switching(host, one, up), 'ifAdminStatus');
}

function switching(host: Host, one: Interface, up: boolean): Change {
  if (one.kind === 'tap') return { op: 'tune', domain: one.domain, link: { nic: one.place, up } };
  return { op: 'host', host, action: { interface: one.name, up } };
}

function testSettings(
  { settings, keep }: InterfaceObjects,
  { row: one, values }: RowSet<Interface>,
): SetTest {
  if (!one) return NO_ROW;
  const alias = values.get('ifAlias') as Uint8Array | undefined;
  const traps = values.get('ifLinkUpDownTrapEnable');
  const promiscuous = values.get('ifPromiscuousMode');
  // The bridge has its ports take all frames, whatever somebody else wants.
  if (promiscuous !== undefined && promiscuous !== truth(true) && isPort(one))
    return refused(ERROR_STATUS.inconsistentValue, 'ifPromiscuousMode');
  const setting: InterfaceSetting = {
    ...(alias && { alias: Buffer.from(alias).toString('latin1') }),
    ...(traps !== undefined && { linkTraps: traps === TRAPS.enabled }),
    ...(promiscuous !== undefined && { promiscuous: promiscuous === truth(true) }),
  };
  let undo = () => {};
  return keep({
    commit() {
      undo = settings.change(one, setting);
    },
    undo: () => undo(),
  });
}

const NOTHING_TO_DO: PreparedSet = { commit() {}, undo() {} };
