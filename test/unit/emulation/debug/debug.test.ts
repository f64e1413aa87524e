import { describe, expect, it } from 'vitest';
import {
  advanceKernel,
  crashDumpMs,
  createKernel,
  dirtyKiB,
  freezeFilesystems,
  type GuestKernel,
  hangKernel,
  kernelUp,
  QUEUE_LENGTH,
  resetKernel,
} from '../../../../agent/emulation/debug/guest-kernel.ts';
import {
  KERNEL_DEFAULTS,
  type KernelConfig,
  SYSRQ_MASK,
} from '../../../../agent/emulation/debug/kernel-config.ts';
import { injectNmi, pressSysrq, setKernelPaused } from '../../../../agent/emulation/debug/nmi.ts';
import { sysrqOf } from '../../../../agent/emulation/debug/send-key.ts';
import { SYSRQ_KEYS, sysrqAllowed, sysrqKey } from '../../../../agent/emulation/debug/sysrq.ts';
import type { Consequence } from '../../../../agent/emulation/devices/consequence.ts';
import type { CrashAction } from '../../../../agent/emulation/domain/domain-config.ts';
import type { ActionName, Profile } from '../../../../agent/emulation/lifecycle/story.ts';
import { Fleet, stateOf } from '../fleet.ts';

const KEYS = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

function kernel(
  changes: Partial<KernelConfig> = {},
  profile: Profile = 'modern',
  memoryGiB = 2,
): GuestKernel {
  const config = { ...KERNEL_DEFAULTS[profile], sysrq: 1, ...changes };
  return createKernel(config, { profile, vcpus: 4, memoryKiB: memoryGiB * 1024 * 1024 }, 0);
}

/** What happens to the domain, in order; the console left out. */
function acts(consequences: readonly Consequence[]): ActionName[] {
  return consequences.flatMap((one) => (one.kind === 'act' ? [one.action] : []));
}

function printed(consequences: readonly Consequence[]): string {
  return consequences.map((one) => (one.kind === 'print' ? one.text : '')).join('');
}

/** What the hypervisor makes of the consequences: events and states until the guest has come to rest. */
function story(consequences: readonly Consequence[], onCrash: CrashAction): string[] {
  const fleet = new Fleet();
  const domain = fleet.define('guest', { onCrash });
  fleet.act(domain, 'start');
  fleet.pass(60);
  fleet.takeTrace();
  const before = domain.cpuTimeNs;
  for (const action of acts(consequences)) {
    fleet.act(domain, action);
  }
  const stood = domain.cpuTimeNs;
  fleet.pass(0.05);
  if (stateOf(domain).startsWith('CRASHED')) expect(domain.cpuTimeNs).toBe(stood);
  expect(stood).toBeGreaterThanOrEqual(before);
  fleet.pass(60);
  return [...fleet.takeTrace().map((line) => line.split(' ')[1]!), stateOf(domain)];
}

