import { describe, expect, it } from 'vitest';
import type { Consequence } from '../../../../agent/emulation/devices/consequence.ts';
import {
  acknowledge,
  advanceQxl,
  clientChanged,
  collectReleased,
  createQxl,
  draw,
  fallAsleep,
  fetched,
  interruptsOf,
  type Qxl,
  qxlDueMs,
  resetQxl,
  ringFill,
  setInterruptMask,
  setSurfaces,
  updateArea,
  wakeUp,
  wantSleep,
  writeIo,
} from '../../../../agent/emulation/display/qxl.ts';
import {
  ioRevision,
  isAsync,
  QXL_DEFAULTS,
  QXL_IO,
  type QxlConfig,
} from '../../../../agent/emulation/display/qxl-config.ts';
import {
  connectClient,
  createSpice,
  disconnectClient,
  setSound,
  VOLUME_MESSAGE,
} from '../../../../agent/emulation/display/spice.ts';
import type { ActionName } from '../../../../agent/emulation/lifecycle/story.ts';
import { Fleet, stateOf } from '../fleet.ts';

const MODERN = QXL_DEFAULTS.modern;

function qxl(changes: Partial<QxlConfig> = {}): Qxl {
  return createQxl({ ...MODERN, ...changes }, 0);
}

/** A guest that has an area rendered every ms and takes note of each interrupt. */
function render(start: Qxl, count: number): Qxl {
  let device = start;
  for (let now = 0; now < count; now++) {
    device = updateArea(acknowledge(advanceQxl(device, now).record), now).record;
  }
  return advanceQxl(acknowledge(device), count).record;
}

function actions(consequences: readonly Consequence[]): ActionName[] {
  return consequences.flatMap((one) => (one.kind === 'act' ? [one.action] : []));
}

