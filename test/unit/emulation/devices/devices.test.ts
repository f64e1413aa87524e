import { describe, expect, it } from 'vitest';
import {
  AGENT_REASON,
  AGENT_STATE,
  type Consequence,
  FAILURE_ACTION,
  FAILURE_RECIPIENT,
  GRAPHICS_PHASE,
} from '../../../../agent/emulation/devices/consequence.ts';
import {
  advanceAgent,
  agentConnects,
  agentDisconnects,
  createGuestAgent,
} from '../../../../agent/emulation/devices/guest-agent.ts';
import { createGuestClock, setClockRunning } from '../../../../agent/emulation/devices/guest-clock.ts';
import {
  addToCounter,
  counterValue,
  createCounter,
  setCounterRate,
} from '../../../../agent/emulation/devices/linear-counter.ts';
import {
  failureAction,
  type MemoryFault,
  memoryFailure,
} from '../../../../agent/emulation/devices/memory-failure.ts';
import {
  createRtc,
  guestOffsetSeconds,
  type RtcConfig,
  rebootRtc,
  setGuestOffset,
  writeRtc,
} from '../../../../agent/emulation/devices/rtc.ts';
import { Fleet, stateOf } from '../fleet.ts';

/** What is told and done, one word for each. */
function words(consequences: readonly Consequence[]): string[] {
  return consequences.map((one) => {
    if (one.kind === 'act') return one.action;
    if (one.kind !== 'event') return one.kind;
    const { event } = one;
    if (event.event === 'AGENT_LIFECYCLE') return `${event.state}/${event.reason}`;
    return event.event === 'MEMORY_FAILURE'
      ? `${event.recipient}/${event.action}/${event.flags}`
      : event.event;
  });
}

describe('a guest agent', () => {
  const config = { channel: true, installed: true, restartMs: 5000 };

  it('connects once the guest is up and goes with it, one event each', () => {
    let agent = createGuestAgent(config, 0);
    const up = agentConnects(agent, 14_000, 'modern');
    expect(words(up.consequences)).toEqual(['CONNECTED/CHANNEL']);
    expect(agentConnects(up.record, 15_000, 'modern')).toEqual({ record: up.record, consequences: [] });
    const down = agentDisconnects(up.record, 20_000, 'modern');
    expect(words(down.consequences)).toEqual(['DISCONNECTED/CHANNEL']);
    expect(agentDisconnects(down.record, 21_000, 'modern').consequences).toEqual([]);
    agent = agentConnects(down.record, 30_000, 'modern').record;
    expect(agent).toMatchObject({ connected: true, sinceMs: 30_000, connects: 2 });
    expect(words(agentConnects(createGuestAgent(config, 0), 0, 'modern', true).consequences)).toEqual([
      'CONNECTED/DOMAIN_STARTED',
    ]);
    expect([AGENT_STATE, AGENT_REASON]).toEqual([
      { CONNECTED: 1, DISCONNECTED: 2 },
      { UNKNOWN: 0, DOMAIN_STARTED: 1, CHANNEL: 2 },
    ]);
  });

  it('that dies is started again by its guest, unless the guest goes down before', () => {
    const up = agentConnects(createGuestAgent(config, 0), 1000, 'modern').record;
    const dead = agentDisconnects(up, 2000, 'modern', true).record;
    expect(dead.dueMs).toBe(7000);
    expect(advanceAgent(dead, 6999, 'modern').consequences).toEqual([]);
    const again = advanceAgent(dead, 9000, 'modern');
    expect(words(again.consequences)).toEqual(['CONNECTED/CHANNEL']);
    expect(again.record).toEqual({ config, connected: true, sinceMs: 7000, connects: 2 });
    const down = agentDisconnects(dead, 3000, 'modern');
    expect([down.record.dueMs, down.consequences]).toEqual([undefined, []]);
    expect(advanceAgent(down.record, 9000, 'modern').consequences).toEqual([]);
    const { restartMs: _, ...away } = config;
    const lost = agentDisconnects({ ...up, config: away }, 2000, 'modern', true).record;
    expect(lost.dueMs).toBeUndefined();
  });

  it('never connects without a channel or an agent, and rhel6 has no event of it', () => {
    for (const lacking of [{ channel: false }, { installed: false }]) {
      const agent = createGuestAgent({ ...config, ...lacking }, 0);
      expect(agentConnects(agent, 1, 'modern')).toEqual({ record: agent, consequences: [] });
    }
    const old = agentConnects(createGuestAgent(config, 0), 1, 'rhel6');
    expect([old.record.connected, old.consequences]).toEqual([true, []]);
  });
});

