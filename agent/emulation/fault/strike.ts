import { noise, streamKey } from '../../util/random.ts';
import type { DeviceAction } from '../change.ts';
import { type Core, emitRaised, touch } from '../core.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { powerLoss } from '../host/host-life.ts';
import { deviceRefusal, planDevice } from '../running-devices/plan-device.ts';
import type { FaultRecord } from './fault-board.ts';
import type { FaultKind, FaultParameters } from './fault-kind.ts';
import { freezeStatistics } from './freeze.ts';

/** What happens in or to a guest's devices when a fault begins, for the kinds that are of this sort. */
const DEVICE_ACTIONS: Partial<
  Record<FaultKind, (parameters: FaultParameters, frame: number) => DeviceAction>
> = {
  'guest-hang': () => ({ kind: 'hang' }),
  'guest-panic': () => ({ kind: 'panic' }),
  'agent-death': () => ({ kind: 'agent-death' }),
  'watchdog-starve': () => ({ kind: 'starve' }),
  'qxl-guest-bug': () => ({ kind: 'qxl-bug' }),
  'memory-failure': ({ recipient = 'GUEST', actionRequired = true, outcome = 'Recovered' }, frame) => ({
    kind: 'memory-failure',
    recipient,
    actionRequired,
    frame,
    outcome,
  }),
};

/** Whether a kind of fault does something once, when it begins. */
export function isStrike(kind: FaultKind): boolean {
  return DEVICE_ACTIONS[kind] !== undefined || kind === 'hung-monitor' || kind === 'host-crash';
}

/** Why it cannot be done to an active domain as it is; `undefined` when it can. */
export function strikeRefusal(
  { kind, parameters }: { readonly kind: FaultKind; readonly parameters: FaultParameters },
  domain: Domain,
): string | undefined {
  if (kind === 'hung-monitor') return fieldsOf(domain).frozen ? 'its monitor hangs already' : undefined;
  const action = DEVICE_ACTIONS[kind]?.(parameters, 0);
  return action && deviceRefusal(domain, action);
}

/** Does it. */
export function strike(core: Core, record: FaultRecord, durationMs: number | undefined): void {
  const { kind, host, domain, id, parameters } = record;
  if (kind === 'host-crash') return powerLoss(core, host, durationMs ?? 0);
  if (!domain) return;
  if (kind === 'hung-monitor') {
    touch(core, domain);
    freezeStatistics(domain);
    emitRaised(core, domain, { event: 'CONTROL_ERROR', reason: 'MONITOR' });
    return;
  }
  const key = streamKey(core.seed, 'fault-frame', domain.host.name, domain.uuid);
  const frame = Math.floor(noise(key, id) * (domain.maxMemoryKiB / 4));
  planDevice(core, { op: 'device', domain, action: DEVICE_ACTIONS[kind]!(parameters, frame) })();
}
