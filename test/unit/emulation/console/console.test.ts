import { describe, expect, it } from 'vitest';
import { bootStatus, presentStage } from '../../../../agent/emulation/console/boot.ts';
import type { BootMachine } from '../../../../agent/emulation/console/boot-text.ts';
import {
  attachConsole,
  consoleAt,
  consoleBytes,
  consoleStageMs,
  guestUptimeMs,
  haltConsole,
  hangConsole,
  lastConsoleLine,
  printKernel,
  readConsole,
  resetConsole,
  type SerialConsole,
  setConsoleShare,
  startConsole,
} from '../../../../agent/emulation/console/console.ts';
import {
  BOOT_STAGES,
  CONSOLE_DEFAULTS,
  type ConsoleConfig,
} from '../../../../agent/emulation/console/console-config.ts';
import { config } from '../fleet.ts';

const disk = { type: 'file', device: 'disk', target: 'vda', bus: 'virtio' };
const nic = { type: 'bridge', mac: '52:54:00:12:34:56', model: 'virtio', queues: 1 };
const MACHINE: BootMachine = { ...config('web-1', { disks: [disk], nics: [nic] }), profile: 'modern' };
const BLIND: ConsoleConfig = { ...CONSOLE_DEFAULTS.modern, useSerial: false, loaderSerial: false };
const SEEING: ConsoleConfig = { ...CONSOLE_DEFAULTS.modern, bootMenu: true };
const HOUR = 3_600_000;

/** The stage in which the first byte is sent, looked for ms by ms. */
function firstByteStage(console: SerialConsole): string | undefined {
  for (let now = 0; now < 60_000; now++) {
    if (consoleBytes(console, now) > 0) return presentStage(consoleAt(console, now).boot)?.stage;
  }
  return undefined;
}

/** The times at which each stage of a boot ends, in the order of their ends. */
function stageEnds(console: SerialConsole): Record<string, number> {
  const ends: Record<string, number> = {};
  let before: string | undefined = presentStage(console.boot)?.stage;
  for (let now = 0; now <= 100_000; now += 50) {
    const stage = presentStage(consoleAt(console, now).boot)?.stage;
    if (before && stage !== before) ends[before] = now;
    before = stage;
  }
  return ends;
}