describe('an NMI', () => {
  it.each([
    ['rhel6', 4],
    ['modern', 1],
  ] as const)('A6.1 of %s with default settings is counted, said on the console, and nothing else', (profile, count) => {
    const outcome = injectNmi(kernel({}, profile), 1000);
    expect(outcome.record.nmiInjections).toBe(count);
    expect(outcome.record.state).toBe('running');
    expect(outcome.consequences.map(({ kind }) => kind)).toEqual(['print', 'print']);
    expect(printed(outcome.consequences)).toContain('NMI received');
    expect(injectNmi(outcome.record, 2000).record.nmiInjections).toBe(2 * count);
  });

  it.each<[CrashAction, string[]]>([
    ['destroy', ['CRASHED/PANICKED', 'STOPPED/CRASHED', 'SHUTOFF/CRASHED']],
    ['coredump-destroy', ['CRASHED/PANICKED', 'STOPPED/CRASHED', 'SHUTOFF/CRASHED']],
    ['restart', ['CRASHED/PANICKED', 'REBOOT', 'RESUMED/UNPAUSED', 'RUNNING/CRASHED']],
    ['coredump-restart', ['CRASHED/PANICKED', 'REBOOT', 'RESUMED/UNPAUSED', 'RUNNING/CRASHED']],
    ['preserve', ['CRASHED/PANICKED', 'CRASHED/PANICKED']],
  ])('A6.2 with unknown_nmi_panic and pvpanic is one CRASHED/PANICKED, then on_crash %s', (onCrash, expected) => {
    const { record, consequences } = injectNmi(kernel({ unknownNmiPanic: true }), 1000);
    expect(acts(consequences)).toEqual(['panic']);
    expect(consequences.at(-2)).toEqual({ kind: 'kernel-halt' });
    expect(record.state).toBe('panicked');
    expect(story(consequences, onCrash)).toEqual(expected);
    expect(acts(injectNmi(kernel({ panicOnUnrecoveredNmi: true }), 1).consequences)).toEqual(['panic']);
  });

  it('A6.3 with kdump gives no CRASHED event but a reset after the dump, later with more memory', () => {
    const small = injectNmi(kernel({ unknownNmiPanic: true, kdump: true }), 1000);
    expect(acts(small.consequences)).toEqual([]);
    expect(small.record.state).toBe('dumping');
    expect(small.record.dueMs).toBe(1000 + crashDumpMs(2 * 1024 * 1024));
    expect(advanceKernel(small.record, small.record.dueMs! - 1).consequences).toEqual([]);
    const { record, consequences } = advanceKernel(small.record, small.record.dueMs!);
    expect(acts(consequences)).toEqual(['reset']);
    expect(story(consequences, 'destroy')).toEqual(['REBOOT', 'RUNNING/BOOTED']);
    expect(record).toMatchObject({ state: 'absent', nmiInjections: 1 });
    expect(record.dueMs).toBeUndefined();
    const large = injectNmi(kernel({ unknownNmiPanic: true, kdump: true }, 'modern', 64), 1000);
    expect(large.record.dueMs! - small.record.dueMs!).toBe(62_000);
  });

  it('A6.3 with crash_kexec_post_notifiers the panic device hears of it first', () => {
    const post = { unknownNmiPanic: true, kdump: true, crashKexecPostNotifiers: true };
    expect(acts(injectNmi(kernel(post), 1).consequences)).toEqual(['crash-kernel']);
    expect(story(injectNmi(kernel(post), 1).consequences, 'destroy')).toEqual([
      'CRASHED/CRASHLOADED',
      'REBOOT',
      'RUNNING/BOOTED',
    ]);
    expect(acts(injectNmi(kernel({ ...post, pvpanic: 'panicked' }), 1).consequences)).toEqual(['panic']);
    const deaf = injectNmi(kernel({ ...post, pvpanic: 'none' }), 1);
    expect([acts(deaf.consequences), deaf.record.state]).toEqual([[], 'dumping']);
  });

  it('without a panic device kernel.panic decides: for ever, after seconds, at once', () => {
    const settings = (panicSeconds: number) =>
      kernel({ unknownNmiPanic: true, pvpanic: 'none', panicSeconds });
    const ever = injectNmi(settings(0), 1000);
    expect([ever.record.state, ever.record.dueMs, acts(ever.consequences)]).toEqual([
      'panicked',
      undefined,
      [],
    ]);
    const later = injectNmi(settings(10), 1000);
    expect(later.record.dueMs).toBe(11_000);
    expect(printed(later.consequences)).toContain('Rebooting in 10 seconds');
    expect(acts(advanceKernel(later.record, 11_000).consequences)).toEqual(['reset']);
    expect(acts(injectNmi(settings(-1), 1000).consequences)).toEqual(['reset']);
  });

  it('is only counted where there is no kernel to take it', () => {
    const reset = resetKernel(kernel({ unknownNmiPanic: true }), 10);
    expect(injectNmi(reset, 20)).toMatchObject({ consequences: [], record: { nmiInjections: 1 } });
    expect(kernelUp(reset, 30).state).toBe('running');
  });
});