describe('a QXL device', () => {
  it('A9.1 async on: no vCPU waits, and each command that ends raises IO_CMD', () => {
    const device = render(qxl(), 50);
    expect(device).toMatchObject({ blockedNs: 0, asyncStarted: 50, asyncCompleted: 50, guestBug: false });
    expect(interruptsOf(device, 'IO_CMD')).toBe(50);
  });

  it.each([
    ['the driver does without', { async: false }],
    ['revision 2 has none', { revision: 2 as const }],
  ])('A9.1 async off, as %s: vCPUs wait for the sum of render times, and IO_CMD is silent', (_, changes) => {
    const device = render(qxl(changes), 50);
    expect(device).toMatchObject({ blockedNs: 50 * MODERN.renderNs, asyncStarted: 0 });
    expect(interruptsOf(device, 'IO_CMD')).toBe(0);
  });

  it('A9.2 a second start while one is outstanding is a guest bug and is not counted as started', () => {
    const first = updateArea(qxl(), 0).record;
    expect([first.asyncStarted, first.asyncCompleted, first.outstanding?.command]).toEqual([
      1,
      0,
      'UPDATE_AREA_ASYNC',
    ]);
    const second = updateArea(first, 0.1).record;
    expect([second.asyncStarted, second.guestBug, interruptsOf(second, 'ERROR')]).toEqual([1, true, 1]);
    const later = advanceQxl(second, 10).record;
    expect([later.asyncStarted, later.asyncCompleted, later.outstanding]).toEqual([1, 1, undefined]);
    expect(qxlDueMs(later)).toBeUndefined();
  });

  it('A9.3 behind a guest bug nothing is fetched and DISPLAY and CURSOR stay silent, until RESET', () => {
    let device = draw(qxl({ fetchPerSecond: 1000 }), 0, 'commands', 100).record;
    device = draw(device, 0, 'cursors', 100).record;
    device = writeIo(device, 10, 'MEMSLOT_ADD', false).record;
    expect([device.guestBug, fetched(device, 10, 'commands'), ringFill(device, 10, 'commands')]).toEqual([
      true,
      10,
      22,
    ]);
    device = draw(device, 20, 'commands', 5).record;
    const later = advanceQxl(device, 60_000).record;
    expect([fetched(later, 60_000, 'commands'), fetched(later, 60_000, 'cursors')]).toEqual([10, 10]);
    expect(['DISPLAY', 'CURSOR', 'ERROR'].map((name) => interruptsOf(later, name as 'DISPLAY'))).toEqual([
      0, 0, 1,
    ]);
    let reset = writeIo(later, 60_000, 'RESET').record;
    expect([reset.guestBug, reset.commands.discarded, ringFill(reset, 60_000, 'commands')]).toEqual([
      false,
      27,
      0,
    ]);
    reset = draw(reset, 60_000, 'commands', 100).record;
    expect(fetched(reset, 61_000, 'commands')).toBe(42);
    expect(interruptsOf(advanceQxl(reset, 61_000).record, 'DISPLAY')).toBe(1);
  });

  it('A9.3 other I/O is ignored behind a guest bug; the guard of RHEL 6 never acts', () => {
    const broken = (changes: Partial<QxlConfig>) =>
      writeIo(qxl({ ...changes, async: false }), 0, 'SET_MODE', false).record;
    expect(updateArea(broken({ guardsIo: true }), 1).record).toMatchObject({ ignoredIo: 1, blockedNs: 0 });
    expect(updateArea(broken({ guardsIo: false }), 1).record).toMatchObject({
      ignoredIo: 0,
      blockedNs: MODERN.renderNs,
    });
  });

  it('takes a command that its revision does not know for a guest bug', () => {
    for (const command of QXL_IO) {
      for (const revision of [2, 3, 4] as const) {
        const { record } = writeIo(qxl({ revision }), 0, command);
        expect([command, revision, record.guestBug]).toEqual([
          command,
          revision,
          ioRevision(command) > revision,
        ]);
      }
    }
    expect(QXL_IO.filter((command) => ioRevision(command) === 3)).toHaveLength(8);
    expect(QXL_IO.filter(isAsync)).toHaveLength(8);
  });

  it('raises no second interrupt for what is pending, and none that the guest does not want', () => {
    let device = advanceQxl(updateArea(qxl(), 0).record, 1).record;
    device = advanceQxl(updateArea(device, 1).record, 2).record;
    expect([interruptsOf(device, 'IO_CMD'), device.asyncCompleted]).toEqual([1, 2]);
    device = advanceQxl(updateArea(acknowledge(device, ['ERROR']), 2).record, 3).record;
    expect(interruptsOf(device, 'IO_CMD')).toBe(1);
    device = writeIo(device, 3, 'UPDATE_IRQ').record;
    device = advanceQxl(updateArea(device, 3).record, 4).record;
    expect(interruptsOf(device, 'IO_CMD')).toBe(2);
    const deaf = setInterruptMask(qxl(), ['DISPLAY']);
    expect(advanceQxl(updateArea(deaf, 0).record, 1).record).toMatchObject({
      intPending: 4,
      asyncCompleted: 1,
    });
    expect(interruptsOf(advanceQxl(updateArea(deaf, 0).record, 1).record, 'IO_CMD')).toBe(0);
  });

  it('tells of clients from revision 4 on', () => {
    expect(interruptsOf(clientChanged(qxl()), 'CLIENT')).toBe(1);
    expect(interruptsOf(clientChanged(qxl(), true), 'CLIENT_MONITORS_CONFIG')).toBe(1);
    expect(clientChanged(qxl({ revision: 3 })).intPending).toBe(0);
  });

  it('fills rings of 32, 32 and 8, and a guest that waits is told when the renderer is done', () => {
    const full = draw(qxl({ fetchPerSecond: 1000 }), 0, 'commands', 40).record;
    expect([ringFill(full, 0, 'commands'), full.commands.guestWaits, qxlDueMs(full)]).toEqual([32, true, 32]);
    expect(ringFill(full, 12.5, 'commands')).toBe(20);
    const done = advanceQxl(full, 32).record;
    expect([
      fetched(done, 32, 'commands'),
      interruptsOf(done, 'DISPLAY'),
      ringFill(done, 32, 'release'),
    ]).toEqual([32, 1, 8]);
    expect(ringFill(collectReleased(done, 32), 32, 'release')).toBe(0);
    expect(ringFill(writeIo(done, 32, 'NOTIFY_OOM').record, 32, 'release')).toBe(0);
    const twice = draw(
      draw(qxl({ fetchPerSecond: 1000 }), 0, 'commands', 10).record,
      5,
      'commands',
      10,
    ).record;
    expect([5, 12, 19, 20].map((now) => ringFill(twice, now, 'commands'))).toEqual([15, 8, 1, 0]);
    const few = draw(qxl(), 0, 'cursors', 3).record;
    expect([few.cursors.guestWaits, interruptsOf(advanceQxl(few, 1000).record, 'CURSOR')]).toEqual([
      false,
      0,
    ]);
    const pointer = advanceQxl(draw(qxl(), 0, 'cursors', 33).record, 1000).record;
    expect(interruptsOf(pointer, 'CURSOR')).toBe(1);
    expect(interruptsOf(resetQxl(pointer, 1000), 'CURSOR')).toBe(1);
  });

  it('A9.4 suspend to RAM: the flush is done before the domain sleeps, and a resume repaints', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.pass(60);
    fleet.takeTrace();
    const began = fleet.clock.nowMs;
    let { record, consequences } = wantSleep(setSurfaces(createQxl(MODERN, began), 5), began);
    expect(consequences).toEqual([]);
    const flushed = qxlDueMs(record)!;
    expect(flushed).toBe(began + 10);
    expect(actions(advanceQxl(record, flushed - 1).consequences)).toEqual([]);
    ({ record, consequences } = advanceQxl(record, flushed));
    expect(actions(consequences)).toEqual(['pm-suspend']);
    fleet.pass((flushed - began) / 1000);
    fleet.act(domain, actions(consequences)[0]!);
    fleet.pass(10);
    expect(stateOf(domain)).toBe('PMSUSPENDED/UNKNOWN');
    expect(fleet.events[0]!.atMs).toBeGreaterThanOrEqual(flushed);
    const asleep = fallAsleep(record, fleet.clock.nowMs);
    expect(asleep).toMatchObject({ surfacesLost: 0, surfacesSaved: 5, surfaces: 0, surfacesWritten: 5 });
    const awake = wakeUp(asleep, fleet.clock.nowMs).record;
    expect([awake.surfaces, awake.sleep]).toEqual([5, 'awake']);
    const later = fleet.clock.nowMs + 1000;
    expect(fetched(awake, later, 'commands') - fetched(record, later, 'commands')).toBe(6);
    expect(wakeUp(awake, later).record).toBe(awake);
  });

  it('A9.4 without a flush the surfaces are lost', () => {
    const { record, consequences } = wantSleep(setSurfaces(qxl({ revision: 2, async: false }), 5), 0);
    expect(actions(consequences)).toEqual(['pm-suspend']);
    const awake = wakeUp(fallAsleep(record, 5), 10).record;
    expect([awake.surfacesLost, awake.surfaces, fetched(awake, 1000, 'commands')]).toEqual([5, 0, 1]);
  });

  it('A9.4 a flush waits for the command before it', () => {
    const busy = updateArea(setSurfaces(qxl(), 1), 0).record;
    const waiting = wantSleep(busy, 0.1).record;
    expect(waiting.guestBug).toBe(false);
    const { record, consequences } = advanceQxl(waiting, 10);
    expect([actions(consequences), record.asyncCompleted, record.surfacesSaved]).toEqual([
      ['pm-suspend'],
      2,
      1,
    ]);
    expect(wantSleep(record, 11).consequences).toEqual([]);
    const gone = writeIo(setSurfaces(qxl(), 3), 0, 'DESTROY_ALL_SURFACES_ASYNC').record;
    expect(advanceQxl(gone, 5).record.surfaces).toBe(0);
    expect(writeIo(setSurfaces(qxl(), 3), 0, 'DESTROY_ALL_SURFACES').record.surfaces).toBe(0);
  });
});