describe('the boot console', () => {
  it('shows every line of each stage, however long the stages are', () => {
    const lines = (pace: number) =>
      readConsole(startConsole(SEEING, MACHINE, 0, 1, pace), HOUR, 0).text.replaceAll(/\[ *\d+\.\d+\]/g, '');
    const whole = lines(1);
    expect(whole.endsWith('web-1 login: ')).toBe(true);
    for (let i = 1; i < 200; i++) expect(lines(0.5 + i / 137)).toBe(whole);
  });

  it('A7.1 without sgabios the first byte appears at the kernel stage, with it at the firmware stage', () => {
    expect(firstByteStage(startConsole(BLIND, MACHINE, 0))).toBe('kernel');
    expect(firstByteStage(startConsole(SEEING, MACHINE, 0))).toBe('firmware');
    const loader = { ...BLIND, loaderSerial: true };
    expect(firstByteStage(startConsole(loader, MACHINE, 0))).toBe('loader');
    const mute = { ...BLIND, kernelConsole: false, getty: false };
    expect(firstByteStage(startConsole(mute, MACHINE, 0))).toBeUndefined();
  });

  it('A7.1 sgabios alone shows no kernel text', () => {
    const { text } = readConsole(startConsole({ ...SEEING, kernelConsole: false }, MACHINE, 0), HOUR, 0);
    expect(text).toContain('SeaBIOS');
    expect(text).not.toContain('Linux version');
    expect(text).toMatch(/web-1 login: $/);
  });

  it('A7.1 the order of stages is fixed and time stamps do not go back', () => {
    const network = { ...SEEING, networkFirst: true };
    const ends = stageEnds(startConsole(network, MACHINE, 0));
    expect(Object.keys(ends)).toEqual([...BOOT_STAGES]);
    const { text } = readConsole(startConsole(network, MACHINE, 0), HOUR, 0);
    const stamps = [...text.matchAll(/\[ *(\d+\.\d{6})\]/g)].map(([, stamp]) => Number(stamp));
    expect(stamps.length).toBeGreaterThan(10);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    const order = [
      'SeaBIOS',
      'Press F12',
      'asking for an address',
      'GNU GRUB',
      'Linux version',
      'EXT4',
      'login',
    ];
    const places = order.map((word) => text.indexOf(word));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThanOrEqual(0);
  });

  it("tells the guest's own name, UUID, memory, vCPUs and devices", () => {
    const { text } = readConsole(startConsole(SEEING, MACHINE, 0), HOUR, 0);
    for (const word of [
      `Machine UUID ${MACHINE.uuid}`,
      'Memory: 2097152K',
      'smp: 2 CPUs are up',
      'virtio_blk: vda: disk',
      'virtio_net: eth0: 52:54:00:12:34:56',
    ]) {
      expect(text).toContain(word);
    }
    const named = startConsole(SEEING, { ...MACHINE, name: 'bücher\r\n' }, 0);
    expect(lastConsoleLine(named, HOUR)).toBe('b?cher?? login:');
  });

  it('A7.2 no second carries more than 11520 bytes, and nothing is lost while they wait', () => {
    let console: SerialConsole = attachConsole(SEEING, MACHINE, 0);
    const blob = `${'x'.repeat(998)}\r\n`;
    for (let i = 0; i < 40; i++) console = printKernel(console, 100 + i, blob);
    for (let from = 0; from < 6000; from += 7) {
      expect(consoleBytes(console, from + 1000) - consoleBytes(console, from)).toBeLessThanOrEqual(11_520);
    }
    expect(consoleBytes(console, 139)).toBeLessThan(500);
    expect(consoleBytes(console, HOUR)).toBe(40_000);
    expect(console.log.lost).toBe(0);
    for (let i = 0; i < 40; i++) console = printKernel(console, 200 + i, blob);
    expect(console.log.lost).toBeGreaterThan(0);
    expect(console.log.written + console.log.lost).toBe(80_000);
  });

  it('A7.2 a reader who comes and goes sees what one who stays sees', () => {
    const console = startConsole(SEEING, MACHINE, 0);
    let position = 0;
    let text = '';
    for (let now = 0; now < 60_000; now += 1777) {
      const part = readConsole(console, now, position);
      expect(part.start).toBe(position);
      expect(part.text.length).toBe(part.next - part.start);
      text += part.text;
      position = part.next;
    }
    expect(text).toBe(readConsole(console, 59_999, 0).text);
  });

  it('A7.2 beyond the scroll-back it says how much is missing', () => {
    const small = startConsole({ ...SEEING, scrollbackBytes: 300 }, MACHINE, 0);
    const whole = readConsole(startConsole(SEEING, MACHINE, 0), HOUR, 0).text;
    const { text, start, next, missed } = readConsole(small, HOUR, 100);
    expect(text).toBe(whole.slice(-300));
    expect({ start, next, missed }).toEqual({
      start: whole.length - 300,
      next: whole.length,
      missed: whole.length - 400,
    });
    expect(consoleAt(small, HOUR).log.text.length).toBeLessThan(400);
  });

  it('A7.3 with half of a processor CPU-bound stages take twice as long, countdowns do not', () => {
    const whole = stageEnds(startConsole(SEEING, MACHINE, 0, 1));
    const half = stageEnds(startConsole(SEEING, MACHINE, 0, 0.5));
    const lengths = (ends: Record<string, number>) =>
      Object.values(ends).map((end, i, all) => end - (all[i - 1] ?? 0));
    const stages = Object.keys(whole);
    const factors = lengths(half).map((length, i) => length / lengths(whole)[i]!);
    expect(Object.fromEntries(stages.map((stage, i) => [stage, factors[i]]))).toEqual({
      firmware: 2,
      'boot-menu': 1,
      'boot-device': 2,
      loader: 1,
      'kernel-load': 2,
      kernel: 2,
      initramfs: 2,
      init: 2,
    });
  });

  it('A7.3 a share that changes in mid-stage counts from then on, however often somebody looks', () => {
    const changed = (looks: number) => {
      let console = startConsole(BLIND, MACHINE, 0, 1);
      for (let i = 1; i <= looks; i++) console = consoleAt(console, (250 * i) / looks);
      return setConsoleShare(console, 250, 0.25);
    };
    // 0.5 s of firmware: half of it in 0.25 s, the other half in 1 s.
    expect(presentStage(consoleAt(changed(0), 1249).boot)?.stage).toBe('firmware');
    expect(presentStage(consoleAt(changed(0), 1250).boot)?.stage).toBe('boot-device');
    expect(consoleAt(changed(9), HOUR)).toEqual(consoleAt(changed(1), HOUR));
    expect(setConsoleShare(startConsole(BLIND, MACHINE, 0), 10, 0).boot.share).toBe(0);
    expect(consoleStageMs(setConsoleShare(startConsole(BLIND, MACHINE, 0), 10, 0), 20, 'up')).toBeUndefined();
  });

  it('A7.3 panic text ends the stream, and a reset starts again at stage 1', () => {
    let console = printKernel(startConsole(SEEING, MACHINE, 0), 9_000, 'Kernel panic - not syncing\r\n');
    console = haltConsole(console, 9_000);
    console = printKernel(console, 9_500, 'nobody is there any more\r\n');
    expect(lastConsoleLine(console, HOUR)).toBe('Kernel panic - not syncing');
    expect(consoleStageMs(console, HOUR, 'up')).toBeUndefined();
    const end = consoleBytes(console, HOUR);
    console = resetConsole(console, HOUR);
    expect(presentStage(console.boot)?.stage).toBe('firmware');
    expect(readConsole(console, 2 * HOUR, end).text).toMatch(/^SeaBIOS/);
    expect(readConsole(console, 2 * HOUR, end).missed).toBe(0);
  });

  it('A7.4 a container skips firmware, loader and kernel', () => {
    const console = startConsole({ ...SEEING, bootKind: 'container' }, MACHINE, 0);
    expect(console.boot.plan.map(({ stage }) => stage)).toEqual(['init']);
    expect(readConsole(console, HOUR, 0).text).toMatch(/^\[ {2}OK/);
    const xen = startConsole({ ...SEEING, bootKind: 'paravirtual' }, MACHINE, 0);
    expect(xen.boot.plan.map(({ stage }) => stage)).toEqual(['kernel', 'initramfs', 'init']);
  });

  it('shows a guest that hangs in a stage', () => {
    const console = hangConsole(startConsole(SEEING, MACHINE, 0), 0, { stage: 'kernel', share: 0.5 });
    const { boot } = consoleAt(console, HOUR);
    expect(bootStatus(boot, HOUR).stage).toBe('kernel');
    expect(bootStatus(boot, HOUR).overdueMs).toBeGreaterThan(HOUR - 60_000);
    expect(consoleStageMs(console, HOUR, 'up')).toBeUndefined();
    const { text } = readConsole(console, HOUR, 0);
    expect(text).toContain('Linux version');
    expect(text).not.toContain('Freeing unused');
    const now = hangConsole(startConsole(SEEING, MACHINE, 0), 100);
    expect(bootStatus(consoleAt(now, HOUR).boot, HOUR).stage).toBe('firmware');
    expect(bootStatus(consoleAt(startConsole(SEEING, MACHINE, 0), HOUR).boot, HOUR)).toMatchObject({
      stage: undefined,
      overdueMs: 0,
    });
  });

  it('says when the guest will be up', () => {
    const console = startConsole(BLIND, MACHINE, 1000, 0.5, 1.5);
    const up = consoleStageMs(console, 1000, 'up')!;
    expect(up).toBeCloseTo(1000 + 5000 + (1.5 * 1000 * (0.5 + 0.1 + 1 + 2 + 2 + 12)) / 0.5, 6);
    expect(consoleStageMs(console, 20_000, 'up')).toBeCloseTo(up, 6);
    expect(presentStage(consoleAt(console, up + 0.01).boot)).toBeUndefined();
    const kernel = consoleStageMs(console, 1000, 'kernel')!;
    expect(kernel).toBeCloseTo(1000 + 5000 + (1.5 * 1000 * (0.5 + 0.1 + 1)) / 0.5, 6);
    expect(guestUptimeMs(console, kernel + 1)).toBeCloseTo(1, 6);
    expect(consoleStageMs(console, kernel + 1, 'kernel')).toBeUndefined();
    expect(consoleStageMs(console, 1000, 'boot-menu')).toBeUndefined();
    const hung = hangConsole(console, 1000, { stage: 'initramfs', share: 0.5 });
    expect([consoleStageMs(hung, 1000, 'init'), consoleStageMs(hung, 1000, 'initramfs')]).toEqual([
      undefined,
      kernel + 6000,
    ]);
  });

  it("A6.3 A11.3 the guest's uptime begins with its kernel, and anew with a reset", () => {
    // 0.5 s of firmware, 0.1 s of looking for a disk, 5 s of loader, 1 s of loading.
    const console = startConsole(BLIND, MACHINE, 1000);
    expect(guestUptimeMs(console, 7599)).toBeUndefined();
    expect(guestUptimeMs(console, 7600)).toBe(0);
    expect(guestUptimeMs(console, HOUR)).toBe(HOUR - 7600);
    expect(guestUptimeMs(haltConsole(console, HOUR), HOUR + 1)).toBeUndefined();
    const reset = resetConsole(console, HOUR);
    expect(guestUptimeMs(reset, HOUR + 1)).toBeUndefined();
    expect(guestUptimeMs(reset, 2 * HOUR)).toBe(HOUR - 6600);
    const container = startConsole({ ...BLIND, bootKind: 'container' }, MACHINE, 1000);
    expect(guestUptimeMs(container, 1500)).toBe(500);
  });
});
