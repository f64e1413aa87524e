import { VirtsnmpError } from '../../util/errors.ts';
import { iotuneRefusal } from '../block/block-config.ts';
import { setThreshold } from '../block/disk.ts';
import type { TuneChange } from '../change.ts';
import type { Core } from '../core.ts';
import { emitRaised, touch } from '../core.ts';
import { watchBoot } from '../guest/guest-boot.ts';
import { applyTrouble } from '../guest/guest-trouble.ts';
import { loadKindCode } from '../guest/load-profile.ts';
import type { TypedParameters } from '../management-event.ts';
import { setBalloonTarget } from '../memory/guest-process.ts';
import { changeNumatune } from '../numa/numatune-change.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { isContainer, modelContainer } from '../process/process-config.ts';
import { replan } from '../process/replan.ts';
import type { CputuneConfig } from '../vcpu/vcpu-config.ts';
import { bitmapText } from './bitmap-text.ts';
import { type Plan, refuseGone, refuseHung } from './definitions.ts';
import { type Domain, fieldsOf } from './domain.ts';
import type { DiskConfig, DomainConfig } from './domain-config.ts';

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
  if (domain.isActive) {
    refuseHung(domain, 'a change of it');
    checkLive(domain, change);
  }
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
      const parameters = tunables(change);
      if (Object.keys(parameters).length > 0) emitRaised(core, domain, { event: 'TUNABLE', parameters });
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
  const { balloonKiB, vcpus, cpu, container, numatune, autostart, link, vcpupin, iotune } = change;
  const { memoryDeviceKiB } = change;
  const { config } = domain;
  const refuse = (why: string): never => {
    throw new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name}: ${why}`);
  };
  if (autostart !== undefined && !domain.isPersistent)
    refuse('autostart needs a persistent domain, and this one is transient');
  if (balloonKiB !== undefined && !(balloonKiB >= 1 && balloonKiB <= config.memoryKiB))
    refuse(`memory of ${balloonKiB} KiB; it must be from 1 KiB to the maximum of ${config.memoryKiB} KiB`);
  if (balloonKiB !== undefined && config.memoryDevice) refuse('it has a memory device instead of a balloon');
  if (memoryDeviceKiB !== undefined) refuseSize(config, memoryDeviceKiB, refuse);
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
  if (vcpupin) refusePin(domain, vcpupin, refuse);
  if (iotune) {
    const disk = diskOf(config, iotune.disk, refuse);
    const why = iotuneRefusal({ ...disk.iotune, ...iotune.limits });
    if (why !== undefined) refuse(`disk ${iotune.disk}: ${why}`);
  }
  if (link && !config.nics[link.nic]) refuse(`it has no NIC ${link.nic}; it has ${config.nics.length}`);
  return Object.freeze({
    ...config,
    ...pick(autostart),
    ...(givenKiB(config, change) === undefined ? {} : { currentMemoryKiB: givenKiB(config, change)! }),
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(change.load === undefined ? {} : { load: change.load }),
    ...(cpu || vcpupin ? { cputune: { ...config.cputune, ...cpu, ...pinned(config, vcpupin) } } : {}),
    ...(iotune ? { disks: config.disks.map((disk) => limited(disk, iotune)) } : {}),
    ...(container ? { container: { ...config.container, limits: merged(config, container) } } : {}),
    ...(numatune
      ? { numatune: changeNumatune(config.numatune, numatune, domain.host.memory.nodes.count) }
      : {}),
    ...(link
      ? { nics: config.nics.map((nic, i) => (i === link.nic ? { ...nic, linkDown: !link.up } : nic)) }
      : {}),
  });
}

function refuseSize({ memoryDevice }: DomainConfig, sizeKiB: number, refuse: (why: string) => never): void {
  if (!memoryDevice) return refuse('it has no memory device');
  const { sizeKiB: most, blockKiB } = memoryDevice;
  if (!(sizeKiB >= 0 && sizeKiB <= most && sizeKiB % blockKiB === 0))
    refuse(`a memory device of ${sizeKiB} KiB; it must be 0 to ${most} KiB in blocks of ${blockKiB} KiB`);
}

/** Memory that the domain shall have after a change, in KiB; `undefined` when the change is not about that. */
function givenKiB(
  { memoryDevice, memoryKiB }: DomainConfig,
  { balloonKiB, memoryDeviceKiB }: TuneChange,
): number | undefined {
  if (!memoryDevice || memoryDeviceKiB === undefined) return balloonKiB;
  return memoryKiB - memoryDevice.sizeKiB + memoryDeviceKiB;
}

function refusePin(
  { config, host }: Domain,
  { vcpu, cpus }: NonNullable<TuneChange['vcpupin']>,
  refuse: (why: string) => never,
): void {
  if (isContainer(config)) refuse('vcpupin is not supported for a container; it needs a virtual machine');
  if (!Number.isInteger(vcpu) || vcpu < 0 || vcpu >= config.maxVcpus)
    refuse(`it has no vCPU ${vcpu}; it has ${config.maxVcpus}`);
  const { pcpuCount } = host.cpu;
  const unfit = cpus.find((cpu) => !Number.isInteger(cpu) || cpu < 0 || cpu >= pcpuCount);
  if (unfit !== undefined) refuse(`the host has no pCPU ${unfit}; it has 0 to ${pcpuCount - 1}`);
  if (cpus.length === 0) refuse('a vCPU pinned to nothing; it needs one pCPU at least');
}

/** A definition with a vCPU pinned to other pCPUs. Throws OPERATION_INVALID for what the domain or its host has not. */
export function withPin(
  domain: Domain,
  definition: DomainConfig,
  vcpupin: NonNullable<TuneChange['vcpupin']>,
): DomainConfig {
  refusePin(domain, vcpupin, (why) => {
    throw new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name}: ${why}`);
  });
  return { ...definition, cputune: { ...definition.cputune, ...pinned(definition, vcpupin) } };
}

