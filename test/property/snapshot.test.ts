import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../agent/emulation/change.ts';
import { CRASH_ACTIONS, type DomainConfig } from '../../agent/emulation/domain/domain-config.ts';
import type { EmulationEvent } from '../../agent/emulation/events.ts';
import { FAULT_KINDS, type FaultKind } from '../../agent/emulation/fault/fault-kind.ts';
import type { FaultRule } from '../../agent/emulation/fault/fault-rule.ts';
import { hostDefaults } from '../../agent/emulation/host/host-config.ts';
import type { Hypervisor } from '../../agent/emulation/hypervisor.ts';
import { ACTIONS } from '../../agent/emulation/lifecycle/story.ts';
import { BOND_DEFAULTS, bondLine } from '../../agent/emulation/net/bond-config.ts';
import { type SegmentConfig, UPLINK_DEFAULTS } from '../../agent/emulation/net/net-config.ts';
import { decodeSnapshot } from '../../agent/snapshot/document.ts';
import { RecordedRun } from '../../agent/snapshot/recorded-run.ts';
import { replay } from '../../agent/snapshot/replay.ts';
import { VirtualClock } from '../../agent/util/clock.ts';
import { runs } from '../support/runs.ts';
import { config, FURNISHED, nameOfEvent } from '../unit/emulation/fleet.ts';

const GUESTS = 4;
const KINDS = Object.keys(FAULT_KINDS) as FaultKind[];

const RULES: readonly FaultRule[] = [
  {
    name: 'often',
    kind: 'noisy-neighbour',
    parameters: {},
    target: { probability: 0.5 },
    when: { everyMs: 7000 },
    jitterMs: 500,
    durationMs: 3000,
  },
  {
    name: 'after',
    kind: 'memory-leak',
    parameters: {},
    target: {},
    when: { after: 'SUSPENDED/PAUSED' },
    delayMs: 100,
  },
];

/** A bridge on a bond that has something to wait for when its first cable is pulled. */
const BONDED: SegmentConfig = {
  ...{ name: 'virbr0', kind: 'bridge', reflects: false },
  uplink: bondLine('bond0', {
    ...{ ...BOND_DEFAULTS, mode: 'balance-xor', hashPolicy: 'layer2+3', upDelayMs: 3000, downDelayMs: 1000 },
    slaves: ['eth0', 'eth1'].map((name) => ({ ...UPLINK_DEFAULTS, name })),
  }),
};

/** One thing to do to a fleet, and how time goes on then. */
interface Command {
  readonly guest: number;
  readonly host: number;
  readonly kind:
    | (typeof ACTIONS)[number]
    | 'undefine'
    | 'define'
    | 'rename'
    | 'uplink'
    | 'quota'
    | 'balloon'
    | 'fault'
    | 'rules'
    | 'read'
    | 'rolled back';
  readonly fault: FaultKind;
  readonly flag: boolean;
  /** ms to let pass afterwards, and the timers that may run in one go: time may stop in the midst of an instant. */
  readonly passMs: number;
  readonly timers: number;
}

const arbCommand: fc.Arbitrary<Command> = fc.record({
  guest: fc.nat(GUESTS - 1),
  host: fc.nat(1),
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('start', 'migrate', 'save', 'shutdown', 'suspend', 'resume') },
    { weight: 5, arbitrary: fc.constantFrom(...ACTIONS) },
    { weight: 2, arbitrary: fc.constantFrom('undefine', 'define', 'rename', 'uplink', 'quota', 'balloon') },
    { weight: 4, arbitrary: fc.constantFrom('fault', 'rules', 'read', 'rolled back') },
  ),
  fault: fc.constantFrom(...KINDS),
  flag: fc.boolean(),
  passMs: fc.oneof(fc.constant(0), fc.nat(500), fc.nat(30_000)),
  timers: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(40)),
});

const arbCommands = fc.array(arbCommand, { maxLength: 25 });

function guestConfig(guest: number): DomainConfig {
  return config(`guest-${guest}`, {
    ...FURNISHED,
    type: (['kvm', 'xen', 'lxc', 'kvm'] as const)[guest]!,
    onCrash: CRASH_ACTIONS[guest]!,
    load: (['steady', 'idle', 'daily', 'bursty'] as const)[guest]!,
    initialState: (['running', 'running', 'paused', 'shutoff'] as const)[guest]!,
  });
}

