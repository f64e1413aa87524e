import { VirtsnmpError } from '../../util/errors.ts';
import { iotuneRefusal } from '../block/block-config.ts';
import { namespaceRefusal } from '../container/namespaces.ts';
import { devicesRefusal } from '../devices/device-plan.ts';
import type { Host } from '../host/host.ts';
import { isContainer, isParavirtual } from '../process/process-config.ts';
import { checkPvMemory, PV_LIMIT_GIB } from '../xen/pv-limit.ts';
import type { DomainConfig } from './domain-config.ts';

/** Refuses a definition that the host could never start: throws DOMAIN_INVALID. */
export function checkDefinition(config: DomainConfig, host: Host): void {
  const why = definitionRefusal(config, host);
  if (why !== undefined) throw new VirtsnmpError('DOMAIN_INVALID', `domain ${config.name}: ${why}`);
}

function definitionRefusal(config: DomainConfig, host: Host): string | undefined {
  if (isParavirtual(config)) {
    const refusal = checkPvMemory(config.memoryKiB, PV_LIMIT_GIB.rhel6);
    if (refusal) return refusal;
  }
  for (const { target, iotune } of config.disks) {
    const refusal = iotune && iotuneRefusal(iotune);
    if (refusal) return `disk ${target}: ${refusal}`;
  }
  const memory = memoryDeviceRefusal(config);
  if (memory !== undefined) return memory;
  const devices = devicesRefusal(config, host.config.profile);
  if (devices !== undefined) return devices;
  if (!isContainer(config)) {
    // Compiling it is what finds nodes that the host has not.
    if (config.numatune) host.engine.maker.memoryOf(config);
    return undefined;
  }
  const { privnet = false, idmap = false } = config.container ?? {};
  return namespaceRefusal(host.config.profile, { interfaces: config.nics.length, privnet, idmap });
}

function memoryDeviceRefusal({
  memoryDevice,
  memoryKiB,
  currentMemoryKiB,
}: DomainConfig): string | undefined {
  if (!memoryDevice) return undefined;
  const { sizeKiB, blockKiB } = memoryDevice;
  if (blockKiB < 2048 || blockKiB % 2048 !== 0)
    return `a memory device with blocks of ${blockKiB} KiB; they must be 2048 KiB or a multiple of it`;
  if (sizeKiB % blockKiB !== 0 || sizeKiB < blockKiB || sizeKiB >= memoryKiB)
    return `a memory device of ${sizeKiB} KiB; it must be whole blocks, and less than the maximum memory of ${memoryKiB} KiB`;
  const plugged = currentMemoryKiB - (memoryKiB - sizeKiB);
  if (plugged < 0 || plugged % blockKiB !== 0)
    return `${currentMemoryKiB} KiB at start; beside the memory device it must be ${memoryKiB - sizeKiB} KiB and whole blocks`;
  return undefined;
}

/** Refuses a start for which the host has no memory, or is not up: throws OPERATION_INVALID. Changes nothing. */
export function checkRoom(config: DomainConfig, host: Host): void {
  if (host.state !== 'up')
    throw new VirtsnmpError('OPERATION_INVALID', `host ${host.name} is rebooting; wait until it is up`);
  const why = host.engine.maker.refusal(config, { currentKiB: config.currentMemoryKiB });
  if (why !== undefined)
    throw new VirtsnmpError('OPERATION_INVALID', `domain ${config.name} on host ${host.name}: ${why}`);
}
