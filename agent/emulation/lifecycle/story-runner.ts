import { VirtsnmpError } from '../../util/errors.ts';
import type { ActChange } from '../change.ts';
import { because, type Core, drawDurationMs, emit, emitRaised, touch } from '../core.ts';
import { checkRoom } from '../domain/definition-check.ts';
import { addDomain, type Plan, refuseGone, refuseHung, removeDomain } from '../domain/definitions.ts';
import { type Domain, fieldsOf, type PendingStory } from '../domain/domain.ts';
import { startWithout } from '../domain/missing-images.ts';
import { moveFaults } from '../fault/end-fault.ts';
import { enterPhase, enterState, handMemory, lacksMemory } from '../guest/guest.ts';
import { bootWaitMs } from '../guest/guest-boot.ts';
import { handLoad } from '../guest/guest-load.ts';
import { handDevices } from '../running-devices/device-hooks.ts';
import { type StateName, stateName } from '../states.ts';
import { dirtyMemoryOf } from '../tick/dirty-memory.ts';
import { chooseStory, storiesOf } from './lifecycle.ts';
import {
  completedStatistics,
  MIGRATION_SPEED,
  type MigrationSpeed,
  nextPass,
  passMs,
  startMigration,
} from './migration-job.ts';
import type { ActionName, Step, Story } from './story.ts';

/** What libvirt asks the emulator for at its monitor; all else comes from the guest, or is done to the process. */
const BY_MONITOR: ReadonlySet<ActionName> = new Set([
  'shutdown',
  'suspend',
  'resume',
  'reset',
  'reboot',
  'save',
  'managedsave',
  'dump',
  'dump-crash',
  'pm-suspend-disk',
  'wakeup',
  'snapshot',
  'revert',
  'migrate',
  'cancel-job',
]);

/** Plans {@link ActChange}: finds the story that fits, or says why none does. */
export function planAct(core: Core, change: ActChange): Plan {
  const { domain, action } = change;
  refuseGone(domain);
  if (core.cause !== 'guest' && BY_MONITOR.has(action)) refuseHung(domain, action);
  if (action === 'cancel-job') return planCancel(core, domain);
  if (action === 'recover') return planRecovery(core, domain);
  const { image, imagePaused, pending } = fieldsOf(domain);
  const subject = {
    config: domain.config,
    state: stateOf(domain),
    reason: domain.reason,
    image,
    imagePaused,
  };
  const restores = action === 'restore' || image === 'managed';
  const without =
    action === 'start' || action === 'restore' ? startWithout(core, domain, restores) : undefined;
  const story = chooseStory(without === 'fails' ? 'fail-start' : action, change, subject);
  if (!story) throw refusal(domain, change);
  if (pending && !story.preempts && !pending.story.yields) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} is busy with ${pending.story.action}: ${action} has to wait until that is over`,
    );
  }
  if (action === 'migrate') refuseTarget(change);
  if (action === 'migrate') checkRoom(domain.config, change.target!);
  else if (!domain.isActive && story.steps.some(({ state }) => state && !state.startsWith('SHUTOFF')))
    checkRoom(domain.config, domain.host);
  return () => {
    const react = detach(core, domain);
    if (typeof without === 'object') {
      touch(core, domain);
      const fields = fieldsOf(domain);
      fields.nextConfig ??= fields.config;
      fields.config = without.config;
      for (const event of without.events) emitRaised(core, domain, event);
    }
    proceed(core, {
      story,
      cause: core.cause,
      run: {},
      steps: story.steps,
      timer: undefined,
      source: domain,
      target: action === 'migrate' ? prepareTarget(core, change) : undefined,
      handedOver: false,
      persist: change.persist ?? false,
      undefineSource: change.undefineSource ?? false,
      speed: speedOf(change),
      migration: undefined,
    });
    react();
  };
}

function refusal(domain: Domain, change: ActChange): VirtsnmpError {
  const states = new Set(storiesOf(change.action).flatMap((story) => story.from));
  const state = stateOf(domain);
  const what = `domain ${domain.name} is ${nameOf(domain).toLowerCase()}`;
  const why = states.has(state)
    ? `${change.action} is not possible with this definition, memory image or choice of options`
    : `${change.action} needs it ${[...states].join(', ').toLowerCase()}`;
  return new VirtsnmpError('OPERATION_INVALID', `${what}: ${why}`);
}

function planCancel(core: Core, domain: Domain): Plan {
  const pending = fieldsOf(domain).pending;
  const steps = pending?.story.canceled;
  if (!pending || !steps || pending.source !== domain || pending.handedOver) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} has no job that could be canceled: only save, dump, snapshot and migration before its hand-over can`,
    );
  }
  return () => redirect(core, pending, steps);
}

