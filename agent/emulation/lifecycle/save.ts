import { type ActionName, type ImageKind, LIVE, type Step, type Story } from './story.ts';

/** The guest stands still while its memory is written; rhel6 says nothing about that pause. */
const STOP_TO_SAVE: Step = { state: 'PAUSED/SAVE', emit: ['SUSPENDED/PAUSED'], rhel6: [] };

const RUN_ON: Step = { state: 'RUNNING/SAVE_CANCELED', emit: ['RESUMED/UNPAUSED'] };

/** Writing a memory image, to a file or to libvirt's own folder. */
function savingTo(action: ActionName, image: ImageKind): readonly Story[] {
  const saved: Step = { after: 'save', state: 'SHUTOFF/SAVED', image, emit: ['STOPPED/SAVED'] };
  return [
    {
      action,
      when: { outcome: 'success' },
      from: LIVE,
      steps: [STOP_TO_SAVE, saved],
      canceled: [RUN_ON],
    },
    {
      action,
      when: { outcome: 'success', unless: ['PAUSED/POSTCOPY_FAILED'] },
      from: ['PAUSED'],
      steps: [{ state: 'PAUSED/SAVE' }, { ...saved, imagePaused: true }],
      canceled: [{ state: 'PAUSED/USER' }],
    },
    {
      // The disk is full: the guest runs on.
      action,
      when: { outcome: 'failure' },
      from: LIVE,
      steps: [STOP_TO_SAVE, { after: 'save', ...RUN_ON }],
      canceled: [RUN_ON],
    },
    {
      // The disk is full, and the vCPUs cannot be started again either.
      action,
      when: { outcome: 'api-error' },
      from: LIVE,
      steps: [STOP_TO_SAVE, { after: 'save', state: 'PAUSED/API_ERROR', emit: ['SUSPENDED/API_ERROR'] }],
      canceled: [RUN_ON],
    },
  ];
}

/** Reading it back; `start` does the same when libvirt keeps an image of its own. */
function restoringBy(action: ActionName, images: readonly ImageKind[]): readonly Story[] {
  const loading: Step = { state: 'PAUSED/STARTING_UP' };
  return [
    {
      action,
      when: { image: images, imagePaused: false, paused: false },
      from: ['SHUTOFF'],
      steps: [
        loading,
        {
          after: 'restore',
          state: 'RUNNING/RESTORED',
          guest: 'up',
          image: 'none',
          emit: ['STARTED/RESTORED'],
        },
      ],
    },
    {
      action,
      when: { image: images, imagePaused: true, paused: false },
      from: ['SHUTOFF'],
      steps: [
        loading,
        {
          after: 'restore',
          state: 'PAUSED/USER',
          guest: 'up',
          image: 'none',
          emit: ['STARTED/RESTORED', 'SUSPENDED/RESTORED'],
        },
      ],
    },
    {
      action,
      when: { image: images, paused: true },
      from: ['SHUTOFF'],
      steps: [
        loading,
        {
          after: 'restore',
          state: 'PAUSED/USER',
          guest: 'up',
          image: 'none',
          emit: ['STARTED/RESTORED', 'SUSPENDED/PAUSED'],
        },
      ],
    },
  ];
}

/** Save and restore, snapshots: what puts a guest's memory aside. */
export const SAVING: readonly Story[] = [
  ...savingTo('save', 'file'),
  ...savingTo('managedsave', 'managed'),
  ...restoringBy('restore', ['file']),
  ...restoringBy('start', ['managed']),
  {
    action: 'managedsave-remove',
    when: { image: ['managed'] },
    from: ['SHUTOFF'],
    steps: [{ image: 'none' }],
  },
  {
    action: 'snapshot',
    from: LIVE,
    steps: [
      { state: 'PAUSED/SNAPSHOT', emit: ['SUSPENDED/PAUSED'], rhel6: [] },
      { after: 'snapshot', state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'], rhel6: [] },
    ],
    canceled: [{ state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'], rhel6: [] }],
  },
  {
    action: 'revert',
    when: { to: 'running' },
    from: ['SHUTOFF'],
    steps: [{ state: 'RUNNING/FROM_SNAPSHOT', guest: 'up', emit: ['STARTED/FROM_SNAPSHOT'] }],
  },
  {
    action: 'revert',
    when: { to: 'running' },
    from: [...LIVE, 'PAUSED'],
    steps: [{ state: 'RUNNING/FROM_SNAPSHOT', guest: 'up', emit: ['RESUMED/FROM_SNAPSHOT'] }],
  },
  {
    action: 'revert',
    when: { to: 'paused' },
    from: ['SHUTOFF'],
    steps: [
      {
        state: 'PAUSED/FROM_SNAPSHOT',
        guest: 'up',
        emit: ['STARTED/FROM_SNAPSHOT', 'SUSPENDED/FROM_SNAPSHOT'],
      },
    ],
  },
  {
    action: 'revert',
    when: { to: 'paused' },
    from: LIVE,
    steps: [{ state: 'PAUSED/FROM_SNAPSHOT', guest: 'up', emit: ['SUSPENDED/FROM_SNAPSHOT'] }],
  },
  {
    // It was paused and is paused: nothing that an event would tell.
    action: 'revert',
    when: { to: 'paused' },
    from: ['PAUSED'],
    steps: [{ state: 'PAUSED/FROM_SNAPSHOT', guest: 'up' }],
  },
  {
    action: 'revert',
    when: { to: 'shutoff' },
    from: ['SHUTOFF'],
    steps: [{ state: 'SHUTOFF/FROM_SNAPSHOT', emit: ['DEFINED/FROM_SNAPSHOT'] }],
  },
  {
    action: 'revert',
    when: { to: 'shutoff' },
    from: [...LIVE, 'PAUSED'],
    steps: [{ state: 'SHUTOFF/FROM_SNAPSHOT', emit: ['STOPPED/FROM_SNAPSHOT'] }],
  },
];
