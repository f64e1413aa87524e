import { VirtsnmpError } from '../../util/errors.ts';
import {
  advanceBlockJob,
  type BlockJob,
  type BlockJobOutcome,
  blockJobDueMs,
  cancelBlockJob,
  pivotBlockJob,
  setBlockJobSpeed,
  startBlockJob,
} from '../block/block-job.ts';
import { DISK } from '../block/disk-places.ts';
import { readDiskSpace } from '../block/disk-read.ts';
import type { BlockJobChange } from '../change.ts';
import { type Core, emitRaised, touch } from '../core.ts';
import { SPAN_MS } from '../machine/layout.ts';
import type { GuestDisk } from '../process/emulator-process.ts';
import { type Plan, refuseGone, refuseHung } from './definitions.ts';
import { type Domain, fieldsOf } from './domain.ts';

/** Plans {@link BlockJobChange}: one job at a time for each disk of an active domain. */
export function planBlockJob(core: Core, change: BlockJobChange): Plan {
  const { domain, disk: target, action } = change;
  refuseGone(domain);
  const { process, blockJobs } = fieldsOf(domain);
  const refuse = (why: string): never => {
    throw new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name}: ${why}`);
  };
  if (!process) return refuse('a block job needs it active, and it is shut off');
  refuseHung(domain, 'a block job');
  const disk = process.disks.find(({ config }) => config.target === target);
  if (!disk) {
    const known = process.disks.map(({ config }) => config.target).join(', ') || 'none';
    return refuse(`it has no disk ${target}; it has ${known}`);
  }
  const job = blockJobs.get(target);
  if (typeof action === 'object' && 'start' in action) {
    const started = startBlockJob(job, jobOf(core, domain, disk, action), core.clock.nowMs);
    return typeof started === 'string' ? refuse(started) : () => put(core, domain, target, started);
  }
  if (!job) return refuse(`disk ${target} has no block job`);
  if (action === 'cancel') return () => end(core, domain, target, cancelBlockJob(job));
  if (action === 'pivot') {
    const outcome = pivotBlockJob(job);
    return typeof outcome === 'string' ? refuse(outcome) : () => end(core, domain, target, outcome);
  }
  const { bandwidth } = action;
  return () => put(core, domain, target, setBlockJobSpeed(job, bandwidth, core.clock.nowMs));
}

/** What a job starts with: all that the image takes is to be moved, and what the guest writes meanwhile again. */
function jobOf(
  core: Core,
  domain: Domain,
  { place, plan, config }: GuestDisk,
  { start, bandwidth = 0 }: { readonly start: BlockJob['type']; readonly bandwidth?: number },
): Parameters<typeof startBlockJob>[1] {
  const { machine } = fieldsOf(domain).process!;
  const { numbers, layout } = machine;
  const span = numbers[SPAN_MS]!;
  const written = numbers[place.part.counters + layout.counterCount + DISK.WR_BYTES]!;
  const { bytesPerSecond } = domain.host.storage.devices.config(plan.device);
  return {
    type: start,
    dev: config.target,
    path: plan.spec.source,
    totalBytes: readDiskSpace(machine, place, plan, core.clock.nowMs).allocation,
    bandwidth,
    deviceBandwidth: bytesPerSecond,
    dirtyRate: span === 0 ? 0 : (written * 1000) / span,
  };
}

/** Keeps a job, or forgets it, and waits for what is due next. */
function put(core: Core, domain: Domain, target: string, job: BlockJob | undefined): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  const jobs = new Map(fields.blockJobs);
  if (job) jobs.set(target, job);
  else jobs.delete(target);
  fields.blockJobs = jobs;
  arm(core, domain);
}

function end(core: Core, domain: Domain, target: string, { job, events }: BlockJobOutcome): void {
  const { totalBytes = 0 } = fieldsOf(domain).blockJobs.get(target) ?? {};
  put(core, domain, target, job);
  for (const event of events) emitRaised(core, domain, event);
  const done = events.find(({ event, status }) => event === 'BLOCK_JOB_2' && status === 'COMPLETED');
  if (done?.type !== 'backup') return;
  const statistics = { disk_total: totalBytes, disk_processed: totalBytes, disk_remaining: 0 };
  emitRaised(core, domain, { event: 'JOB_COMPLETED', operation: 'BACKUP', statistics });
}

function arm(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  fields.blockJobTimer?.cancel();
  fields.blockJobTimer = undefined;
  const due = Math.min(...[...fields.blockJobs.values()].map(blockJobDueMs));
  if (due === Number.POSITIVE_INFINITY) return;
  fields.blockJobTimer = core.clock.schedule(Math.max(core.clock.nowMs, Math.ceil(due)), () => {
    fields.blockJobTimer = undefined;
    core.outbox.hold();
    try {
      for (const [target, job] of fields.blockJobs)
        if (blockJobDueMs(job) <= core.clock.nowMs)
          end(core, domain, target, advanceBlockJob(job, core.clock.nowMs));
    } finally {
      core.outbox.release();
    }
  });
}

/** The emulator process is gone, and its jobs with it, without a word. */
export function dropBlockJobs(domain: Domain): void {
  const fields = fieldsOf(domain);
  if (fields.blockJobs.size === 0) return;
  fields.blockJobTimer?.cancel();
  fields.blockJobTimer = undefined;
  fields.blockJobs = new Map();
}
