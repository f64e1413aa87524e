import type { Domain } from '../../emulation/domain/domain.ts';
import type { Bond } from '../../emulation/net/bond.ts';
import { hardwareAddress, nicAddress } from '../../emulation/net/mac-address.ts';
import { linkIsUp } from '../../emulation/net/nic-view.ts';
import type { Segment } from '../../emulation/net/segment.ts';
import type { Uplink } from '../../emulation/net/uplink.ts';
import type { EmulatorProcess, GuestNic } from '../../emulation/process/emulator-process.ts';

/** ifAdminStatus and ifOperStatus, as far as a Linux host has them (RFC 2863 section 3.1.13). */
export const STATUS = { up: 1, down: 2, lowerLayerDown: 7 } as const;
/** A number of {@link STATUS}. */
export type Status = (typeof STATUS)[keyof typeof STATUS];

interface Common {
  readonly index: number;
  readonly name: string;
  /** The interface that it is stacked on; a bond has slaves instead. */
  lower: Interface | undefined;
  /** How many are stacked on it. */
  uppers: number;
  /** How many of those are up. */
  uppersUp: number;
  oper: Status;
  /** When it got into this status, in simulated ms. */
  changedMs: number;
  /** When its counters began, in simulated ms. */
  sinceMs: number;
}

/** lo. */
export interface Loopback extends Common {
  readonly kind: 'loopback';
}

/** A physical NIC. */
export interface PhysicalNic extends Common {
  readonly kind: 'nic';
  readonly address: Uint8Array;
  /** One for each segment that {@link segments} has: a bridge, or macvtap in one or more modes. At least one. */
  uplinks: readonly Uplink[];
  /** Of what it is the uplink, alone or as a slave of a bond. */
  segments: readonly Segment[];
}

/** A bond of physical NICs. */
export interface BondInterface extends Common {
  readonly kind: 'bond';
  readonly address: Uint8Array;
  /** What it is stacked on, ascending by index. */
  readonly slaves: readonly PhysicalNic[];
  /** One for each segment that {@link segments} has; at least one. */
  bonds: readonly Bond[];
  /** What it is the uplink of. */
  segments: readonly Segment[];
}

/** A Linux bridge. */
export interface Bridge extends Common {
  readonly kind: 'bridge';
  readonly address: Uint8Array;
  segment: Segment;
}

/** The host's side of the NIC of a guest that is active: a tap on a bridge, or macvtap on a NIC. */
export interface Tap extends Common {
  readonly kind: 'tap';
  readonly address: Uint8Array;
  readonly domain: Domain;
  readonly isMacvtap: boolean;
  process: EmulatorProcess;
  nic: GuestNic;
  /** Its place among the guest's NICs. */
  place: number;
}

/** One network interface of a host. */
export type Interface = Loopback | PhysicalNic | BondInterface | Bridge | Tap;

/** How many interfaces it is stacked on. */
export function lowerCount(each: Interface): number {
  return each.kind === 'bond' ? each.slaves.length : Number(each.lower !== undefined);
}

/** One of the interfaces that it is stacked on, ascending by index; `undefined` behind the last. */
export function lowerAt(each: Interface, place: number): Interface | undefined {
  if (each.kind === 'bond') return each.slaves[place];
  return place === 0 ? each.lower : undefined;
}

// Literals written out: with spreads the engine keeps each object as a dictionary, at ten times the cost.

export function loopback(index: number, nowMs: number): Loopback {
  return {
    kind: 'loopback',
    index,
    name: 'lo',
    lower: undefined,
    uppers: 0,
    uppersUp: 0,
    oper: STATUS.up,
    changedMs: nowMs,
    sinceMs: nowMs,
  };
}

