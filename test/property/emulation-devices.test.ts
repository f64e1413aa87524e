import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BootMachine } from '../../agent/emulation/console/boot-text.ts';
import {
  consoleAt,
  consoleBytes,
  haltConsole,
  hangConsole,
  printKernel,
  readConsole,
  resetConsole,
  type SerialConsole,
  setConsoleShare,
  startConsole,
} from '../../agent/emulation/console/console.ts';
import { CONSOLE_DEFAULTS } from '../../agent/emulation/console/console-config.ts';
import {
  advanceKernel,
  createKernel,
  dirtyKiB,
  freezeFilesystems,
  type GuestKernel,
  hangKernel,
  kernelUp,
  QUEUE_LENGTH,
} from '../../agent/emulation/debug/guest-kernel.ts';
import { KERNEL_DEFAULTS } from '../../agent/emulation/debug/kernel-config.ts';
import { injectNmi, pressSysrq, setKernelPaused } from '../../agent/emulation/debug/nmi.ts';
import type { Consequence } from '../../agent/emulation/devices/consequence.ts';
import {
  createGuestClock,
  guestTimeMs,
  setClockRunning,
  simulatedTimeMs,
} from '../../agent/emulation/devices/guest-clock.ts';
import {
  acknowledge,
  advanceQxl,
  createQxl,
  draw,
  fetched,
  interruptsOf,
  type Qxl,
  resetQxl,
  ringFill,
  wantSleep,
  writeIo,
} from '../../agent/emulation/display/qxl.ts';
import { QXL_DEFAULTS, QXL_INTERRUPT, QXL_IO } from '../../agent/emulation/display/qxl-config.ts';
import {
  createUsbBus,
  setUsbInput,
  type UsbBus,
  usbInputEvent,
  usbInterrupts,
  usbWakeups,
} from '../../agent/emulation/usb/usb-bus.ts';
import { USB_DEFAULTS } from '../../agent/emulation/usb/usb-config.ts';
import {
  advanceWatchdog,
  createWatchdog,
  disarmWatchdog,
  feedWatchdog,
  starveWatchdog,
} from '../../agent/emulation/watchdog/watchdog.ts';
import { WATCHDOG_DEFAULTS } from '../../agent/emulation/watchdog/watchdog-config.ts';
import { config } from '../unit/emulation/fleet.ts';

/** A time that passes, in whole ms: often short, sometimes long. */
const arbPause = fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(60_000));

/** Steps with the time before each. */
function arbScript<T>(step: fc.Arbitrary<T>): fc.Arbitrary<[number, T][]> {
  return fc.array(fc.tuple(arbPause, step), { maxLength: 30 });
}

/** Plays a script; `step` gets each instant and what happens then. */
function play<T>(script: readonly [number, T][], step: (nowMs: number, what: T) => void): number {
  let now = 0;
  for (const [pause, what] of script) {
    now += pause;
    step(now, what);
  }
  return now + 120_000;
}

const MACHINE: BootMachine = { ...config('guest'), profile: 'modern' };

type ConsoleStep =
  | { do: 'share'; share: number }
  | { do: 'print'; length: number }
  | { do: 'halt' | 'reset' | 'hang' | 'look' };

const arbConsoleStep: fc.Arbitrary<ConsoleStep> = fc.oneof(
  fc.record({ do: fc.constant('share' as const), share: fc.constantFrom(0, 0.1, 0.5, 1) }),
  fc.record({ do: fc.constant('print' as const), length: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ do: fc.constantFrom('halt', 'reset', 'hang', 'look') }),
);

function stepConsole(console: SerialConsole, now: number, step: ConsoleStep): SerialConsole {
  switch (step.do) {
    case 'share':
      return setConsoleShare(console, now, step.share);
    case 'print':
      return printKernel(console, now, `${'x'.repeat(step.length)}\r\n`);
    case 'halt':
      return haltConsole(console, now);
    case 'reset':
      return resetConsole(console, now);
    case 'hang':
      return hangConsole(console, now);
    case 'look':
      return consoleAt(console, now);
  }
}

