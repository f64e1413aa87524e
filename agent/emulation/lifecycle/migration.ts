import { LIVE, type Step, type Story } from './story.ts';

/** The target makes its copy ready first: from here on both hosts list the UUID. */
const PREPARED: Step = { on: 'target', state: 'PAUSED/MIGRATION', guest: 'up', emit: ['STARTED/MIGRATED'] };

const SWITCHED: Step = {
  after: 'precopy',
  passes: 'all',
  state: 'PAUSED/MIGRATION',
  emit: ['SUSPENDED/MIGRATED'],
};

const TARGET_FAILED: Step = { on: 'target', state: 'SHUTOFF/FAILED', emit: ['STOPPED/FAILED'] };

const SOURCE_RUNS_ON: Step = {
  when: 'PAUSED/MIGRATION',
  state: 'RUNNING/MIGRATION_CANCELED',
  emit: ['RESUMED/MIGRATED'],
};

const CONFIRMED: Step = {
  after: 'confirm',
  state: 'SHUTOFF/MIGRATED',
  emit: ['STOPPED/MIGRATED'],
  job: 'MIGRATION_OUT',
};

const POSTCOPY_BEGINS: readonly Step[] = [
  PREPARED,
  {
    after: 'firstPass',
    passes: 'one',
    handsOver: true,
    state: 'PAUSED/POSTCOPY',
    emit: ['SUSPENDED/POSTCOPY'],
  },
  { on: 'target', after: 'switchover', state: 'RUNNING/POSTCOPY', emit: ['RESUMED/POSTCOPY'] },
];

const POSTCOPY_ENDS: readonly Step[] = [
  {
    on: 'target',
    after: 'postcopy',
    persist: true,
    state: 'RUNNING/MIGRATED',
    emit: ['RESUMED/MIGRATED'],
    job: 'MIGRATION_IN',
  },
  CONFIRMED,
];

const SOURCE_BROKEN: Step = {
  when: 'PAUSED/POSTCOPY',
  state: 'PAUSED/POSTCOPY_FAILED',
  emit: ['SUSPENDED/POSTCOPY_FAILED'],
};

const TARGET_BROKEN: Step = {
  on: 'target',
  when: 'RUNNING/POSTCOPY',
  state: 'RUNNING/POSTCOPY_FAILED',
  emit: ['RESUMED/POSTCOPY_FAILED'],
};

/** Once the guest has moved by post-copy, neither side alone has all of its memory. */
const POSTCOPY_LOST: NonNullable<Story['lost']> = {
  source: [TARGET_FAILED],
  target: [],
  sourceLate: [TARGET_BROKEN, { ...TARGET_FAILED, when: 'PAUSED/MIGRATION' }],
  targetLate: [SOURCE_BROKEN],
};

/** Moving a guest to another host; the source is the domain acted on. */
export const MIGRATING: readonly Story[] = [
  {
    action: 'migrate',
    when: { mode: 'precopy', outcome: 'success' },
    from: LIVE,
    steps: [
      PREPARED,
      SWITCHED,
      {
        on: 'target',
        after: 'switchover',
        persist: true,
        handsOver: true,
        state: 'RUNNING/MIGRATED',
        emit: ['RESUMED/MIGRATED'],
        job: 'MIGRATION_IN',
      },
      CONFIRMED,
    ],
    canceled: [TARGET_FAILED, SOURCE_RUNS_ON],
    lost: { source: [TARGET_FAILED], target: [SOURCE_RUNS_ON] },
  },
  {
    action: 'migrate',
    when: { mode: 'precopy', outcome: 'failure' },
    from: LIVE,
    steps: [PREPARED, SWITCHED, { after: 'switchover', ...TARGET_FAILED }, SOURCE_RUNS_ON],
    canceled: [TARGET_FAILED, SOURCE_RUNS_ON],
    lost: { source: [TARGET_FAILED], target: [SOURCE_RUNS_ON] },
  },
  {
    action: 'migrate',
    when: { mode: 'postcopy', outcome: 'success' },
    from: LIVE,
    steps: [...POSTCOPY_BEGINS, ...POSTCOPY_ENDS],
    canceled: [TARGET_FAILED],
    lost: POSTCOPY_LOST,
  },
  {
    // The link breaks after the guest has moved; it runs on until it needs a page that it does not have.
    action: 'migrate',
    when: { mode: 'postcopy', outcome: 'failure' },
    from: LIVE,
    steps: [...POSTCOPY_BEGINS, { after: 'postcopy', ...SOURCE_BROKEN }, { ...TARGET_BROKEN, holds: true }],
    canceled: [TARGET_FAILED],
    recovered: [
      { state: 'PAUSED/POSTCOPY', emit: ['SUSPENDED/POSTCOPY'] },
      { on: 'target', state: 'RUNNING/POSTCOPY', emit: ['RESUMED/POSTCOPY'] },
      ...POSTCOPY_ENDS,
    ],
    lost: POSTCOPY_LOST,
  },
];
