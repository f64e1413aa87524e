import { type Domain, fieldsOf } from '../domain/domain.ts';
import { DOMAIN_STATE, STATE_REASON } from '../states.ts';
import type { AlarmBook } from './alarm-book.ts';

const GUEST = { kind: 'guest' } as const;
const DISPLAY = { kind: 'display' } as const;

/** Looks at what a guest is in now, active or not. */
export function lookAtState(book: AlarmBook, domain: Domain, nowMs: number): void {
  const isOpen = book.isOpen(domain);
  const hasCrashed = isCrashed(domain);
  if (isOpen || hasCrashed)
    book.observe({ kind: 'guestCrashed', domain, resource: GUEST }, Number(hasCrashed), nowMs);
  const { devices } = fieldsOf(domain);
  if (!devices) return;
  const isHung = domain.isMonitorHung;
  if (isOpen || isHung) book.observe({ kind: 'monitorHung', domain, resource: GUEST }, Number(isHung), nowMs);
  const hasBug = devices.display?.qxl.guestBug === true;
  if (isOpen || hasBug)
    book.observe({ kind: 'displayGuestBug', domain, resource: DISPLAY }, Number(hasBug), nowMs);
  const isLost = agentIsLost(domain);
  if (isOpen || isLost) book.observe({ kind: 'agentLost', domain, resource: GUEST }, Number(isLost), nowMs);
  if (isOpen) prolongDiskErrors(book, domain);
}

/** Crashed, and not running again by itself or by somebody. */
function isCrashed({ state, reason }: Domain): boolean {
  if (state === DOMAIN_STATE.CRASHED) return true;
  return state === DOMAIN_STATE.SHUTOFF && reason === STATE_REASON.SHUTOFF.CRASHED;
}

/** An agent that had come is gone, from a guest that runs and neither boots nor goes down. */
function agentIsLost(domain: Domain): boolean {
  const { state, isBooting } = domain;
  const { devices, process } = fieldsOf(domain);
  const agent = devices?.agent;
  if (!agent || agent.connected || agent.connects === 0) return false;
  return state === DOMAIN_STATE.RUNNING && !isBooting && process?.load.phase === 'up';
}

/** A guest that was stopped by an error of a disk sends it no further request: the error goes on. */
function prolongDiskErrors(book: AlarmBook, domain: Domain): void {
  if (domain.state !== DOMAIN_STATE.PAUSED || domain.reason !== STATE_REASON.PAUSED.IOERROR) return;
  for (const { config } of fieldsOf(domain).process?.disks ?? [])
    book.prolong({ kind: 'diskError', domain, resource: { kind: 'disk', target: config.target } });
}
