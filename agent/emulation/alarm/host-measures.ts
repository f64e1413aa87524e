import type { Host } from '../host/host.ts';
import { uplinksOf } from '../host/host-links.ts';
import type { SensorReading } from '../platform/sensors.ts';
import type { AlarmBook, AlarmSubject } from './alarm-book.ts';

const HOST = { kind: 'host' } as const;

/** Looks at what a host itself has. */
export function measureHost(book: AlarmBook, host: Host, nowMs: number): void {
  const { memory, storage, config } = host;
  const observe = (kind: AlarmSubject['kind'], resource: AlarmSubject['resource'], value: number): void =>
    book.observe({ kind, domain: undefined, resource }, value, nowMs);
  const usedShare = 100 * (1 - memory.freeShare);
  observe('hostMemoryPressure', HOST, usedShare);
  const { nodes } = memory;
  for (let node = 0; node < nodes.count; node++) {
    const used = 100 * (1 - nodes.free[node]! / nodes.total[node]!);
    observe('numaImbalance', { kind: 'node', node }, used - usedShare);
  }
  for (let pool = 0; pool < config.pools.length; pool++) {
    const { allocation, capacity } = storage.pools.read(pool, nowMs);
    const resource = { kind: 'pool', pool } as const;
    const share = (100 * allocation) / capacity;
    observe('poolNearlyFull', resource, share);
    observe('poolFull', resource, share);
  }
  for (const { segment, nic } of uplinksOf(host)) {
    const { name } = segment.config;
    const resource = segment.bond
      ? ({ kind: 'slave', segment: name, name: nic.config.name } as const)
      : ({ kind: 'uplink', segment: name } as const);
    // That a host without power has no link is no trouble of the link's own.
    observe('hostNicDown', resource, Number(!nic.carrier || !nic.enabled));
  }
  host.sensors.read(nowMs).forEach((reading, sensor) => {
    observe('sensorOutOfRange', { kind: 'sensor', sensor }, shareOfLimit(reading));
  });
}

/** How near to its limit a sensor is, in percent: above 100 is out of range. */
function shareOfLimit({ value, low, high }: SensorReading): number {
  const toHigh = high === undefined || high <= 0 ? 0 : (100 * value) / high;
  const toLow = low === undefined || low <= 0 ? 0 : (100 * low) / Math.max(1, value);
  return Math.max(toHigh, toLow);
}
