import type { Domain } from '../domain/domain.ts';
import { fieldsOf } from '../domain/domain.ts';
import type { DirtyMemory } from '../lifecycle/migration-job.ts';
import { guestPages } from '../memory/guest-read.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import { LINK } from '../process/emulator-process.ts';

const PAGE_BYTES = PAGE_KIB * 1024;
/** Bytes per second that a busy vCPU writes to and that were clean (assumed: 5,000 pages). */
const DIRTY_PER_VCPU = 5000 * PAGE_BYTES;

/** How the memory of an active domain is at present. A guest whose vCPUs stand still writes nothing. */
export function dirtyMemoryOf(domain: Domain, nowMs: number): DirtyMemory {
  const { process } = fieldsOf(domain);
  if (!process) return { inUse: 0, workingSet: 0, dirtyRate: 0 };
  const { machine, link, ram, vcpus, place } = process;
  const activity = machine.numbers[link.state + LINK.ACTIVITY]!;
  const dirtyRate = place < 0 ? 0 : activity * vcpus * DIRTY_PER_VCPU;
  const { hotShare } = domain.host.memory.rates;
  if (!ram) {
    const inUse = domain.memoryKiB * 1024;
    return { inUse, workingSet: inUse * hotShare, dirtyRate };
  }
  const pages = guestPages(machine, ram.part, ram.guest, nowMs);
  const inUse = (pages.kernel + pages.processes + pages.cache) * PAGE_BYTES;
  return { inUse, workingSet: pages.processes * hotShare * PAGE_BYTES, dirtyRate };
}
