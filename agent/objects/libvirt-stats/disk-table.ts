import type { LimitName } from '../../emulation/block/block-config.ts';
import { BLOCK_JOB_TYPE, blockJobProgress } from '../../emulation/block/block-job.ts';
import {
  type DiskField,
  type DiskSpace,
  readDisk,
  readDiskError,
  readDiskSpace,
  readOutstanding,
  readThreshold,
} from '../../emulation/block/disk-read.ts';
import type { Domain } from '../../emulation/domain.ts';
import type { EmulatorProcess, GuestDisk } from '../../emulation/emulator-process.ts';
import type { Host } from '../../emulation/host.ts';
import type { TableBinding } from '../../mib/module.ts';
import { cut, truth } from './convert.ts';
import { GuestRows, severalForEach } from './rows.ts';

const POLICY = { stop: 1, report: 2, ignore: 3, enospace: 4 } as const;

/** One disk of an active guest. */
interface DiskRow {
  readonly domain: Domain;
  readonly process: EmulatorProcess;
  readonly disk: GuestDisk;
}

/** lvsDiskTable: the disks of active guests. */
export function diskTable(host: Host): TableBinding<DiskRow> {
  const field = (name: DiskField) => (row: DiskRow) =>
    readDisk(row.process.machine, row.disk.place, name, row.domain.nowMs);
  const space = (name: keyof DiskSpace) => (row: DiskRow) =>
    readDiskSpace(row.process.machine, row.disk.place, row.disk.plan, row.domain.nowMs)[name];
  const limit = (name: LimitName) => (row: DiskRow) => row.disk.plan.spec.iotune?.[name]?.perSecond ?? 0;
  const jobOf = ({ domain, disk }: DiskRow) => domain.blockJob(disk.config.target);
  const progress = (name: 'cur' | 'end') => (row: DiskRow) => {
    const job = jobOf(row);
    return job && blockJobProgress(job, row.domain.nowMs)[name];
  };
  return {
    rows: new GuestRows(
      host.domains,
      severalForEach(
        ({ process }) => process?.disks.length ?? 0,
        (domain, number): DiskRow => {
          const process = domain.process!;
          return { domain, process, disk: process.disks[number]! };
        },
      ),
    ),
    columns: {
      lvsDiskTarget: ({ disk }) => cut(disk.config.target, 32),
      lvsDiskSource: ({ disk }) => cut(disk.plan.spec.source),
      lvsDiskPool: ({ disk }) => disk.plan.pool + 1,
      lvsDiskCapacity: space('capacity'),
      lvsDiskAllocation: space('allocation'),
      lvsDiskPhysical: space('physical'),
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
      lvsDiskInFlight: ({ domain, process, disk }) =>
        Math.max(0, readOutstanding(process.machine, disk.place, domain.nowMs)),
      lvsDiskError: ({ process, disk }) => readDiskError(process.machine, disk.place),
      lvsDiskErrorPolicy: ({ disk }) => POLICY[disk.plan.errorPolicy],
      lvsDiskReadErrorPolicy: ({ disk }) => POLICY[disk.plan.rerrorPolicy],
      lvsDiskIopsLimit: limit('total_iops'),
      lvsDiskReadIopsLimit: limit('read_iops'),
      lvsDiskWriteIopsLimit: limit('write_iops'),
      lvsDiskRateLimit: limit('total_bytes'),
      lvsDiskReadRateLimit: limit('read_bytes'),
      lvsDiskWriteRateLimit: limit('write_bytes'),
      lvsDiskThreshold: ({ process, disk }) => readThreshold(process.machine, disk.place),
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