it('a console sends in order, no faster than its line, the same to whoever reads when', () => {
  const arbConsole = fc.record({
    script: arbScript(arbConsoleStep),
    scrollbackBytes: fc.integer({ min: 1, max: 5000 }),
    backlogBytes: fc.integer({ min: 1, max: 20_000 }),
  });
  fc.assert(
    fc.property(arbConsole, ({ script, ...sizes }) => {
      const settings = { ...CONSOLE_DEFAULTS.modern, ...sizes };
      let console = startConsole(settings, MACHINE, 0);
      let seldom = startConsole(settings, MACHINE, 0);
      let position = 0;
      let before = { now: 0, sent: 0 };
      const read = (now: number): void => {
        const sent = consoleBytes(console, now);
        expect(sent).toBeGreaterThanOrEqual(before.sent);
        expect(sent - before.sent).toBeLessThanOrEqual(Math.ceil((now - before.now) * 11.52) + 1);
        before = { now, sent };
        const part = readConsole(console, now, position);
        expect(part.next).toBe(sent);
        expect(part.start).toBe(position + part.missed);
        expect(part.text).toHaveLength(part.next - part.start);
        expect(part.text.length).toBeLessThanOrEqual(settings.scrollbackBytes);
        position = part.next;
        expect(console.log.text.length).toBeLessThanOrEqual(settings.scrollbackBytes + settings.backlogBytes);
      };
      const end = play(script, (now, step) => {
        console = stepConsole(console, now, step);
        read(now);
        if (step.do !== 'look') seldom = stepConsole(seldom, now, step);
      });
      expect(readConsole(seldom, end, 0)).toEqual(readConsole(console, end, 0));
      read(end);
    }),
    { numRuns: 200 },
  );
});

type KernelStep =
  | { do: 'key'; key: string }
  | { do: 'nmi' | 'pause' | 'resume' | 'hang' | 'freeze' | 'up' | 'look' };

const arbKernelStep: fc.Arbitrary<KernelStep> = fc.oneof(
  fc.record({
    do: fc.constant('key' as const),
    key: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
  }),
  fc.record({ do: fc.constantFrom('nmi', 'pause', 'resume', 'hang', 'freeze', 'up', 'look') }),
);

function stepKernel(
  kernel: GuestKernel,
  now: number,
  step: KernelStep,
): { record: GuestKernel; consequences: readonly Consequence[] } {
  const plain = (record: GuestKernel) => ({ record, consequences: [] });
  switch (step.do) {
    case 'key':
      return pressSysrq(kernel, now, step.key);
    case 'nmi':
      return injectNmi(kernel, now);
    case 'pause':
      return setKernelPaused(kernel, now, true);
    case 'resume':
      return setKernelPaused(kernel, now, false);
    case 'hang':
      return plain(hangKernel(kernel, now));
    case 'freeze':
      return plain(freezeFilesystems(kernel, now));
    case 'up':
      return plain(kernelUp(kernel, now));
    case 'look':
      return advanceKernel(kernel, now);
  }
}