function diskOf({ disks }: DomainConfig, target: string, refuse: (why: string) => never): DiskConfig {
  const disk = disks.find((each) => each.target === target);
  return (
    disk ??
    refuse(`it has no disk ${target}; it has ${disks.map((each) => each.target).join(', ') || 'none'}`)
  );
}

function pinned(
  { cputune }: DomainConfig,
  pin: TuneChange['vcpupin'],
): Pick<CputuneConfig, 'vcpupin'> | undefined {
  if (!pin) return undefined;
  const before = cputune?.vcpupin ?? [];
  const length = Math.max(before.length, pin.vcpu + 1);
  return { vcpupin: Array.from({ length }, (_, vcpu) => (vcpu === pin.vcpu ? pin.cpus : before[vcpu])) };
}

function limited(disk: DiskConfig, { disk: target, limits }: NonNullable<TuneChange['iotune']>): DiskConfig {
  return disk.target === target ? { ...disk, iotune: { ...disk.iotune, ...limits } } : disk;
}

/** What VIR_DOMAIN_EVENT_ID_TUNABLE tells of a change, by libvirt's names; empty for nothing. */
function tunables({ cpu, vcpupin, iotune }: TuneChange): TypedParameters {
  const parameters: Record<string, number | string> = {};
  if (cpu?.shares !== undefined) parameters['cputune.cpu_shares'] = cpu.shares;
  if (cpu?.periodUs !== undefined) parameters['cputune.vcpu_period'] = cpu.periodUs;
  if (cpu?.quotaUs !== undefined) parameters['cputune.vcpu_quota'] = cpu.quotaUs;
  if (vcpupin) parameters[`cputune.vcpupin${vcpupin.vcpu}`] = bitmapText(vcpupin.cpus);
  if (iotune) parameters['blkdeviotune.disk'] = iotune.disk;
  for (const [name, limit] of Object.entries(iotune?.limits ?? {})) {
    parameters[`blkdeviotune.${name}_sec`] = limit.perSecond;
    if (limit.max === 0) continue;
    parameters[`blkdeviotune.${name}_sec_max`] = limit.max;
    parameters[`blkdeviotune.${name}_sec_max_length`] = limit.lengthSeconds;
  }
  return parameters;
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
  replan(core, domain, process, () => tuneModels(core, domain, process, config, change));
  watchBoot(core, domain);
}

function tuneModels(
  core: Core,
  domain: Domain,
  process: EmulatorProcess,
  config: DomainConfig,
  change: TuneChange,
): void {
  const { engine } = domain.host;
  const { machine, ram, container, load } = process;
  const { threshold, link, numatune, iotune } = change;
  const wantedKiB = givenKiB(config, change);
  process.vcpus = config.vcpus;
  process.plan = engine.maker.planOf(config);
  if (container) container.plan = modelContainer(config, engine.host);
  load.kind = loadKindCode(config.load);
  if (wantedKiB !== undefined) {
    load.givenKiB = wantedKiB;
    if (ram) setBalloonTarget(machine, ram.part, ram.guest, wantedKiB);
  }
  if (ram && numatune) process.ram = engine.maker.ramOf(ram.part, engine.maker.memoryOf(config));
  if (link) applyTrouble(process, core.faults.of(domain), config);
  if (iotune) {
    process.disks.forEach((disk, i) => {
      if (disk.config.target !== iotune.disk) return;
      disk.config = config.disks[i]!;
      disk.plan = engine.maker.diskPlanLike(disk.config, disk.plan);
    });
  }
  if (numatune && container)
    container.memory = engine.maker.ramOf(container.memory.part, engine.maker.memoryOf(config));
  const disk = process.disks.find((each) => each.config.target === threshold?.disk);
  if (disk) setThreshold(machine.numbers, disk.place, threshold!.bytes);
}
