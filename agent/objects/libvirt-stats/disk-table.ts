import type { LimitName } from '../../emulation/block/block-config.ts';
import { BLOCK_JOB_TYPE, blockJobProgress } from '../../emulation/block/block-job.ts';
import {
  DISK_FIELDS,
  type DiskField,
  physicalSize,
  readAllocation,
  readDiskError,
  readOutstanding,
  readThreshold,
} from '../../emulation/block/disk-read.ts';
import type { Domain, Instant } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import { type Machine, readCounter } from '../../emulation/machine/machine.ts';
import type { GuestDisk } from '../../emulation/process/emulator-process.ts';
import type { TableBinding } from '../../mib/module.ts';
import { GuestRows, severalForEach } from '../guest-rows.ts';
import { cut, truth } from './convert.ts';

const POLICY = { stop: 1, report: 2, ignore: 3, enospace: 4 } as const;

/** One disk of an active guest. */
interface DiskRow {
  readonly domain: Domain;
  readonly time: Instant;
  readonly machine: Machine;
  readonly number: number;
  readonly disk: GuestDisk;
  /** Where its counters begin. */
  readonly counters: number;
}

function diskRow(domain: Domain, number: number): DiskRow {
  const { machine, disks } = domain.process!;
  const disk = disks[number]!;
  return { domain, time: domain.time, machine, number, disk, counters: disk.place.part.counters };
}

const DISKS = severalForEach(
  ({ process }) => process?.disks.length ?? 0,
  diskRow,
  ({ number }) => number,
);

/** lvsDiskTable: the disks of active guests. */
export function diskTable(host: Host): TableBinding<DiskRow> {
  const field = (name: DiskField) => {
    const at = DISK_FIELDS[name];
    return ({ machine, counters, time }: DiskRow) => readCounter(machine, counters + at, time.nowMs);
  };
  const allocation = ({ machine, disk: { place, plan }, time }: DiskRow) =>
    readAllocation(machine, place, plan, time.nowMs);
  const limit = (name: LimitName) => (row: DiskRow) => row.disk.plan.spec.iotune?.[name]?.perSecond ?? 0;
  const jobOf = ({ domain, disk }: DiskRow) => domain.blockJob(disk.config.target);
  const progress = (name: 'cur' | 'end') => (row: DiskRow) => {
    const job = jobOf(row);
    return job && blockJobProgress(job, row.time.nowMs)[name];
  };
  const rows = new GuestRows(host.domains, DISKS);
  const withJob = rows.where((row) => jobOf(row) !== undefined);
  return {
    rows,
    columnRows: {
      lvsDiskThreshold: rows.where(({ machine, disk }) => readThreshold(machine, disk.place) !== undefined),
      lvsDiskJobDone: withJob,
      lvsDiskJobTotal: withJob,
      lvsDiskJobReady: withJob,
    },
    columns: {
      lvsDiskTarget: ({ disk }) => cut(disk.config.target, 32),
      lvsDiskSource: ({ disk }) => cut(disk.plan.spec.source),
      lvsDiskPool: ({ disk }) => disk.plan.pool + 1,
      lvsDiskCapacity: ({ disk }) => disk.plan.spec.capacityBytes,
      lvsDiskAllocation: allocation,
      lvsDiskPhysical: (row) => physicalSize(row.disk.plan, allocation(row)),
      lvsDiskReads: field('rd.reqs'),
      lvsDiskReadOctets: field('rd.bytes'),
      lvsDiskReadTime: field('rd.times'),
      lvsDiskWrites: field('wr.reqs'),
      lvsDiskWriteOctets: field('wr.bytes'),
      lvsDiskWriteTime: field('wr.times'),
      lvsDiskFlushes: field('fl.reqs'),
      lvsDiskFlushTime: field('fl.times'),
      lvsDiskSubmitted: field('submitted'),
      lvsDiskReadErrors: field('rd.failed'),
      lvsDiskWriteErrors: field('wr.failed'),
      lvsDiskInFlight: ({ machine, disk, time }) =>
        Math.max(0, readOutstanding(machine, disk.place, time.nowMs)),
      lvsDiskError: ({ machine, disk }) => readDiskError(machine, disk.place),
      lvsDiskErrorPolicy: ({ disk }) => POLICY[disk.plan.errorPolicy],
      lvsDiskReadErrorPolicy: ({ disk }) => POLICY[disk.plan.rerrorPolicy],
      lvsDiskIopsLimit: limit('total_iops'),
      lvsDiskReadIopsLimit: limit('read_iops'),
      lvsDiskWriteIopsLimit: limit('write_iops'),
      lvsDiskRateLimit: limit('total_bytes'),
      lvsDiskReadRateLimit: limit('read_bytes'),
      lvsDiskWriteRateLimit: limit('write_bytes'),
      lvsDiskThreshold: ({ machine, disk }) => readThreshold(machine, disk.place),
      lvsDiskJobType: (row) => {
        const job = jobOf(row);
        return job ? BLOCK_JOB_TYPE[job.type] : 0;
      },
      lvsDiskJobDone: progress('cur'),
      lvsDiskJobTotal: progress('end'),
      lvsDiskJobReady: (row) => {
        const job = jobOf(row);
        return job && truth(job.ready);
      },
    },
  };
}
