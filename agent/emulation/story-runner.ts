import { VirtsnmpError } from '../util/errors.ts';
import type { ActChange } from './change.ts';
import { type Core, drawDurationMs, emit, touch } from './core.ts';
import { checkRoom } from './definition-check.ts';
import { addDomain, type Plan, refuseGone, removeDomain } from './definitions.ts';
import { type Domain, fieldsOf, type PendingStory } from './domain.ts';
import { bootLeftMs, enterPhase, enterState, handMemory } from './guest.ts';
import { handLoad } from './guest-load.ts';
import { chooseStory, storiesOf } from './lifecycle.ts';
import { handDevices } from './running-devices/device-hooks.ts';
import { type StateName, stateName } from './states.ts';
import type { Step, Story } from './story.ts';

/** Plans {@link ActChange}: finds the story that fits, or says why none does. */
export function planAct(core: Core, change: ActChange): Plan {
  const { domain, action } = change;
  refuseGone(domain);
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
  const story = chooseStory(action, change, subject);
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
    proceed(core, {
      story,
      run: {},
      steps: story.steps,
      timer: undefined,
      source: domain,
      target: action === 'migrate' ? prepareTarget(core, change) : undefined,
      handedOver: false,
      persist: change.persist ?? false,
      undefineSource: change.undefineSource ?? false,
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

function refuseTarget({ domain, target }: ActChange): void {
  const refuse = (why: string): VirtsnmpError =>
    new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name} cannot be migrated: ${why}`);
  if (!target) throw refuse('it needs a target host');
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
    runStep(core, current, step);
    if (step.holds) return link(core, current);
  }
  unlink(core, current);
}

function wait(core: Core, story: PendingStory, step: Step): void {
  const boot = step.afterBoot ? bootLeftMs(core, story.source) : 0;
  const at = core.clock.nowMs + boot + drawDurationMs(core, story.source, step.after!);
  const waiting: PendingStory = {
    ...story,
    timer: core.clock.schedule(at, () => {
      core.outbox.hold();
      try {
        proceed(core, waiting, true);
      } finally {
        core.outbox.release();
      }
    }),
  };
  link(core, waiting);
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

function runStep(core: Core, story: PendingStory, step: Step): void {
  const domain = step.on === 'target' ? story.target : story.source;
  if (!domain || (step.when && stateName(domain.state, domain.reason) !== step.when)) return;
  touch(core, domain);
  const fields = fieldsOf(domain);
  const wasActive = domain.isActive;
  if (step.persist && story.persist) {
    const known = fields.persistent;
    fields.persistent = true;
    fields.nextConfig = undefined;
    emit(core, domain, known ? 'DEFINED/UPDATED' : 'DEFINED/ADDED');
  }
  if (step.on === 'target' && story.handedOver && nameOf(domain) === 'PAUSED/MIGRATION')
    handDevices(core, story.source, domain);
  if (step.state) enterState(core, domain, step.state);
  if (step.on === 'target' && !wasActive && domain.isActive) {
    handLoad(fieldsOf(story.source).load, fields.load);
    handMemory(core, story.source, domain);
  }
  if (step.guest) enterPhase(core, domain, step.guest);
  if (step.image) {
    fields.image = step.image;
    fields.imagePaused = step.imagePaused === true;
  }
  for (const emission of (core.profile === 'rhel6' ? step.rhel6 : undefined) ?? step.emit ?? []) {
    emit(core, domain, emission);
  }
  if (!wasActive || domain.isActive) return;
  if (step.state === 'SHUTOFF/MIGRATED' && story.undefineSource) fields.persistent = false;
  if (!fields.persistent) removeDomain(core, domain);
}

function nameOf(domain: Domain): string {
  return stateName(domain.state, domain.reason)!;
}

function stateOf(domain: Domain): StateName {
  return nameOf(domain).split('/')[0] as StateName;
}
