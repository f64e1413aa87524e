import type { Alarm } from '../../emulation/alarm/alarm.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import { uplinksOf } from '../../emulation/host/host-links.ts';
import { LIBVIRT_STATS_MIB } from '../../mib/generated/libvirt-stats-mib.ts';
import type { Oid } from '../../util/oid.ts';
import { uuidOctets } from '../../util/uuid.ts';

const { tables, scalars } = LIBVIRT_STATS_MIB;
/** No row (RFC 2579, RowPointer). */
const NO_ROW: Oid = [0, 0];
const DIRECTION = { rx: 1, tx: 2 } as const;

/** The first readable object of the row that an alarm is about, as lvsAlarmResource has it. */
export function alarmResource({ resource, host, domain, guest: named }: Alarm): Oid {
  switch (resource.kind) {
    case 'host':
      return [...scalars.lvsHostName.oid, 0];
    case 'node':
      return [...tables.lvsNodeTable.columns.lvsNodeCpus.oid, resource.node];
    case 'pool':
      return [...tables.lvsPoolTable.columns.lvsPoolName.oid, resource.pool + 1];
    case 'sensor':
      return [...tables.lvsSensorTable.columns.lvsSensorName.oid, resource.sensor + 1];
    case 'uplink':
      return rowOrNone(tables.lvsUplinkTable.columns.lvsUplinkName.oid, uplinkPlace(host, resource.segment));
    case 'slave': {
      const place = uplinkPlace(host, resource.segment, resource.name);
      return rowOrNone(tables.lvsUplinkTable.columns.lvsUplinkName.oid, place);
    }
  }
  if (!named) return NO_ROW;
  const guest = Array.from(uuidOctets(named.uuid));
  switch (resource.kind) {
    case 'guest':
      return [...tables.lvsGuestTable.columns.lvsGuestTitle.oid, ...guest];
    case 'vcpu':
      return [...tables.lvsVcpuTable.columns.lvsVcpuState.oid, ...guest, resource.vcpu];
    case 'nic':
      return [...tables.lvsNicTable.columns.lvsNicName.oid, ...guest, resource.nic];
    case 'queue': {
      const { nic, queue, direction } = resource;
      return [
        ...tables.lvsQueueTable.columns.lvsQueueOffered.oid,
        ...guest,
        nic,
        queue,
        DIRECTION[direction],
      ];
    }
    case 'disk':
      return rowOrNone(
        [...tables.lvsDiskTable.columns.lvsDiskTarget.oid, ...guest],
        domain ? diskPlace(domain, resource.target) : -1,
      );
    case 'display':
      return [...tables.lvsDisplayTable.columns.lvsDisplayRevision.oid, ...guest, 0];
  }
}

function rowOrNone(column: Oid, place: number): Oid {
  return place < 0 ? NO_ROW : [...column, place];
}

/** Rows count from 1, those of disks from 0; below 0 when there is no such row. */
function uplinkPlace(host: Host, name: string, slave?: string): number {
  const place = uplinksOf(host).findIndex(
    ({ segment, nic }) => segment.config.name === name && (slave === undefined || nic.config.name === slave),
  );
  return place < 0 ? place : place + 1;
}

function diskPlace({ config }: Domain, target: string): number {
  return config.disks.findIndex((disk) => disk.target === target);
}