it('a kernel that is paused does nothing; its counters only grow; dirty data stays in its bounds', () => {
  const arbKernel = fc.record({
    sysrq: fc.oneof(fc.constant(1), fc.nat(511)),
    kdump: fc.boolean(),
    unknownNmiPanic: fc.boolean(),
    crashKexecPostNotifiers: fc.boolean(),
    panicSeconds: fc.integer({ min: -1, max: 5 }),
    pvpanic: fc.constantFrom('none' as const, 'panicked' as const, 'crash-loaded' as const),
  });
  const profiles = fc.constantFrom('rhel6' as const, 'modern' as const);
  fc.assert(
    fc.property(arbKernel, profiles, arbScript(arbKernelStep), (settings, profile, script) => {
      const all = { ...KERNEL_DEFAULTS[profile], ...settings };
      let kernel = createKernel(all, { profile, vcpus: 3, memoryKiB: 1024 * 1024 }, 0);
      const limit = all.dirtyKiBPerSecond * all.writebackSeconds;
      play(script, (now, step) => {
        const { record, consequences } = stepKernel(kernel, now, step);
        if (kernel.paused && step.do !== 'resume') {
          expect(consequences).toEqual([]);
          expect(record.nmiInjections).toBe(kernel.nmiInjections);
        }
        for (const name of ['nmiInjections', 'sysrqHandled', 'lostKiB'] as const) {
          expect(record[name]).toBeGreaterThanOrEqual(kernel[name]);
        }
        // What is lost was dirty before.
        expect(record.lostKiB - kernel.lostKiB).toBeLessThanOrEqual(dirtyKiB(kernel, now));
        expect(dirtyKiB(record, now)).toBeLessThanOrEqual(limit);
        expect(record.queue.length).toBeLessThanOrEqual(QUEUE_LENGTH);
        // A panic, a reset or a power off ends what the kernel had to do: at most one of them follows.
        expect(consequences.filter(({ kind }) => kind === 'act').length).toBeLessThanOrEqual(1);
        kernel = record;
      });
    }),
    { numRuns: 500 },
  );
});

it('a bus never takes a wakeup or an interrupt back, and its controllers wake the host once a ms at most', () => {
  const arbBus = fc.record({
    model: fc.constantFrom('piix3-uhci' as const, 'ich9-ehci1' as const, 'qemu-xhci' as const),
    remoteWakeup: fc.boolean(),
    speed: fc.constantFrom('full' as const, 'high' as const),
    script: arbScript(
      fc.oneof(fc.constant('event' as const), fc.constantFrom(0, 5, 500), fc.constant('look' as const)),
    ),
  });
  fc.assert(
    fc.property(arbBus, ({ model, remoteWakeup, speed, script }) => {
      const tablet = { kind: 'tablet' as const, speed, port: 0 };
      let bus: UsbBus = createUsbBus({ ...USB_DEFAULTS.modern, model, remoteWakeup, devices: [tablet] }, 0);
      let before = { now: 0, wakeups: 0, interrupts: 0 };
      const polling = bus.controllers.filter((controller) => controller.polling !== 'xhci').length;
      const check = (now: number): void => {
        const wakeups = usbWakeups(bus, now);
        const interrupts = usbInterrupts(bus, now);
        expect(wakeups).toBeGreaterThanOrEqual(before.wakeups);
        expect(wakeups - before.wakeups).toBeLessThanOrEqual((now - before.now) * polling);
        expect(interrupts).toBeGreaterThanOrEqual(before.interrupts);
        before = { now, wakeups, interrupts };
      };
      const end = play(script, (now, step) => {
        check(now);
        if (step === 'event') bus = usbInputEvent(bus, now, 0);
        else if (step !== 'look') bus = setUsbInput(bus, now, 0, step);
        expect(usbWakeups(bus, now)).toBe(before.wakeups);
      });
      check(end);
    }),
    { numRuns: 500 },
  );
});

/** A controller played ms by ms, as its hardware does it. */
class PlayedController {
  wakeups = 0;
  #quietMs = 0;
  #sincePass = 0;
  #period = 2;

