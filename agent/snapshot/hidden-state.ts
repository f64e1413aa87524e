import { type Domain, fieldsOf } from '../emulation/domain/domain.ts';
import { type Host, hostFieldsOf } from '../emulation/host/host.ts';
import type { Timer } from '../util/clock.ts';

/** What decides the future of something beside what can be read of it. */
export interface Hidden {
  readonly words: unknown;
  readonly numbers?: Float64Array;
}

function due(timer: Timer | undefined): number | undefined {
  return timer?.pending ? timer.atMs : undefined;
}

/** What a guest's models and devices remember, and what is under way with it. */
export function hiddenOfDomain(domain: Domain): Hidden {
  const { pending, process, devices, load, ...fields } = fieldsOf(domain);
  const { plan: _plan, ...records } = devices ?? { plan: undefined };
  const words = {
    config: fields.config,
    next: fields.nextConfig,
    image: [fields.image, fields.imagePaused, fields.images],
    draws: fields.draws,
    timers: [fields.bootTimer, fields.deviceTimer, fields.blockJobTimer, fields.unplug?.timer].map(due),
    unplug: fields.unplug?.alias,
    jobs: fields.blockJobs,
    pending: pending && {
      action: pending.story.action,
      cause: pending.cause,
      steps: pending.steps,
      handedOver: pending.handedOver,
      migration: pending.migration,
      dueMs: due(pending.timer),
    },
    load,
    devices: records,
    process: process && {
      number: process.number,
      place: process.place,
      vcpus: process.vcpus,
      trouble: process.trouble,
      nics: process.nics.map(({ alias, port }) => [alias, port]),
      disks: process.disks.map(({ config, faults }) => [config.target, faults]),
      watched: process.watched,
    },
  };
  return process ? { words, numbers: process.machine.numbers } : { words };
}

/** What a host remembers that is not read of it as one value. */
export function hiddenOfHost(host: Host, nowMs: number): Hidden {
  const { timer, linkTimer, software } = hostFieldsOf(host);
  const busy = Array.from({ length: host.cpu.pcpuCount }, (_, pcpu) => host.cpu.busyNs(pcpu, nowMs));
  const segments = [...host.segments].map((segment) => [segment.config.name, segment.snapshot()]);
  const { links } = host.engine.host;
  return {
    words: { config: host.config, software, timers: [timer, linkTimer].map(due), busy, segments, links },
  };
}
