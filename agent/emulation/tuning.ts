import { VirtsnmpError } from '../util/errors.ts';
import { setThreshold } from './block/disk.ts';
import type { TuneChange } from './change.ts';
import type { Core } from './core.ts';
import { touch } from './core.ts';
import { type Plan, refuseGone } from './definitions.ts';
import { type Domain, fieldsOf } from './domain.ts';
import type { DomainConfig } from './domain-config.ts';
import { settleGuest } from './guest-tick.ts';
import { setBalloonTarget } from './memory/guest-process.ts';
import { setLink } from './net/nic.ts';
import { changeNumatune } from './numa/numatune-change.ts';
import { isContainer, modelContainer } from './process-config.ts';

/** What libvirt takes for `<cputune>`: name, least, most; a quota below 0 is none. */
const CPU_RANGES = [
  ['shares', 2, 262_144],
  ['periodUs', 1000, 1_000_000],
  ['quotaUs', 1000, 17_592_186_044_415],
] as const;

/**
 * Plans {@link TuneChange}: all of it or none.
 *
 * An active domain changes at once and forgets that when it stops, as with virsh's --live; one that is shut off
 * changes its definition. Autostart belongs to the definition always.
 */
export function planTune(core: Core, change: TuneChange): Plan {
  const { domain } = change;
  refuseGone(domain);
  const config = tuned(domain, change);
  if (domain.isActive) checkLive(domain, change);
  return () => {
    touch(core, domain);
    const fields = fieldsOf(domain);
    const { autostart } = change;
    if (autostart !== undefined && fields.nextConfig)
      fields.nextConfig = Object.freeze({ ...fields.nextConfig, autostart });
    if (domain.isActive) {
      if (fields.persistent) fields.nextConfig ??= Object.freeze({ ...fields.config, ...pick(autostart) });
      fields.config = config;
      tuneProcess(core, domain, change);
    } else {
      fields.config = config;
    }
  };
}

function pick(autostart: boolean | undefined): { autostart?: boolean } {
  return autostart === undefined ? {} : { autostart };
}

/** The definition after the change. Throws OPERATION_INVALID for what libvirt refuses of any domain. */
function tuned(domain: Domain, change: TuneChange): DomainConfig {
  const { balloonKiB, vcpus, cpu, container, numatune, autostart, link } = change;
  const { config } = domain;
  const refuse = (why: string): never => {
    throw new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name}: ${why}`);
  };
  if (autostart !== undefined && !domain.isPersistent)
    refuse('autostart needs a persistent domain, and this one is transient');
  if (balloonKiB !== undefined && !(balloonKiB >= 1 && balloonKiB <= config.memoryKiB))
    refuse(`memory of ${balloonKiB} KiB; it must be from 1 KiB to the maximum of ${config.memoryKiB} KiB`);
  if (vcpus !== undefined) {
    if (isContainer(config)) refuse('set-vcpus is not supported for a container; it needs a virtual machine');
    if (!Number.isInteger(vcpus) || vcpus < 1 || vcpus > config.maxVcpus)
      refuse(`${vcpus} vCPUs; it must be from 1 to the maximum of ${config.maxVcpus}`);
  }
  if (container && !isContainer(config)) refuse('it is no container, and has no cgroup limits of its own');
  for (const [name, least, most] of CPU_RANGES) {
    const value = cpu?.[name];
    if (value === undefined || (name === 'quotaUs' && value < 0)) continue;
    if (!Number.isInteger(value) || value < least || value > most)
      refuse(`${name} is ${value}; it must be from ${least} to ${most}`);
  }
  if (link && !config.nics[link.nic]) refuse(`it has no NIC ${link.nic}; it has ${config.nics.length}`);
  return Object.freeze({
    ...config,
    ...pick(autostart),
    ...(balloonKiB === undefined ? {} : { currentMemoryKiB: balloonKiB }),
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(cpu ? { cputune: { ...config.cputune, ...cpu } } : {}),
    ...(container ? { container: { ...config.container, limits: merged(config, container) } } : {}),
    ...(numatune
      ? { numatune: changeNumatune(config.numatune, numatune, domain.host.memory.nodes.count) }
      : {}),
    ...(link
      ? { nics: config.nics.map((nic, i) => (i === link.nic ? { ...nic, linkDown: !link.up } : nic)) }
      : {}),
  });
}

function merged(config: DomainConfig, limits: NonNullable<TuneChange['container']>): typeof limits {
  const before = config.container?.limits ?? {};
  return {
    ...before,
    ...limits,
    cpu: { ...before.cpu, ...limits.cpu },
    memory: { ...before.memory, ...limits.memory },
  };
}

function checkLive(domain: Domain, { balloonKiB, threshold }: TuneChange): void {
  const { process, config } = fieldsOf(domain);
  if (balloonKiB !== undefined && process?.ram?.guest.balloon.model === 'none') {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} has no balloon device to change its memory with`,
    );
  }
  if (threshold && !config.disks.some(({ target }) => target === threshold.disk)) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} has no disk ${threshold.disk}; it has ${config.disks.map(({ target }) => target).join(', ') || 'none'}`,
    );
  }
}

/** Carries a change out in the running process, which is planned anew for what is left of the tick. */
function tuneProcess(core: Core, domain: Domain, change: TuneChange): void {
  const { process, config } = fieldsOf(domain);
  if (!process) return;
  const { engine } = domain.host;
  const { machine, ram, container, load } = process;
  const { balloonKiB, threshold, link } = change;
  const ran = process.place >= 0;
  if (ran) engine.halt(process, core.clock.nowMs);
  else settleGuest(process, core.clock.nowMs);
  process.vcpus = config.vcpus;
  process.plan = engine.maker.planOf(config);
  if (container) container.plan = modelContainer(config, engine.host);
  if (balloonKiB !== undefined) {
    load.givenKiB = balloonKiB;
    if (ram) setBalloonTarget(machine, ram.part, ram.guest, balloonKiB);
  }
  if (ram && change.numatune) process.ram = engine.maker.ramOf(ram.part, engine.maker.memoryOf(config));
  if (link) setLink(machine, process.nics[link.nic]!.parts, link.up);
  const disk = process.disks.find((each) => each.config.target === threshold?.disk);
  if (disk) setThreshold(machine.numbers, disk.place, threshold!.bytes);
  if (ran) engine.run(process, core.ticker.rest());
}