describe('SysRq', () => {
  it('A6.4 h changes only the console', () => {
    const before = kernel();
    const { record, consequences } = pressSysrq(before, 1000, 'h');
    expect(record).toEqual(before);
    expect(consequences.map(({ kind }) => kind)).toEqual(['print']);
    expect(printed(consequences)).toContain('b: Resetting');
  });

  it('A6.4 b resets without sync: what was dirty is lost', () => {
    const before = kernel({ dirtyKiBPerSecond: 100 });
    expect(dirtyKiB(before, 5000)).toBe(500);
    const { record, consequences } = pressSysrq(before, 5000, 'b');
    expect(acts(consequences)).toEqual(['reset']);
    expect([record.lostKiB, dirtyKiB(record, 9000)]).toEqual([500, 0]);
  });

  it('A6.4 s, u, b leaves nothing dirty', () => {
    let record = kernel({ dirtyKiBPerSecond: 100 });
    const seen: string[] = [];
    for (const [i, key] of ['s', 'u', 'b'].entries()) {
      const outcome = pressSysrq(record, 5000 + 1000 * i, key);
      record = outcome.record;
      seen.push(...acts(outcome.consequences));
    }
    expect([record.lostKiB, seen]).toEqual([0, ['reset']]);
    // s alone is not enough: programs go on writing.
    const synced = pressSysrq(kernel({ dirtyKiBPerSecond: 100 }), 5000, 's').record;
    expect(pressSysrq(synced, 6000, 'b').record.lostKiB).toBe(100);
  });

  it('A6.4 c behaves like a panic by NMI, with and without kdump', () => {
    const panic = pressSysrq(kernel(), 1000, 'c');
    expect(acts(panic.consequences)).toEqual(['panic']);
    expect(story(panic.consequences, 'destroy')).toEqual([
      'CRASHED/PANICKED',
      'STOPPED/CRASHED',
      'SHUTOFF/CRASHED',
    ]);
    const dump = pressSysrq(kernel({ kdump: true }), 1000, 'c').record;
    expect([dump.state, dump.dueMs]).toEqual(['dumping', 1000 + crashDumpMs(2 * 1024 * 1024)]);
  });

  it('A6.4 o powers off without sync', () => {
    const { record, consequences } = pressSysrq(kernel({ dirtyKiBPerSecond: 10 }), 1000, 'o');
    expect(acts(consequences)).toEqual(['guest-poweroff']);
    expect(story(consequences, 'destroy')).toEqual([
      'SHUTDOWN/GUEST',
      'STOPPED/SHUTDOWN',
      'SHUTOFF/SHUTDOWN',
    ]);
    expect(record).toMatchObject({ state: 'absent', lostKiB: 10, dirtyKiB: 0 });
  });

  it('A6.5 kernel.sysrq=0: keys have no effect at all', () => {
    const before = kernel({ sysrq: 0 });
    for (const key of KEYS)
      expect(pressSysrq(before, 1000, key)).toMatchObject({ record: before, consequences: [] });
  });

  it('A6.5 mask 16: only s works', () => {
    const before = kernel({ sysrq: SYSRQ_MASK.sync, dirtyKiBPerSecond: 10 });
    for (const key of KEYS.filter((other) => other !== 's')) {
      const { record, consequences } = pressSysrq(before, 1000, key);
      expect(record).toEqual(before);
      const says = sysrqKey(key) ? /^This sysrq operation is disabled/ : /HELP/;
      expect(consequences.map(({ kind }) => kind)).toEqual(['print']);
      expect(printed(consequences)).toMatch(says);
    }
    expect(dirtyKiB(pressSysrq(before, 1000, 's').record, 1000)).toBe(0);
    expect(dirtyKiB(before, 1000)).toBe(10);
  });

  it.each(Object.entries(SYSRQ_KEYS))('A6.5 %s needs just its own bit', (key, { mask }) => {
    expect(sysrqAllowed(mask, mask)).toBe(true);
    expect(pressSysrq(kernel({ sysrq: mask }), 1, key).record.sysrqHandled).toBe(1);
    expect(pressSysrq(kernel({ sysrq: 0x1fe & ~mask }), 1, key).record.sysrqHandled).toBe(0);
    expect(pressSysrq(kernel({ sysrq: 1 }), 1, key).record.sysrqHandled).toBe(1);
  });

  it('A6.5 a hung guest ignores keys but still takes an NMI', () => {
    const hung = hangKernel(kernel({ unknownNmiPanic: true }), 500);
    for (const key of KEYS)
      expect(pressSysrq(hung, 1000, key)).toMatchObject({ record: hung, consequences: [] });
    expect(acts(injectNmi(hung, 1000).consequences)).toEqual(['panic']);
    expect(dirtyKiB(hung, 9000)).toBe(dirtyKiB(hung, 600));
  });

  it('A6.6 in a paused guest keys and NMIs wait, in order, and too many are refused', () => {
    let { record } = setKernelPaused(kernel({ unknownNmiPanic: true, dirtyKiBPerSecond: 10 }), 1000, true);
    for (const key of ['s', 'h', 'o', 'b']) {
      const outcome = pressSysrq(record, 1000, key);
      expect(outcome).toMatchObject({ accepted: true, consequences: [] });
      record = outcome.record;
    }
    expect(injectNmi(record, 1000).record.nmiInjections).toBe(0);
    const resumed = setKernelPaused(record, 1000, false);
    expect(acts(resumed.consequences)).toEqual(['guest-poweroff']);
    expect(resumed.record).toMatchObject({ queue: [], lostKiB: 0, sysrqHandled: 2 });
    for (let i = record.queue.length; i < QUEUE_LENGTH; i++) record = injectNmi(record, 1000).record;
    expect(injectNmi(record, 1000)).toMatchObject({ accepted: false, record });
    expect(acts(advanceKernel({ ...record, dueMs: 5 }, 1000).consequences)).toEqual([]);
  });

  it('shows as many lines as the guest is large, unless the log level hides them', () => {
    const cpus = printed(pressSysrq(kernel(), 1, 'l').consequences);
    expect(cpus.match(/CPU\d: active/g)).toHaveLength(4);
    for (const key of [...'mpqtw'])
      expect(printed(pressSysrq(kernel(), 1, key).consequences)).toMatch(/\n.+\r\n$/);
    const quiet = pressSysrq(kernel(), 1, '4').record;
    expect(quiet.logLevel).toBe(4);
    expect(printed(pressSysrq(quiet, 2, 'l').consequences)).toBe(`sysrq: ${SYSRQ_KEYS['l']!.title}\r\n`);
    expect(resetKernel(quiet, 3).logLevel).toBe(7);
  });

  it('ends processes, thaws and remounts', () => {
    const kinds = [...'efik'].map((key) => pressSysrq(kernel(), 1, key).consequences.at(-1));
    expect(kinds).toEqual([
      { kind: 'processes-end', signal: 'SIGTERM', which: 'all' },
      { kind: 'processes-end', signal: 'SIGKILL', which: 'one' },
      { kind: 'processes-end', signal: 'SIGKILL', which: 'all' },
      { kind: 'processes-end', signal: 'SIGKILL', which: 'console' },
    ]);
    const frozen = freezeFilesystems(kernel({ dirtyKiBPerSecond: 100 }), 1000);
    expect([frozen.filesystems, dirtyKiB(frozen, 5000)]).toEqual(['frozen', 0]);
    const thawed = pressSysrq(frozen, 5000, 'j').record;
    expect([thawed.filesystems, dirtyKiB(thawed, 6000)]).toEqual(['read-write', 100]);
    expect(pressSysrq(kernel(), 1, 'j').record.filesystems).toBe('read-write');
    expect(dirtyKiB(pressSysrq(kernel(), 1, 'u').record, 60_000)).toBe(0);
  });

  it('comes from keys that are pressed together', () => {
    expect(sysrqOf(['KEY_LEFTALT', 'KEY_SYSRQ', 'KEY_H'])).toBe('h');
    expect(sysrqOf(['KEY_RIGHTALT', 'KEY_SYSRQ', 'KEY_9'])).toBe('9');
    expect(sysrqOf(['KEY_SYSRQ', 'KEY_H'])).toBeUndefined();
    expect(sysrqOf(['KEY_LEFTALT', 'KEY_SYSRQ', 'KEY_H', 'KEY_B'])).toBeUndefined();
    expect(sysrqOf(['KEY_LEFTALT', 'KEY_SYSRQ', 'KEY_LEFTSHIFT'])).toBeUndefined();
    expect(() => sysrqOf([])).toThrow('one call presses 1 to 16 keys');
    expect(() => sysrqOf(new Array(17).fill('KEY_A'))).toThrow('17 keys at once');
  });
});