  /** One ms in which input came or not. */
  pass(polling: 'uhci' | 'ehci', occupied: boolean, remoteWakeup: boolean, input: boolean): void {
    if (input) {
      this.wakeups++;
      this.restart();
      return;
    }
    this.#quietMs++;
    const stops = polling === 'ehci' ? (occupied ? 2000 : 0) : occupied ? 3000 : 1000;
    if (this.#quietMs > stops && (remoteWakeup || !occupied)) return;
    if (polling === 'uhci') {
      this.wakeups++;
      return;
    }
    if (++this.#sincePass < this.#period) return;
    this.wakeups++;
    this.#sincePass = 0;
    this.#period = Math.min(65, this.#period + 1);
  }

  /** Traffic: the quiet begins anew. */
  restart(): void {
    this.#quietMs = 0;
    this.#sincePass = 0;
    this.#period = 2;
  }
}

it('a bus wakes the host as often as one that is played ms by ms', () => {
  const arbBus = fc.record({
    model: fc.constantFrom('piix3-uhci' as const, 'ich9-ehci1' as const),
    remoteWakeup: fc.boolean(),
    speed: fc.constantFrom('full' as const, 'high' as const),
    script: fc.array(fc.tuple(fc.nat(4000), fc.constantFrom('event' as const, 0, 9)), { maxLength: 12 }),
  });
  fc.assert(
    fc.property(arbBus, ({ model, remoteWakeup, speed, script }) => {
      const tablet = { kind: 'tablet' as const, speed, port: 0 };
      let bus = createUsbBus({ ...USB_DEFAULTS.modern, model, remoteWakeup, devices: [tablet] }, 0);
      const played = bus.controllers.map(() => new PlayedController());
      let [now, input] = [0, false];
      const pass = (ms: number): void => {
        for (let i = 0; i < ms; i++) {
          for (const [n, { polling, devices }] of bus.controllers.entries()) {
            if (polling === 'xhci') throw new Error('not played here');
            played[n]!.pass(polling, devices.length > 0, remoteWakeup, input && devices.length > 0);
          }
        }
        now += ms;
        expect(usbWakeups(bus, now)).toBe(played.reduce((sum, { wakeups }) => sum + wakeups, 0));
      };
      for (const [pause, step] of script) {
        pass(pause);
        bus = typeof step === 'number' ? setUsbInput(bus, now, 0, step) : usbInputEvent(bus, now, 0);
        const changed = typeof step !== 'number' || input !== step > 0;
        if (typeof step === 'number') input = step > 0;
        const its = bus.controllers.findIndex(({ devices }) => devices.length > 0);
        if (changed) played[its]!.restart();
      }
      pass(5000);
    }),
    { numRuns: 60 },
  );
});

it('G6 a bus that is looked at every 250 ms counts what one counts that nobody looks at', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.constantFrom(0, 3, 77), (seconds, rate) => {
      for (const model of ['piix3-uhci', 'ich9-ehci1'] as const) {
        const bus = setUsbInput(createUsbBus({ ...USB_DEFAULTS.rhel6, model }, 0), 0, 0, rate);
        let sum = 0;
        for (let now = 0; now < seconds * 1000; now += 250) {
          sum += usbWakeups(bus, now + 250) - usbWakeups(bus, now);
        }
        expect(sum).toBe(usbWakeups(bus, seconds * 1000));
      }
    }),
  );
});