function newRun(): RecordedRun {
  const run = new RecordedRun(new VirtualClock({ epochMs: Date.UTC(2026, 0, 5, 9) }), { seed: 7 });
  const { hypervisor } = run;
  const one = hypervisor.addHost('one', { ...hostDefaults('modern'), segments: [BONDED] });
  hypervisor.addHost('two');
  const configs = Array.from({ length: GUESTS }, (_, guest) => guestConfig(guest));
  hypervisor.apply({ op: 'populate', host: one, configs }, 'config');
  restartCrashed(run);
  return run;
}

/** Somebody who answers to what happens: a guest that has crashed is started again at once. */
function restartCrashed({ hypervisor }: RecordedRun): void {
  hypervisor.onEvent((event) => {
    if (event.kind !== 'lifecycle' || nameOfEvent(event) !== 'STOPPED/CRASHED') return;
    const start: Change = { op: 'act', domain: event.domain, action: 'start' };
    if (!hypervisor.check(start)) hypervisor.apply(start, 'scenario');
  });
}

function changeFor({ hosts }: Hypervisor, command: Command): Change | undefined {
  const host = hosts[command.host]!;
  const target = hosts[1 - command.host]!;
  const { kind, flag, fault } = command;
  const definition = guestConfig(command.guest);
  if (kind === 'define') return { op: 'define', host, config: definition };
  if (kind === 'uplink')
    return { op: 'host', host, action: { uplink: [...host.segments][0]!.config.name, up: flag } };
  const domain = host.domains.byUuid(definition.uuid);
  if (kind === 'fault') {
    const subject = FAULT_KINDS[fault].on === 'host' ? host : domain;
    return (
      subject && { op: 'fault', action: { raise: fault, target: subject, ...(flag && { durationMs: 5000 }) } }
    );
  }
  if (!domain || kind === 'rules' || kind === 'read' || kind === 'rolled back') return undefined;
  if (kind === 'quota') return { op: 'tune', domain, cpu: { quotaUs: flag ? -1 : 6000 } };
  if (kind === 'balloon') return { op: 'tune', domain, balloonKiB: flag ? 1_048_576 : 524_288 };
  if (kind === 'undefine') return { op: 'undefine', domain };
  if (kind === 'rename') return { op: 'rename', domain, name: flag ? definition.name : `x-${command.guest}` };
  return { op: 'act', domain, action: kind, target, mode: flag ? 'postcopy' : 'precopy', persist: flag };
}

function perform(run: RecordedRun, command: Command): void {
  const { hypervisor } = run;
  if (command.kind === 'rules') hypervisor.setFaultRules(command.flag ? RULES : []);
  if (command.kind === 'read') run.pictures();
  if (command.kind === 'rolled back') {
    const transaction = hypervisor.transaction('manager');
    for (const kind of ['suspend', 'balloon', 'quota'] as const) {
      const change = changeFor(hypervisor, { ...command, kind });
      if (change && !hypervisor.check(change)) transaction.apply(change);
    }
    transaction.rollback();
  }
  const change = changeFor(hypervisor, command);
  if (change && !hypervisor.check(change)) hypervisor.apply(change);
  let left = command.timers;
  hypervisor.clock.advanceTo(hypervisor.clock.nowMs + command.passMs, () => left-- > 0);
}

function toldOf(event: EmulationEvent): unknown {
  return [event.sequence, event.atMs, event.host.name, event.kind, event.event, event.cause, event.faults];
}

/** Every event, and all that is to be seen once a second. */
function future(run: RecordedRun, seconds: number): unknown {
  const { hypervisor } = run;
  const events: unknown[] = [];
  const deaf = hypervisor.onEvent((event) => void events.push(toldOf(event)));
  const seen: unknown[] = [];
  for (let i = 0; i < seconds; i++) {
    hypervisor.clock.advanceTo(hypervisor.clock.nowMs + 1000);
    seen.push(run.pictures());
  }
  deaf();
  return { events, seen };
}

describe('a snapshot of any run', () => {
  it('restored elsewhere has the same state, record and future', async () => {
    await fc.assert(
      fc.asyncProperty(arbCommands, arbCommands, async (before, after) => {
        const run = newRun();
        for (const command of before) perform(run, command);
        const octets = Buffer.concat(run.snapshot());
        const restored = await replay(decodeSnapshot(octets, 'it'));
        expect(Buffer.concat(restored.snapshot()).toString()).toBe(octets.toString());
        restartCrashed(restored);
        for (const command of after) for (const each of [run, restored]) perform(each, command);
        expect(restored.pictures()).toEqual(run.pictures());
        expect(future(restored, 20)).toEqual(future(run, 20));
      }),
      { numRuns: runs(25) },
    );
  });
});