/** A slave of a bond has the address of the first one, as all of them have (`fail_over_mac` none). */
export function physicalNic(
  index: number,
  name: string,
  host: string,
  { uplinks, segments }: Pick<PhysicalNic, 'uplinks' | 'segments'>,
  nowMs: number,
): PhysicalNic {
  const owner = segments[0]!.uplink!.nics[0]!.config.name;
  return {
    kind: 'nic',
    index,
    name,
    lower: undefined,
    uppers: 0,
    uppersUp: 0,
    oper: STATUS.down,
    changedMs: nowMs,
    sinceMs: nowMs,
    address: hardwareAddress(host, owner),
    uplinks,
    segments,
  };
}

export function bondInterface(
  index: number,
  host: string,
  slaves: readonly PhysicalNic[],
  { bonds, segments }: Pick<BondInterface, 'bonds' | 'segments'>,
  nowMs: number,
): BondInterface {
  const { config, nics } = bonds[0]!;
  return {
    kind: 'bond',
    index,
    name: config.name,
    lower: undefined,
    uppers: 0,
    uppersUp: 0,
    oper: STATUS.down,
    changedMs: nowMs,
    sinceMs: nowMs,
    address: hardwareAddress(host, nics[0]!.config.name),
    slaves,
    bonds,
    segments,
  };
}

/** Linux gives a bridge the address of one of its ports: of the NIC, as libvirt sees to. */
export function bridge(index: number, host: string, segment: Segment, nowMs: number): Bridge {
  const { name } = segment.config;
  const [port] = segment.uplink?.nics ?? [];
  return {
    kind: 'bridge',
    index,
    name,
    lower: undefined,
    uppers: 0,
    uppersUp: 0,
    oper: STATUS.down,
    changedMs: nowMs,
    sinceMs: nowMs,
    address: hardwareAddress(host, port?.config.name ?? name),
    segment,
  };
}

/** First octet of the address that libvirt gives to the host's side of a tap, so that no bridge takes it. */
const TAP_OCTET = 0xfe;

/** `place`: that of a NIC that has a device on the host. */
export function tap(
  index: number,
  domain: Domain,
  process: EmulatorProcess,
  place: number,
  nowMs: number,
): Tap {
  const nic = process.nics[place]!;
  const isMacvtap = nic.config.type === 'direct';
  const address = nicAddress(domain.uuidOctets, domain.config.nics[place]!, place);
  if (!isMacvtap) address[0] = TAP_OCTET;
  return {
    kind: 'tap',
    index,
    name: nic.device!,
    lower: undefined,
    uppers: 0,
    uppersUp: 0,
    oper: STATUS.down,
    changedMs: nowMs,
    sinceMs: nowMs,
    address,
    domain,
    isMacvtap,
    process,
    nic,
    place,
  };
}

/** Whether the host has it on. */
export function isEnabled(each: Interface): boolean {
  switch (each.kind) {
    case 'loopback':
      return true;
    case 'nic':
      return each.uplinks.every(({ enabled }) => enabled);
    case 'bond':
      return each.bonds.every(({ enabled }) => enabled);
    case 'bridge':
      return each.segment.enabled;
    case 'tap':
      return each.domain.config.nics[each.place]?.linkDown !== true;
  }
}

/** What it can do now; that of what it is stacked on must be known. */
export function operStatus(each: Interface): Status {
  if (!isEnabled(each)) return STATUS.down;
  switch (each.kind) {
    case 'loopback':
      return STATUS.up;
    case 'nic':
      return each.uplinks.some(({ up }) => up) ? STATUS.up : STATUS.down;
    case 'bond':
      return each.bonds.some(({ up }) => up) ? STATUS.up : STATUS.lowerLayerDown;
    case 'bridge': {
      // A bridge has a carrier while one of its ports has.
      if (each.lower?.oper === STATUS.up || each.uppersUp > 0) return STATUS.up;
      return each.lower || each.uppers > 0 ? STATUS.lowerLayerDown : STATUS.down;
    }
    case 'tap':
      if (!linkIsUp(each.process.machine, each.nic.parts)) return STATUS.down;
      return each.isMacvtap && each.lower && each.lower.oper !== STATUS.up
        ? STATUS.lowerLayerDown
        : STATUS.up;
  }
}