it('a QXL device has started what it completed and at most one more, and rings lose nothing', () => {
  const arbStep = fc.oneof(
    fc.record({ io: fc.constantFrom(...QXL_IO), valid: fc.boolean() }),
    fc.record({ ring: fc.constantFrom('commands' as const, 'cursors' as const), count: fc.nat(50) }),
    fc.constantFrom('ack' as const, 'sleep' as const, 'reset' as const, 'look' as const),
  );
  const arbDevice = fc.record({
    revision: fc.constantFrom(2 as const, 3 as const, 4 as const),
    guardsIo: fc.boolean(),
    fetchPerSecond: fc.integer({ min: 1, max: 3000 }),
    renderNs: fc.integer({ min: 1, max: 5_000_000_000 }),
  });
  fc.assert(
    fc.property(arbDevice, arbScript(arbStep), (settings, script) => {
      let qxl: Qxl = createQxl({ ...QXL_DEFAULTS.modern, ...settings }, 0);
      let counts: number[] = [];
      const check = (now: number): void => {
        expect(qxl.asyncStarted).toBe(qxl.asyncCompleted + (qxl.outstanding ? 1 : 0));
        expect(interruptsOf(qxl, 'IO_CMD')).toBeLessThanOrEqual(qxl.asyncCompleted);
        for (const ring of ['commands', 'cursors'] as const) {
          const fill = ringFill(qxl, now, ring);
          expect(fill).toBeGreaterThanOrEqual(0);
          expect(fill).toBeLessThanOrEqual(qxl[ring].size);
          expect(qxl[ring].produced).toBe(fetched(qxl, now, ring) + fill + qxl[ring].discarded);
        }
        const next = [
          ...Object.keys(QXL_INTERRUPT).map((name) => interruptsOf(qxl, name as 'DISPLAY')),
          fetched(qxl, now, 'commands'),
          fetched(qxl, now, 'cursors'),
          qxl.asyncStarted,
          qxl.blockedNs,
          qxl.ignoredIo,
        ];
        for (const [i, count] of next.entries()) expect(count).toBeGreaterThanOrEqual(counts[i] ?? 0);
        counts = next;
      };
      const end = play(script, (now, step) => {
        qxl = advanceQxl(qxl, now).record;
        check(now);
        const bug = qxl.guestBug ? counts.slice(0, 2) : undefined;
        if (step === 'ack') qxl = acknowledge(qxl);
        else if (step === 'sleep') qxl = wantSleep(qxl, now).record;
        else if (step === 'reset') qxl = resetQxl(qxl, now);
        else if (step === 'look') qxl = advanceQxl(qxl, now).record;
        else if ('io' in step) qxl = writeIo(qxl, now, step.io, step.valid).record;
        else qxl = draw(qxl, now, step.ring, step.count).record;
        check(now);
        if (bug && qxl.guestBug) expect(counts.slice(0, 2)).toEqual(bug);
      });
      qxl = advanceQxl(qxl, end).record;
      check(end);
    }),
    { numRuns: 500 },
  );
});

it('a watchdog expires once for each time that it is starved for its timeout of guest time, and never else', () => {
  const arbStep = fc.constantFrom('pause', 'run', 'feed', 'starve', 'disarm', 'look');
  fc.assert(
    fc.property(fc.integer({ min: 11, max: 60 }), arbScript(arbStep), (timeoutSeconds, script) => {
      let watchdog = createWatchdog({ ...WATCHDOG_DEFAULTS.modern, timeoutSeconds }, 0);
      let clock = setClockRunning(createGuestClock(0), 0, true);
      let events = 0;
      play([...script, [1000, 'look']], (now, step) => {
        const guest = guestTimeMs(clock, now);
        const { record, consequences } = advanceWatchdog(watchdog, guest);
        if (consequences.length > 0) {
          events++;
          const starvedFor = guest - watchdog.starvedSinceMs!;
          expect(starvedFor).toBeGreaterThanOrEqual(timeoutSeconds * 1000);
        } else if (watchdog.starvedSinceMs !== undefined) {
          expect(guest - watchdog.starvedSinceMs).toBeLessThan(timeoutSeconds * 1000);
        }
        watchdog = record;
        expect(watchdog.expirations).toBe(events);
        if (step === 'pause') clock = setClockRunning(clock, now, false);
        if (step === 'run') clock = setClockRunning(clock, now, true);
        if (step === 'feed' && clock.running) watchdog = feedWatchdog(watchdog, guest);
        if (step === 'starve' && clock.running) watchdog = starveWatchdog(watchdog, guest);
        if (step === 'disarm' && clock.running) watchdog = disarmWatchdog(watchdog, guest);
        expect(guestTimeMs(clock, now)).toBe(guest);
        if (clock.running) expect(simulatedTimeMs(clock, guest)).toBe(now);
      });
    }),
    { numRuns: 500 },
  );
});
