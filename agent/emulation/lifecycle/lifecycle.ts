import type { DomainConfig } from '../domain/domain-config.ts';
import { DOMAIN_STATE, type StateName, type StateReason, stateNumbers } from '../states.ts';
import { CRASHING } from './crash.ts';
import { BY_DEVICES } from './device.ts';
import { MIGRATING } from './migration.ts';
import { POWER } from './power.ts';
import { SAVING } from './save.ts';
import type { ActionName, ActionOptions, ImageKind, Story, StoryCondition } from './story.ts';

/**
 * The life cycle of a domain: one row for each action, by the state it begins in and its conditions.
 *
 * The order of events is that of libvirt's QEMU driver. Conditions of rows with the same action exclude
 * each other, so at most one row fits.
 */
export const LIFECYCLE: readonly Story[] = [...POWER, ...SAVING, ...CRASHING, ...MIGRATING, ...BY_DEVICES];

/** What the choice of a story looks at. */
export interface StorySubject {
  readonly config: DomainConfig;
  readonly state: StateName;
  readonly reason: number;
  readonly image: ImageKind;
  readonly imagePaused: boolean;
}

const BY_ACTION = new Map<ActionName, readonly Story[]>();
for (const story of LIFECYCLE) BY_ACTION.set(story.action, [...(BY_ACTION.get(story.action) ?? []), story]);

/** The rows of one action. */
export function storiesOf(action: ActionName): readonly Story[] {
  return BY_ACTION.get(action) ?? [];
}

/** The row that fits an action on a domain as it is; `undefined` when none does. */
export function chooseStory(
  action: ActionName,
  options: ActionOptions,
  subject: StorySubject,
): Story | undefined {
  return storiesOf(action).find(
    (story) => story.from.includes(subject.state) && holds(story.when ?? {}, options, subject),
  );
}

function holds(when: StoryCondition, options: ActionOptions, subject: StorySubject): boolean {
  return (
    (when.paused === undefined || when.paused === (options.paused ?? false)) &&
    (when.to === undefined || when.to === (options.to ?? 'running')) &&
    (when.mode === undefined || when.mode === (options.mode ?? 'precopy')) &&
    (when.outcome === undefined || when.outcome === (options.outcome ?? 'success')) &&
    (when.image === undefined || when.image.includes(subject.image)) &&
    (when.imagePaused === undefined || when.imagePaused === subject.imagePaused) &&
    (when.onCrash === undefined || when.onCrash.includes(subject.config.onCrash)) &&
    (when.unless === undefined || !when.unless.some((name) => isIn(subject, name))) &&
    (when.types === undefined || when.types.includes(subject.config.type))
  );
}

function isIn(subject: StorySubject, name: StateReason): boolean {
  const { state, reason } = stateNumbers(name);
  return DOMAIN_STATE[subject.state] === state && subject.reason === reason;
}
