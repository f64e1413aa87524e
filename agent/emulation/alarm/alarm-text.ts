import type { Host } from '../host/host.ts';
import type { AlarmResource } from './alarm.ts';
import type { AlarmSubject } from './alarm-book.ts';

/** Characters of a name that is not the simulation's own; texts end well below 255 octets. */
const MOST_OF_A_NAME = 48;

/** One sentence on what is wrong; `detail` tells what happened. */
export function alarmText(
  host: Host,
  { kind, resource }: AlarmSubject,
  value: number,
  detail?: string,
): string {
  const share = `${value.toFixed(1)} %`;
  const what = nameOf(host, resource);
  switch (kind) {
    case 'stealHigh':
      return `The guest's vCPUs waited for a processor during ${share} of their time`;
    case 'hostMemoryPressure':
      return `${share} of the host's memory is in use`;
    case 'containerThrottled':
      return `The container's quota held back ${share} of the CPU time that it wanted`;
    case 'queueDrops':
      return `${share} of the frames offered to ${what} were dropped`;
    case 'numaImbalance':
      return `${what} has ${value.toFixed(1)} percentage points more of its memory in use than the host`;
    case 'poolNearlyFull':
    case 'poolFull':
      return `${share} of ${what} is allocated`;
    case 'sensorOutOfRange':
      return `${what} shows ${share} of its limit`;
    case 'hostNicDown':
      return `${what} has no link`;
    case 'monitorHung':
      return "The guest's emulator does not answer any more: its statistics stand still";
    case 'displayGuestBug':
      return "The guest's display driver made a mistake: the device has stopped until a reset";
    case 'guestCrashed':
      return 'The guest has crashed';
    case 'agentLost':
      return 'The guest agent has closed its channel';
    case 'guestOom':
    case 'containerOom':
    case 'diskError':
    case 'memoryFailure':
      return detail ?? kind;
  }
}

function nameOf(host: Host, resource: AlarmResource): string {
  switch (resource.kind) {
    case 'queue':
      return `queue ${resource.queue} of NIC ${resource.nic} (${resource.direction})`;
    case 'node':
      return `NUMA node ${resource.node}`;
    case 'pool':
      return `storage pool ${brief(host.config.pools[resource.pool]!.name)}`;
    case 'sensor':
      return `Sensor ${brief(host.config.sensors[resource.sensor]!.name)}`;
    case 'uplink':
      return `The uplink of ${brief(resource.segment)}`;
    case 'slave':
      return `The uplink ${resource.name} of ${brief(resource.segment)}`;
    default:
      return resource.kind;
  }
}

function brief(name: string): string {
  return name.slice(0, MOST_OF_A_NAME);
}
