import { createHash } from 'node:crypto';
import { type Domain, fieldsOf } from '../../../agent/emulation/domain/domain.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import type { Timer } from '../../../agent/util/clock.ts';
import { type Fleet, nameOfEvent, stateOf } from './fleet.ts';

function due(timer: Timer | undefined): number | undefined {
  return timer?.pending ? timer.atMs : undefined;
}

function vcpuPictures(domain: Domain): unknown {
  return Array.from({ length: domain.config.maxVcpus }, (_, n) => {
    const vcpu = domain.vcpu(n);
    return (
      vcpu && [
        vcpu.timeNs,
        vcpu.stealNs,
        vcpu.blockedNs,
        vcpu.offlineNs,
        vcpu.haltPollFailNs,
        vcpu.exits.total,
      ]
    );
  });
}

function domainPicture(domain: Domain): unknown {
  const fields = fieldsOf(domain);
  return {
    uuid: domain.uuid,
    name: domain.name,
    state: stateOf(domain),
    config: domain.config,
    next: fields.nextConfig,
    persistent: fields.persistent,
    image: [fields.image, fields.imagePaused],
    draws: fields.draws,
    boot: [fields.booting, due(fields.bootTimer)],
    devices: [domain.devices, domain.guestMs, due(fields.deviceTimer)],
    pending: fields.pending && {
      action: fields.pending.story.action,
      steps: fields.pending.steps,
      handedOver: fields.pending.handedOver,
      at: due(fields.pending.timer),
    },
    cpuTimeNs: domain.cpuTimeNs,
    vcpus: vcpuPictures(domain),
    memoryKiB: domain.memoryKiB,
    images: [...fields.images],
    numbers: fields.process && digest(fields.process.machine.numbers),
  };
}

function digest(numbers: Float64Array): string {
  return createHash('sha1')
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex');
}

/** What the guests of a host share. */
function sharedPicture(host: Host, nowMs: number): object {
  const { memory, storage, segments, config } = host;
  return {
    memory: [memory.pages, [...memory.nodes.free], memory.swapIns, memory.swapOuts],
    segments: [...segments].map((segment) => [
      segment.config.name,
      segment.total('fromGuests'),
      segment.total('toGuests'),
      segment.inFlight(),
      segment.uplink?.read('rxBytes', nowMs),
    ]),
    pools: config.pools.map((_, pool) => storage.pools.read(pool, nowMs)),
    devices: config.pools.map((_, device) => storage.devices.utilisation(device)),
  };
}

/** Everything about a fleet that decides what can be seen of it, now and later. */
export function picture(fleet: Fleet): unknown {
  return fleet.hypervisor.hosts.map((host) => ({
    host: host.name,
    busyNs: Array.from({ length: host.cpu.pcpuCount }, (_, pcpu) => host.cpu.busyNs(pcpu, fleet.clock.nowMs)),
    ...sharedPicture(host, fleet.clock.nowMs),
    domains: [...host.domains].map((domain) => {
      const byName = host.domains.byName(domain.name) === domain;
      const byUuid = host.domains.byUuid(domain.uuid) === domain;
      const found = host.domains.at(host.domains.find(domain.uuidOctets, 0)) === domain;
      return [domainPicture(domain), byName, byUuid, found];
    }),
  }));
}

/** Lets time pass and tells all that can be seen meanwhile: every event, and every domain once a second. */
export function future(
  fleet: Fleet,
  seconds: number,
): { events: [sequence: number, ...rest: unknown[]][]; courses: unknown[] } {
  fleet.events.length = 0;
  const courses: unknown[] = [];
  for (let i = 0; i < seconds; i++) {
    fleet.pass(1);
    courses.push(picture(fleet));
  }
  const events = fleet.events.map((event): [number, ...unknown[]] => [
    event.sequence,
    event.atMs,
    event.host.name,
    event.name,
    nameOfEvent(event),
    stateOf(event),
  ]);
  return { events, courses };
}
