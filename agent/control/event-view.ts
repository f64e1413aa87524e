import type { EmulationEvent } from '../emulation/events.ts';
import { isDomainEvent } from '../emulation/events.ts';
import { eventName, stateName } from '../emulation/states.ts';

/** An event as followers are told of it: plain values of its moment. */
export function eventView(event: EmulationEvent): object {
  const base = {
    sequence: event.sequence,
    time: new Date(event.wallMs).toISOString(),
    atMs: event.atMs,
    host: event.host.name,
    cause: event.cause,
    ...(event.faults.length > 0 && { faults: event.faults }),
  };
  if (isDomainEvent(event)) {
    return {
      ...base,
      guest: event.name,
      uuid: event.uuid,
      event: event.kind === 'lifecycle' ? eventName(event.event, event.detail) : event.event,
      state: stateName(event.state, event.reason),
      ...(event.kind === 'device' && { payload: event.payload }),
    };
  }
  if (event.kind === 'alarm') {
    const { host: _host, domain, ...alarm } = event.alarm;
    return { ...base, event: event.event, ...(domain && { guest: domain.name, uuid: domain.uuid }), alarm };
  }
  if (event.kind === 'fault') {
    const { host: _host, domain, ...fault } = event.fault;
    return { ...base, event: event.event, ...(domain && { guest: domain.name, uuid: domain.uuid }), fault };
  }
  return { ...base, event: event.event };
}