function planRecovery(core: Core, domain: Domain): Plan {
  const pending = fieldsOf(domain).pending;
  const steps = pending?.story.recovered;
  if (
    !pending ||
    !steps ||
    pending.source !== domain ||
    stateName(domain.state, domain.reason) !== 'PAUSED/POSTCOPY_FAILED'
  ) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} has nothing to recover: only the source of a broken post-copy migration has`,
    );
  }
  return () => redirect(core, pending, steps);
}

/** Lets a pending story go on with other steps. */
function redirect(core: Core, pending: PendingStory, steps: readonly Step[]): void {
  unlink(core, pending);
  proceed(core, { ...pending, timer: undefined, steps });
}

function speedOf({ domain, bandwidth, downtimeMs }: ActChange): MigrationSpeed {
  const usual = MIGRATION_SPEED[domain.host.config.profile];
  return { bandwidth: bandwidth ?? usual.bandwidth, downtimeMs: downtimeMs ?? usual.downtimeMs };
}

function refuseTarget({ domain, target, bandwidth = 1, downtimeMs = 0 }: ActChange): void {
  const refuse = (why: string): VirtsnmpError =>
    new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name} cannot be migrated: ${why}`);
  if (!target) throw refuse('it needs a target host');
  if (!(bandwidth > 0)) throw refuse(`a bandwidth of ${bandwidth} bytes per second; it must be above 0`);
  if (!(downtimeMs >= 0)) throw refuse(`a downtime of ${downtimeMs} ms; it must be 0 or more`);
  if (target === domain.host)
    throw refuse(`it is on host ${target.name} already; the target must be another`);
  const present = target.domains.byUuid(domain.uuid);
  if (present?.isActive) throw refuse(`host ${target.name} has an active domain with its UUID`);
  const namesake = target.domains.byName(domain.name);
  if (present && namesake !== present) throw refuse(`host ${target.name} knows its UUID as ${present.name}`);
  if (!present && namesake) throw refuse(`host ${target.name} has another domain of its name`);
}

/** The copy on the target: the definition that lies there, or a transient one. */
function prepareTarget(core: Core, { domain, target }: ActChange): Domain {
  const present = target!.domains.byUuid(domain.uuid);
  if (!present) return addDomain(core, target!, domain.config, false);
  touch(core, present);
  const fields = fieldsOf(present);
  fields.nextConfig = fields.config;
  fields.config = domain.config;
  return present;
}

const FAILED: Step = { state: 'SHUTOFF/FAILED', emit: ['STOPPED/FAILED'] };

/** What is left to do when the guest that a step started gets no memory: a migration is off, any other start fails. */
function stepsWithoutMemory({ story, target }: PendingStory): readonly Step[] {
  return target ? (story.canceled ?? []) : [FAILED];
}

/** Runs the steps up to the next wait, and waits. `waited`: the first step's wait is over. */
function proceed(core: Core, story: PendingStory, waited = false): void {
  let current = story;
  let ready = waited;
  for (;;) {
    const [step, ...rest] = current.steps;
    if (!step) break;
    if (step.after && !ready) return wait(core, current, step);
    ready = false;
    current = {
      ...current,
      steps: rest,
      timer: undefined,
      handedOver: current.handedOver || step.handsOver === true,
    };
    if (!runStep(core, current, step)) current = { ...current, steps: stepsWithoutMemory(current) };
    if (step.holds) return link(core, current);
  }
  unlink(core, current);
}

function wait(core: Core, story: PendingStory, step: Step): void {
  const durationMs = drawDurationMs(core, story.source, step.after!);
  const goOn = (waiting: PendingStory): void => {
    if (step.passes) beginPass(core, waiting, step.passes);
    else proceed(core, waiting, true);
  };
  if (step.afterBoot) waitForBoot(core, story, durationMs, goOn);
  else goOnAt(core, story, core.clock.nowMs + durationMs, goOn);
}

/** What happens when the wait of a story is over. */
type GoOn = (waiting: PendingStory) => void;

/** Lets a story go on at a simulated time. */
function goOnAt(core: Core, story: PendingStory, atMs: number, goOn: GoOn): void {
  const waiting: PendingStory = {
    ...story,
    timer: core.clock.schedule(atMs, () => {
      core.outbox.hold();
      try {
        because(core, waiting.cause, () => goOn(waiting));
      } finally {
        core.outbox.release();
      }
    }),
  };
  link(core, waiting);
}

/** How long the boot takes is seen as it goes on; what the guest was asked for begins behind it. */
function waitForBoot(core: Core, story: PendingStory, durationMs: number, goOn: GoOn): void {
  const { nowMs } = core.clock;
  if (!story.source.isBooting) return goOnAt(core, story, nowMs + durationMs, goOn);
  const waiting: PendingStory = {
    ...story,
    timer: core.clock.schedule(nowMs + bootWaitMs(core, story.source), () =>
      waitForBoot(core, waiting, durationMs, goOn),
    ),
  };
  link(core, waiting);
}

