import {
  readBlocked,
  readExits,
  readOffline,
  readPollFail,
  readSteal,
  readThreadTime,
  readVcpu,
  type VcpuExits,
  type VcpuField,
} from '../vcpu/vcpu-read.ts';
import type { EmulatorProcess } from './emulator-process.ts';

/**
 * What one vCPU of an active domain has done since its emulator process began, up to one instant.
 *
 * Times are whole ns. Running, steal, blocked and offline add up to the vCPU's age.
 */
export class VcpuStatistics {
  readonly #process: EmulatorProcess;
  readonly #vcpu: number;
  readonly #nowMs: number;

  constructor(process: EmulatorProcess, vcpu: number, nowMs: number) {
    this.#process = process;
    this.#vcpu = vcpu;
    this.#nowMs = nowMs;
  }

  /** Whether it is plugged in. */
  get online(): boolean {
    return this.#vcpu < this.#process.vcpus;
  }

  /** CPU time of its thread, in the guest and polling. libvirt: vcpu.N.time. */
  get timeNs(): number {
    return this.#of(readThreadTime);
  }

  /** It wanted to run and did not. libvirt: vcpu.N.delay and, with its quota, vcpu.N.wait. */
  get stealNs(): number {
    return this.#of(readSteal);
  }

  /** It had nothing to do. */
  get blockedNs(): number {
    return this.#of(readBlocked);
  }

  /** It could not run at all: the domain was paused, or the vCPU is not plugged in. */
  get offlineNs(): number {
    return this.#of(readOffline);
  }

  /** Polling after which it went to sleep all the same. */
  get haltPollFailNs(): number {
    return this.#of(readPollFail);
  }

  /** VM exits. */
  get exits(): VcpuExits {
    return this.#of(readExits);
  }

  /** Any field that is counted as such. */
  read(field: VcpuField): number {
    return readVcpu(this.#process.machine, this.#process.places, this.#vcpu, field, this.#nowMs);
  }

  #of<T>(
    read: (
      machine: EmulatorProcess['machine'],
      places: EmulatorProcess['places'],
      vcpu: number,
      nowMs: number,
    ) => T,
  ): T {
    return read(this.#process.machine, this.#process.places, this.#vcpu, this.#nowMs);
  }
}
