import { ACTIVE, LIVE, type Step, type Story } from './story.ts';

/** The guest is off and its emulator's process goes away. */
const GONE: Step = { after: 'exit', state: 'SHUTOFF/SHUTDOWN', emit: ['STOPPED/SHUTDOWN'] };

/** Power on and off, pause, reset, sleep: the domain alone, no image and no other host. */
export const POWER: readonly Story[] = [
  {
    action: 'start',
    when: { paused: false, image: ['none', 'file'] },
    from: ['SHUTOFF'],
    steps: [{ state: 'RUNNING/BOOTED', guest: 'booting', emit: ['STARTED/BOOTED'] }],
  },
  {
    action: 'start',
    when: { paused: true, image: ['none', 'file'] },
    from: ['SHUTOFF'],
    steps: [{ state: 'PAUSED/USER', guest: 'booting', emit: ['STARTED/BOOTED', 'SUSPENDED/PAUSED'] }],
  },
  {
    action: 'fail-start',
    from: ['SHUTOFF'],
    steps: [
      { state: 'PAUSED/STARTING_UP' },
      { after: 'startFailure', state: 'SHUTOFF/FAILED', emit: ['STOPPED/FAILED'] },
    ],
  },
  {
    // An ACPI request; a guest that is still booting answers it once it is up.
    action: 'shutdown',
    from: LIVE,
    steps: [
      { state: 'SHUTDOWN/USER', guest: 'closing' },
      {
        after: 'shutdown',
        afterBoot: true,
        guest: 'off',
        emit: ['SHUTDOWN/GUEST'],
        rhel6: ['SHUTDOWN/FINISHED'],
      },
      GONE,
    ],
  },
  {
    // `poweroff` inside the guest: libvirt learns of it when the guest is done.
    action: 'guest-shutdown',
    from: LIVE,
    yields: true,
    steps: [
      { guest: 'closing' },
      {
        after: 'shutdown',
        state: 'SHUTDOWN/UNKNOWN',
        guest: 'off',
        emit: ['SHUTDOWN/GUEST'],
        rhel6: ['SHUTDOWN/FINISHED'],
      },
      GONE,
    ],
  },
  {
    // SIGTERM to the emulator, as when the host shuts down.
    action: 'terminate',
    from: ACTIVE,
    preempts: true,
    steps: [
      { state: 'SHUTDOWN/UNKNOWN', guest: 'off', emit: ['SHUTDOWN/HOST'], rhel6: ['SHUTDOWN/FINISHED'] },
      GONE,
    ],
  },
  {
    action: 'destroy',
    from: ACTIVE,
    preempts: true,
    steps: [{ state: 'SHUTOFF/DESTROYED', emit: ['STOPPED/DESTROYED'] }],
  },
  {
    // The emulator's process dies: out of memory, SIGSEGV.
    action: 'kill',
    from: ACTIVE,
    preempts: true,
    steps: [{ state: 'SHUTOFF/CRASHED', emit: ['STOPPED/CRASHED'] }],
  },
  {
    // The daemon comes back and does not find the emulator again; nobody was there to send an event.
    action: 'daemon-lost',
    from: ACTIVE,
    preempts: true,
    steps: [{ state: 'SHUTOFF/DAEMON' }],
  },
  {
    action: 'suspend',
    from: LIVE,
    steps: [{ state: 'PAUSED/USER', emit: ['SUSPENDED/PAUSED'] }],
  },
  {
    // `stop` typed at the emulator's own monitor: libvirt sees it, not who or why.
    action: 'monitor-stop',
    from: LIVE,
    steps: [{ state: 'PAUSED/UNKNOWN', emit: ['SUSPENDED/PAUSED'] }],
  },
  {
    // A source that broke in post-copy has no guest of its own to resume.
    action: 'resume',
    when: { unless: ['PAUSED/POSTCOPY_FAILED'] },
    from: ['PAUSED'],
    steps: [{ state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'] }],
  },
  {
    action: 'reset',
    from: ['RUNNING', 'BLOCKED', 'NOSTATE', 'PAUSED'],
    steps: [{ guest: 'booting', emit: ['REBOOT'] }],
  },
  {
    // A preserved crash is left paused by a reset, until it is resumed.
    action: 'reset',
    from: ['CRASHED'],
    steps: [{ state: 'PAUSED/CRASHED', guest: 'booting', emit: ['REBOOT'] }],
  },
  {
    action: 'reboot',
    from: LIVE,
    yields: true,
    steps: [{ guest: 'closing' }, { after: 'reboot', afterBoot: true, guest: 'booting', emit: ['REBOOT'] }],
  },
  {
    action: 'pm-suspend',
    from: LIVE,
    yields: true,
    steps: [{ after: 'sleep', state: 'PMSUSPENDED/UNKNOWN', emit: ['PMSUSPEND', 'PMSUSPENDED/MEMORY'] }],
  },
  {
    action: 'pm-suspend-disk',
    from: LIVE,
    yields: true,
    steps: [
      { guest: 'closing' },
      {
        after: 'hibernate',
        state: 'PMSUSPENDED/UNKNOWN',
        guest: 'off',
        emit: ['PMSUSPEND_DISK', 'PMSUSPENDED/DISK'],
      },
      {
        after: 'exit',
        state: 'SHUTDOWN/UNKNOWN',
        emit: ['SHUTDOWN/GUEST'],
        rhel6: ['SHUTDOWN/FINISHED'],
      },
      GONE,
    ],
  },
  {
    action: 'wakeup',
    from: ['PMSUSPENDED'],
    steps: [{ state: 'RUNNING/WAKEUP', emit: ['PMWAKEUP', 'STARTED/WAKEUP'] }],
  },
  {
    // Xen's own view of a domain whose vCPUs all wait for something.
    action: 'vcpus-block',
    when: { types: ['xen'] },
    from: ['RUNNING', 'NOSTATE'],
    steps: [{ state: 'BLOCKED/UNKNOWN' }],
  },
  {
    // Xen's own view of a domain that could run but has no processor at that moment.
    action: 'vcpus-wait',
    when: { types: ['xen'] },
    from: ['RUNNING', 'BLOCKED'],
    steps: [{ state: 'NOSTATE/UNKNOWN' }],
  },
  {
    action: 'vcpus-run',
    when: { types: ['xen'] },
    from: ['BLOCKED', 'NOSTATE'],
    steps: [{ state: 'RUNNING/UNKNOWN' }],
  },
];