/** A pass over the memory of a guest that migrates begins; when it ends, another one does, or the wait is over. */
function beginPass(core: Core, story: PendingStory, passes: NonNullable<Step['passes']>): void {
  const { nowMs } = core.clock;
  const { source, speed } = story;
  const job = story.migration ?? startMigration(speed, dirtyMemoryOf(source, nowMs), nowMs);
  emitRaised(core, source, { event: 'MIGRATION_ITERATION', iteration: job.iteration });
  const endMs = nowMs + Math.round(passMs(job));
  goOnAt(core, { ...story, migration: job }, endMs, (waiting) => {
    const next = nextPass(job, dirtyMemoryOf(source, endMs), endMs);
    const after = { ...waiting, migration: next.job };
    if (next.converged || passes === 'one') proceed(core, after, true);
    else beginPass(core, after, passes);
  });
}

/** Makes the domains know the story that they are in; a target that has no more part in it is free. */
function link(core: Core, story: PendingStory): void {
  const bound = story.steps.some((step) => step.on === 'target') || story.steps.length === 0;
  setPending(core, story.source, story);
  if (story.target) setPending(core, story.target, bound ? story : undefined);
}

function unlink(core: Core, story: PendingStory): void {
  story.timer?.cancel();
  for (const domain of [story.source, story.target]) {
    if (domain && fieldsOf(domain).pending?.run === story.run) setPending(core, domain, undefined);
  }
}

function setPending(core: Core, domain: Domain, pending: PendingStory | undefined): void {
  touch(core, domain);
  fieldsOf(domain).pending = pending;
}

/**
 * Ends the story that a domain is in, because something else happens to it.
 *
 * Returns what the other side of a migration does about it, for when this side's own steps are done.
 */
function detach(core: Core, domain: Domain): () => void {
  const pending = fieldsOf(domain).pending;
  if (!pending) return () => {};
  touch(core, pending.source);
  if (pending.target) touch(core, pending.target);
  unlink(core, pending);
  const reaction = reactionTo(pending, domain);
  return () => {
    if (reaction) proceed(core, reaction);
  };
}

function reactionTo(pending: PendingStory, gone: Domain): PendingStory | undefined {
  if (!pending.target) return undefined;
  const lost: NonNullable<Story['lost']> = pending.story.lost ?? {};
  const rest = { ...pending, run: {}, timer: undefined };
  if (gone === pending.source) {
    return { ...rest, steps: (pending.handedOver ? lost.sourceLate : lost.source) ?? [] };
  }
  const steps = pending.handedOver ? lost.targetLate : lost.target;
  return { ...rest, target: undefined, steps: steps ?? [] };
}

/** Returns false for a start that came to nothing: the host has no memory for the guest. */
function runStep(core: Core, story: PendingStory, step: Step): boolean {
  const domain = step.on === 'target' ? story.target : story.source;
  if (!domain || (step.when && stateName(domain.state, domain.reason) !== step.when)) return true;
  touch(core, domain);
  const fields = fieldsOf(domain);
  const wasActive = domain.isActive;
  if (step.persist && story.persist) {
    const known = fields.persistent;
    fields.persistent = true;
    fields.nextConfig = undefined;
    emit(core, domain, known ? 'DEFINED/UPDATED' : 'DEFINED/ADDED');
  }
  if (step.on === 'target' && story.handedOver && nameOf(domain) === 'PAUSED/MIGRATION') {
    handDevices(core, story.source, domain);
    moveFaults(core, story.source, domain);
  }
  if (step.state) enterState(core, domain, step.state);
  if (step.on === 'target' && !wasActive && domain.isActive) {
    handLoad(fieldsOf(story.source).load, fields.load);
    handMemory(core, story.source, domain);
  }
  if (!wasActive && lacksMemory(domain)) {
    core.logger.warn('a host has no memory for a guest that it started', {
      host: domain.host.name,
      domain: domain.name,
      action: story.story.action,
    });
    return false;
  }
  if (step.guest) enterPhase(core, domain, step.guest);
  if (step.image) {
    fields.image = step.image;
    fields.imagePaused = step.imagePaused === true;
  }
  for (const emission of (core.profile === 'rhel6' ? step.rhel6 : undefined) ?? step.emit ?? []) {
    emit(core, domain, emission);
  }
  if (step.job && story.migration) {
    const statistics = completedStatistics(story.migration, core.clock.nowMs);
    emitRaised(core, domain, { event: 'JOB_COMPLETED', operation: step.job, statistics });
  }
  if (!wasActive || domain.isActive) return true;
  if (step.state === 'SHUTOFF/MIGRATED' && story.undefineSource) fields.persistent = false;
  if (!fields.persistent) removeDomain(core, domain);
  return true;
}

function nameOf(domain: Domain): string {
  return stateName(domain.state, domain.reason)!;
}

function stateOf(domain: Domain): StateName {
  return nameOf(domain).split('/')[0] as StateName;
}