describe('a real-time clock', () => {
  const config: RtcConfig = { offset: 'utc', adjustmentSeconds: 0, zoneSeconds: 3600, driftPpm: 50 };
  const DAY = 86_400_000;

  it('tells each time that the guest sets it, with the offset to UTC', () => {
    const rtc = createRtc(config, 0);
    // 50 ppm are 4.32 s a day.
    expect(guestOffsetSeconds(rtc, DAY)).toBeCloseTo(4.32, 9);
    const { record, consequences } = writeRtc(rtc, DAY);
    expect(consequences).toEqual([{ kind: 'event', event: { event: 'RTC_CHANGE', utcOffsetSeconds: 4 } }]);
    expect(writeRtc(setGuestOffset(record, DAY, 0), DAY).consequences).toEqual([
      { kind: 'event', event: { event: 'RTC_CHANGE', utcOffsetSeconds: 0 } },
    ]);
    expect(record.changes).toBe(1);
  });

  it('starts where the domain says, and gives the guest its time again at a boot', () => {
    const offsets = (['utc', 'localtime', 'variable'] as const).map(
      (offset) => createRtc({ ...config, offset, adjustmentSeconds: -120 }, 0).offsetSeconds,
    );
    expect(offsets).toEqual([0, 3600, -120]);
    expect(guestOffsetSeconds(rebootRtc(createRtc(config, 0), DAY), DAY)).toBe(0);
    const variable = writeRtc(
      setGuestOffset(createRtc({ ...config, offset: 'variable' }, 0), 0, 90),
      0,
    ).record;
    expect([variable.config.adjustmentSeconds, createRtc(variable.config, DAY).offsetSeconds]).toEqual([
      90, 90,
    ]);
    expect(writeRtc(createRtc(config, 0), DAY).record.config.adjustmentSeconds).toBe(0);
  });
});

describe('a memory failure', () => {
  const fault = (
    recipient: MemoryFault['recipient'],
    actionRequired: boolean,
    guestReady: boolean,
    recursive = false,
  ): MemoryFault => ({ recipient, actionRequired, guestReady, recursive });
  const page = { frame: 0x1234, outcome: 'Recovered' } as const;

  it.each([
    ['HYPERVISOR', true, true, 'FATAL'],
    ['HYPERVISOR', true, false, 'FATAL'],
    ['HYPERVISOR', false, true, 'IGNORE'],
    ['HYPERVISOR', false, false, 'IGNORE'],
    ['GUEST', true, true, 'INJECT'],
    ['GUEST', true, false, 'RESET'],
    ['GUEST', false, true, 'INJECT'],
    ['GUEST', false, false, 'IGNORE'],
  ] as const)('A11.7 for %s, required %s, guest ready %s: %s and no other', (recipient, required, ready, action) => {
    expect(failureAction(fault(recipient, required, ready))).toBe(action);
    const then = { FATAL: ['kill'], RESET: ['reset'], INJECT: ['machine-check'], IGNORE: [] }[action];
    const told = `${recipient}/${action}/${required ? 1 : 0}`;
    expect(words(memoryFailure(fault(recipient, required, ready), 'modern', page))).toEqual([told, ...then]);
    expect(words(memoryFailure(fault(recipient, required, ready), 'rhel6', page))).toEqual(then);
  });

  it('A11.7 that hits a guest in the midst of another resets it', () => {
    expect(words(memoryFailure(fault('GUEST', true, true, true), 'modern', page))).toEqual([
      'GUEST/RESET/3',
      'reset',
    ]);
    expect(failureAction(fault('GUEST', false, true, true))).toBe('IGNORE');
    expect(memoryFailure(fault('GUEST', true, true), 'rhel6', page)).toEqual([
      { kind: 'machine-check', text: 'mce: hardware memory error in frame 0x1234: Recovered\r\n' },
    ]);
    expect([FAILURE_RECIPIENT, FAILURE_ACTION]).toEqual([
      { HYPERVISOR: 0, GUEST: 1 },
      { IGNORE: 0, INJECT: 1, FATAL: 2, RESET: 3 },
    ]);
    expect(GRAPHICS_PHASE).toEqual({ CONNECT: 0, INITIALIZE: 1, DISCONNECT: 2 });
  });

  it.each([
    [fault('HYPERVISOR', true, true), 'SHUTOFF/CRASHED', ['STOPPED/CRASHED']],
    [fault('GUEST', true, false), 'RUNNING/BOOTED', ['REBOOT']],
    [fault('GUEST', true, true), 'RUNNING/BOOTED', []],
    [fault('HYPERVISOR', false, true), 'RUNNING/BOOTED', []],
  ])('A11.1 %o ends in one state', (one, state, events) => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.pass(60);
    fleet.takeTrace();
    for (const consequence of memoryFailure(one, 'modern', page)) {
      if (consequence.kind === 'act') fleet.act(domain, consequence.action);
    }
    fleet.pass(60);
    expect([stateOf(domain), fleet.takeTrace().map((line) => line.split(' ')[1])]).toEqual([state, events]);
  });
});

describe('a lazily evaluated counter', () => {
  it('keeps fractions over changes of its rate, and is whole when read', () => {
    let counter = setCounterRate(createCounter(0), 0, 1);
    for (let now = 100; now <= 2000; now += 100) counter = setCounterRate(counter, now, now % 200 ? 1 : 2);
    // 0.1 + 10 x 0.1 + 9 x 0.2 = 2.9, and from then on 2 a second.
    expect(counterValue(counter, 2000)).toBe(2);
    expect(counterValue(counter, 2060)).toBe(3);
    expect(counterValue(addToCounter(counter, 2060, 3), 2060)).toBe(6);
  });

  it('a clock of the guest that is set to what it is stays the same', () => {
    const clock = createGuestClock(5);
    expect(setClockRunning(clock, 10, false)).toBe(clock);
  });
});
