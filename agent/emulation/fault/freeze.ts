import { guestMsOf } from '../devices/guest-devices.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';

/**
 * Has everything that is read of an active domain be as it is now, whatever it does, until its monitor answers.
 *
 * Its numbers are copied: a counter of the past cannot be read from a machine that has gone on.
 */
export function freezeStatistics(domain: Domain): void {
  const fields = fieldsOf(domain);
  const { process, devices } = fields;
  if (!process) return;
  const { nowMs } = domain;
  const { layout, numbers } = process.machine;
  fields.frozen = {
    nowMs,
    process: { ...process, machine: { layout, numbers: numbers.slice() } },
    devices,
    guestMs: devices ? guestMsOf(devices, nowMs) : 0,
  };
}
