import type { Consequence, Outcome } from '../devices/consequence.ts';
import { type GuestKernel, panicKernel, rebootNow, settleDirty, syncDirty } from './guest-kernel.ts';
import { SYSRQ_MASK } from './kernel-config.ts';

/** What one SysRq key does, and what kernel.sysrq must have set for it. */
export interface SysrqKey {
  readonly mask: number;
  /** What the kernel says it does. */
  readonly title: string;
}

const { log, keyboard, dump, sync, remount, signal, boot, rtnice } = SYSRQ_MASK;

/** Every letter that is not help (facts 6, table of SysRq). */
export const SYSRQ_KEYS: Readonly<Record<string, SysrqKey>> = {
  b: { mask: boot, title: 'Resetting' },
  c: { mask: dump, title: 'Trigger a crash' },
  d: { mask: dump, title: 'Show Locks Held' },
  e: { mask: signal, title: 'Terminate All Tasks' },
  f: { mask: signal, title: 'Manual OOM execution' },
  i: { mask: signal, title: 'Kill All Tasks' },
  j: { mask: signal, title: 'Emergency Thaw of all frozen filesystems' },
  k: { mask: keyboard, title: 'SAK' },
  l: { mask: dump, title: 'Show backtrace of all active CPUs' },
  m: { mask: dump, title: 'Show Memory' },
  n: { mask: rtnice, title: 'Nice All RT Tasks' },
  o: { mask: boot, title: 'Power Off' },
  p: { mask: dump, title: 'Show Regs' },
  q: { mask: dump, title: 'Show clockevent devices & pending hrtimers (no others)' },
  r: { mask: keyboard, title: 'Keyboard mode set to system default' },
  s: { mask: sync, title: 'Emergency Sync' },
  t: { mask: dump, title: 'Show State' },
  u: { mask: remount, title: 'Emergency Remount R/O' },
  w: { mask: dump, title: 'Show Blocked State' },
  z: { mask: dump, title: 'Dump ftrace buffer' },
};

const DIGIT = /^[0-9]$/;
/** Level of the lines that a key shows: the console's level must be above it. */
const DUMP_LEVEL = 6;

/** What `key` does; `undefined` for a key that shows the help. */
export function sysrqKey(key: string): SysrqKey | undefined {
  if (DIGIT.test(key)) return { mask: log, title: `Changing Loglevel to ${key}` };
  return Object.hasOwn(SYSRQ_KEYS, key) ? SYSRQ_KEYS[key] : undefined;
}

/** Whether kernel.sysrq allows it: 1 allows everything, anything else is a mask. */
export function sysrqAllowed(setting: number, mask: number): boolean {
  return setting === 1 || (setting & mask) !== 0;
}

/** What a running kernel does about Alt+SysRq+key; any other state takes no keys. */
export function actOnSysrq(kernel: GuestKernel, nowMs: number, key: string): Outcome<GuestKernel> {
  // With interrupts off, or nobody there, the keyboard is not read.
  if (kernel.state !== 'running' || kernel.config.sysrq === 0) return { record: kernel, consequences: [] };
  const known = sysrqKey(key);
  if (!known) return { record: kernel, consequences: [print(helpText())] };
  if (!sysrqAllowed(kernel.config.sysrq, known.mask)) {
    return { record: kernel, consequences: [print('This sysrq operation is disabled.\r\n')] };
  }
  const handled = { ...kernel, sysrqHandled: kernel.sysrqHandled + 1 };
  const { record, consequences } = effect(handled, nowMs, key);
  const head = print(`sysrq: ${known.title}\r\n`);
  const body = kernel.logLevel > DUMP_LEVEL ? dumpText(kernel, nowMs, key) : '';
  return { record, consequences: [head, ...(body ? [print(body)] : []), ...consequences] };
}

function print(text: string): Consequence {
  return { kind: 'print', text };
}

function effect(kernel: GuestKernel, nowMs: number, key: string): Outcome<GuestKernel> {
  const only = (record: GuestKernel, ...consequences: Consequence[]) => ({ record, consequences });
  switch (key) {
    case 'b':
      return rebootNow(kernel, nowMs);
    case 'c':
      return panicKernel(kernel, nowMs, 'sysrq triggered crash');
    case 'e':
      return only(kernel, { kind: 'processes-end', signal: 'SIGTERM', which: 'all' });
    case 'f':
      return only(kernel, { kind: 'processes-end', signal: 'SIGKILL', which: 'one' });
    case 'i':
      return only(kernel, { kind: 'processes-end', signal: 'SIGKILL', which: 'all' });
    case 'k':
      return only(kernel, { kind: 'processes-end', signal: 'SIGKILL', which: 'console' });
    case 'j':
      if (kernel.filesystems !== 'frozen') return only(kernel);
      return only({ ...kernel, filesystems: 'read-write', dirtySinceMs: nowMs });
    case 'o':
      // Nothing is synced: what was dirty goes with the power.
      return only(
        {
          ...settleDirty(kernel, nowMs),
          state: 'absent',
          dirtyKiB: 0,
          lostKiB: settleDirty(kernel, nowMs).dirtyKiB + kernel.lostKiB,
        },
        { kind: 'act', action: 'guest-poweroff' },
      );
    case 's':
      return only(kernel.filesystems === 'read-write' ? syncDirty(kernel, nowMs) : kernel);
    case 'u':
      // A remount writes out what is dirty before nothing can be written any more.
      return only({ ...syncDirty(kernel, nowMs), filesystems: 'read-only' });
    default:
      return only(DIGIT.test(key) ? { ...kernel, logLevel: Number(key) } : kernel);
  }
}

function helpText(): string {
  const letters = Object.entries(SYSRQ_KEYS).map(([key, { title }]) => `${key}: ${title}`);
  return `sysrq: HELP : 0-9: Changing Loglevel, ${letters.join(', ')}\r\n`;
}

const TASKS = ['init', 'kthreadd', 'ksoftirqd/0', 'kswapd0', 'jbd2', 'rsyslogd', 'sshd', 'crond', 'agetty'];

/** What the keys that show something show: lines of the guest's own size. */
function dumpText(kernel: GuestKernel, nowMs: number, key: string): string {
  const { vcpus, memoryKiB } = kernel;
  const cpus = Array.from({ length: vcpus }, (_, i) => i);
  switch (key) {
    case 'l':
      return lines(cpus.map((cpu) => `CPU${cpu}: active task ${cpu === 0 ? 'swapper' : `worker/${cpu}`}`));
    case 'm':
      return lines([
        `Mem-Info: ${memoryKiB} KiB in all, ${dirtyShown(kernel, nowMs)} KiB dirty`,
        ...cpus.map((cpu) => `CPU ${cpu}: hi: 186, btch: 31`),
      ]);
    case 'p':
      return lines(['Pid: 0, comm: swapper', 'RIP: native_safe_halt']);
    case 'q':
      return lines(cpus.map((cpu) => `cpu: ${cpu}, clock event device: lapic`));
    case 't':
      return lines(TASKS.map((task, i) => `${task.padEnd(16)}${i === 0 ? 'R' : 'S'} ${i + 1}`));
    case 'w':
      return lines(['No blocked tasks']);
    default:
      return '';
  }
}

function dirtyShown(kernel: GuestKernel, nowMs: number): number {
  return settleDirty(kernel, nowMs).dirtyKiB;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join('');
}
