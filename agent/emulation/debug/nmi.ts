import type { Consequence, Outcome } from '../devices/consequence.ts';
import {
  type GuestKernel,
  panicKernel,
  QUEUE_LENGTH,
  type QueuedInput,
  settleDirty,
} from './guest-kernel.ts';
import { actOnSysrq } from './sysrq.ts';

/** vCPUs that one injection reaches: all in RHEL 6's qemu, later the one whose LINT1 is open (facts 6). */
export function nmiTargets(kernel: GuestKernel): number {
  return kernel.profile === 'rhel6' ? kernel.vcpus : Math.min(1, kernel.vcpus);
}

/** The record when an input has to wait for the vCPUs; `undefined` when too many wait already. */
function enqueue(kernel: GuestKernel, input: QueuedInput): GuestKernel | undefined {
  if (kernel.queue.length >= QUEUE_LENGTH) return undefined;
  return { ...kernel, queue: [...kernel.queue, input] };
}

/** What came of an input: done, waiting for the vCPUs, or refused because too much waits. */
export interface InputOutcome extends Outcome<GuestKernel> {
  readonly accepted: boolean;
}

function take(kernel: GuestKernel, nowMs: number, input: QueuedInput): InputOutcome {
  if (kernel.paused) {
    const queued = enqueue(kernel, input);
    return { record: queued ?? kernel, consequences: [], accepted: queued !== undefined };
  }
  return { ...act(kernel, nowMs, input), accepted: true };
}

function act(kernel: GuestKernel, nowMs: number, input: QueuedInput): Outcome<GuestKernel> {
  switch (input.kind) {
    case 'nmi':
      return actOnNmi(kernel, nowMs);
    case 'sysrq':
      return actOnSysrq(kernel, nowMs, input.key);
    case 'machine-check':
      return { record: kernel, consequences: [{ kind: 'print', text: input.text }] };
  }
}

/** virDomainInjectNMI. */
export function injectNmi(kernel: GuestKernel, nowMs: number): InputOutcome {
  return take(kernel, nowMs, { kind: 'nmi' });
}

/** Alt+SysRq+key from the domain's keyboard; `key` is a letter or a digit. */
export function pressSysrq(kernel: GuestKernel, nowMs: number, key: string): InputOutcome {
  return take(kernel, nowMs, { kind: 'sysrq', key });
}

/** A machine check exception; `text` is what the kernel says once it has handled it. */
export function checkMachine(kernel: GuestKernel, nowMs: number, text: string): InputOutcome {
  return take(kernel, nowMs, { kind: 'machine-check', text });
}

/** The vCPUs stand still or run again; what waited is acted on in its order. */
export function setKernelPaused(kernel: GuestKernel, nowMs: number, paused: boolean): Outcome<GuestKernel> {
  let record: GuestKernel = { ...kernel, paused };
  const consequences: Consequence[] = [];
  if (paused) return { record, consequences };
  record = { ...record, queue: [] };
  for (const input of kernel.queue) {
    const outcome = act(record, nowMs, input);
    record = outcome.record;
    consequences.push(...outcome.consequences);
  }
  return { record, consequences };
}

/** Only the boot CPU treats an NMI as one from outside: it logs, or panics when it was told to (facts 6). */
function actOnNmi(kernel: GuestKernel, nowMs: number): Outcome<GuestKernel> {
  const counted = { ...kernel, nmiInjections: kernel.nmiInjections + nmiTargets(kernel) };
  if (kernel.state !== 'running' && kernel.state !== 'hung') return { record: counted, consequences: [] };
  const { unknownNmiPanic, panicOnUnrecoveredNmi } = kernel.config;
  const text = 'Uhhuh. NMI received for unknown reason 20 on CPU 0.\r\n';
  const said: Consequence = { kind: 'print', text };
  if (unknownNmiPanic || panicOnUnrecoveredNmi) {
    const { record, consequences } = panicKernel(counted, nowMs, 'NMI: not continuing');
    return { record, consequences: [said, ...consequences] };
  }
  return {
    record: settleDirty(counted, nowMs),
    consequences: [said, { kind: 'print', text: 'Dazed and confused, but trying to continue\r\n' }],
  };
}