describe('a SPICE server', () => {
  const able = { name: '192.0.2.1:5000', playbackVolume: true, recordVolume: true };
  const deaf = { name: '192.0.2.2:5000', playbackVolume: false, recordVolume: false };

  it('A9.5 sends one message for each change and each client that understands it, and none otherwise', () => {
    const alone = setSound(createSpice(), 'playback', { volume: [1, 1] });
    expect(Object.values(alone.sent)).toEqual([0, 0, 0, 0]);
    let spice = createSpice();
    for (const client of [able, deaf, { ...able, name: 'other' }])
      spice = connectClient(spice, client).record;
    expect(Object.values(spice.sent)).toEqual([0, 0, 0, 0]);
    spice = setSound(spice, 'playback', { volume: [30_000, 30_000] });
    spice = setSound(spice, 'playback', { volume: [30_000, 30_000] });
    spice = setSound(spice, 'playback', { mute: true });
    spice = setSound(spice, 'playback', { mute: true });
    spice = setSound(spice, 'record', { volume: [1], mute: true });
    expect(spice.sent).toEqual({ PLAYBACK_VOLUME: 2, PLAYBACK_MUTE: 2, RECORD_VOLUME: 2, RECORD_MUTE: 2 });
    spice = disconnectClient(spice, 'other').record;
    spice = setSound(spice, 'playback', { mute: false });
    expect(spice.sent).toEqual({ PLAYBACK_VOLUME: 2, PLAYBACK_MUTE: 3, RECORD_VOLUME: 2, RECORD_MUTE: 2 });
    expect(Object.values(VOLUME_MESSAGE)).toEqual([105, 106, 103, 104]);
  });

  it('tells of connections', () => {
    const phases = (consequences: readonly Consequence[]) =>
      consequences.map((one) =>
        one.kind === 'event' && one.event.event === 'GRAPHICS' ? one.event.phase : one.kind,
      );
    const { record, consequences } = connectClient(createSpice(), able);
    expect(phases(consequences)).toEqual(['CONNECT', 'INITIALIZE']);
    expect(connectClient(record, able)).toEqual({ record, consequences: [] });
    expect(phases(disconnectClient(record, able.name).consequences)).toEqual(['DISCONNECT']);
    expect(disconnectClient(record, 'nobody')).toEqual({ record, consequences: [] });
  });
});
