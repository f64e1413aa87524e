import type { VirtualClock } from '../util/clock.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { type Logger, silentLogger } from '../util/logger.ts';
import type { Alarm } from './alarm/alarm.ts';
import { AlarmWatch } from './alarm/alarm-watch.ts';
import { type AlarmSettings, alarmSettings } from './alarm/settings.ts';
import type { Cause } from './cause.ts';
import type { ActChange, Change, FaultChange } from './change.ts';
import { because, type Core, emitAlarm } from './core.ts';
import { DeviceShelf } from './devices/device-shelf.ts';
import { planBlockJob } from './domain/block-jobs.ts';
import {
  type Plan,
  planDefine,
  planPopulate,
  planRename,
  planUndefine,
  planUpdate,
} from './domain/definitions.ts';
import type { Domain } from './domain/domain.ts';
import { planAttach, planDetach } from './domain/hot-plug.ts';
import { planMetadata } from './domain/metadata.ts';
import { planTune } from './domain/tuning.ts';
import type { EmulationEvent, EventListener } from './events.ts';
import { type ActiveFault, plainFault } from './fault/fault.ts';
import { FaultBoard } from './fault/fault-board.ts';
import type { FaultRule } from './fault/fault-rule.ts';
import { FaultRules } from './fault/fault-rules.ts';
import { planFault } from './fault/plan-fault.ts';
import { Host } from './host/host.ts';
import { type HostConfig, hostDefaults } from './host/host-config.ts';
import { planHost } from './host/host-life.ts';
import type { Profile } from './lifecycle/story.ts';
import { planAct } from './lifecycle/story-runner.ts';
import { Outbox } from './outbox.ts';
import { advanceDevices } from './running-devices/device-runner.ts';
import { planDebug, planDevice } from './running-devices/plan-device.ts';
import { applyConsequences } from './tick/apply-consequences.ts';
import { Ticker } from './tick/ticker.ts';
import type { TimingOverrides } from './timings.ts';
import { UndoLog } from './undo-log.ts';
import type { Write, WriteListener, WriteMoment } from './write.ts';

export type { Change } from './change.ts';

/** What a {@link Hypervisor} is made of. */
export interface HypervisorOptions {
  readonly clock: VirtualClock;
  /** Decides every random course of the simulation; an integer. */
  readonly seed: number;
  readonly logger?: Logger;
  /** Which libvirt's events are shown; modern when not given. */
  readonly profile?: Profile;
  /** Timings that replace the shipped ones, by name. */
  readonly timings?: TimingOverrides;
  /** Length of a tick in simulated ms; 1000 when not given. */
  readonly tickMs?: number;
  /** When alarms come and go; the shipped settings when not given. */
  readonly alarms?: AlarmSettings;
  /** Hears of all that is done to the fleet. */
  readonly onWrite?: WriteListener;
}

/** Several changes that take effect together or not at all; one at a time, ended before time goes on. */
export interface Transaction {
  /** Like {@link Hypervisor.apply}; the events wait for the commit. A refused change leaves the others. */
  apply(change: Change): void;
  /** Keeps the changes and sends their events, in order. */
  commit(): void;
  /** Restores everything as it was and forgets the events. */
  rollback(): void;
}

/**
 * Hears which domains and which hosts have changed, every host of such a domain among them, by which events, and by whom
 * or what; a change can be without an event.
 */
export type SettledListener = (
  domains: readonly Domain[],
  hosts: readonly Host[],
  events: readonly EmulationEvent[],
  cause: Cause,
) => void;

/**
 * A fleet of simulated hosts with their domains, and the one door for changing them.
 *
 * Whatever wants a change (a manager, a script, a timer) comes through {@link apply}; whoever wants to know
 * listens to events or reads. Nothing happens but at a change or when the clock moves.
 */
export class Hypervisor {
  readonly clock: VirtualClock;
  readonly #core: Core;
  readonly #hosts: Host[] = [];
  readonly #rules: FaultRules;
  readonly #onWrite: WriteListener | undefined;
  readonly #settledListeners = new Set<SettledListener>();
  #open = false;

  constructor(options: HypervisorOptions) {
    this.clock = options.clock;
    this.#onWrite = options.onWrite;
    const ticker = new Ticker(options.clock, options.tickMs);
    this.#core = {
      clock: options.clock,
      seed: options.seed,
      profile: options.profile ?? 'modern',
      timings: options.timings ?? {},
      ticker,
      outbox: new Outbox(options.logger ?? silentLogger, (events) => this.#settled(events)),
      logger: options.logger ?? silentLogger,
      shelf: new DeviceShelf(),
      alarms: new AlarmWatch({
        clock: options.clock,
        tickMs: ticker.tickMs,
        settings: options.alarms ?? alarmSettings(),
        tell: (event, alarm) => emitAlarm(this.#core, event, alarm),
        wake: () => ticker.wake(),
      }),
      faults: new FaultBoard(),
      runDevices: advanceDevices,
      cause: 'control',
      undo: undefined,
      touched: { domains: new Set(), hosts: new Set(), cause: undefined },
    };
    const { alarms, outbox } = this.#core;
    outbox.listen((event) => because(this.#core, event.cause, () => alarms.hear(event)));
    this.#rules = new FaultRules(this.#core, this.#hosts);
  }

  /** Every host, in the order of their addition. */
  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  /** The faults that are in effect, ascending by number. */
  get faults(): readonly ActiveFault[] {
    return this.#core.faults.all.map(plainFault);
  }

  /**
   * Makes these the rules that faults begin and end by.
   *
   * A rule that is as it was goes on; the faults of one that is gone or changed end.
   */
  setFaultRules(rules: readonly FaultRule[]): void {
    if (this.#open) throw new Error('a transaction is open: end it before the rules of faults are changed');
    this.#note({ op: 'fault-rules', rules });
    this.#rules.set(rules);
  }

  /** Number of events sent so far. */
  get sequence(): number {
    return this.#core.outbox.sequence;
  }

  /**
   * Where the simulation stands in the order of all that happens. Throws OPERATION_INVALID in the midst of
   * something: while a transaction is open, a timer runs, or an event is told.
   */
  get moment(): WriteMoment {
    if (this.#open || this.clock.advancing || this.#core.outbox.delivering !== undefined)
      throw new VirtsnmpError(
        'OPERATION_INVALID',
        'the simulation is in the midst of a change; wait for its end',
      );
    return { atMs: this.clock.nowMs, ran: this.clock.ran };
  }

  /** Adds a host without domains, the era's own unless given. Throws DUPLICATE when the name is taken. */
  addHost(name: string, config: HostConfig = hostDefaults(this.#core.profile)): Host {
    if (this.#hosts.some((host) => host.name === name)) {
      throw new VirtsnmpError('DUPLICATE', `host ${name} exists already; each host needs a name of its own`);
    }
    this.#note({ op: 'add-host', name, config });
    const host = new Host(name, config, this.#core.seed, this.clock.nowMs);
    this.#hosts.push(host);
    this.#core.alarms.add(host);
    this.#core.ticker.add(host.engine, () => {
      host.sensors.advance(this.clock.nowMs, host.engine.utilisation);
      return because(this.#core, 'model', () => {
        applyConsequences(this.#core, host);
        return this.#lookForAlarms(host);
      });
    });
    return host;
  }

  /** Has alarms come and go by other settings from now on. */
  set alarmSettings(settings: AlarmSettings) {
    this.#note({ op: 'alarm-settings', settings });
    this.#core.alarms.settings = settings;
  }

  /**
   * Takes over alarms that were up before the simulation began, and keeps their numbers and all up to
   * `lastNumber` from being given again. What of them is no longer so is cleared as time goes on.
   */
  restoreAlarms(alarms: readonly Alarm[], lastNumber: number): void {
    for (const { host } of alarms) this.#refuseStranger(host);
    this.#note({ op: 'restore-alarms', alarms, lastNumber });
    this.#core.alarms.reserve(lastNumber);
    for (const alarm of alarms) this.#core.alarms.restore(alarm);
  }

  /**
   * Makes a change, and whatever follows from it at once; what takes time follows as the clock moves.
   *
   * Throws VirtsnmpError OPERATION_INVALID, DUPLICATE or DOMAIN_INVALID when it is not possible; nothing has
   * changed then.
   */
  apply(change: Change, cause: Cause = 'control'): void {
    if (this.#open) throw new Error('a transaction is open: apply through it, or end it first');
    const plan = this.#plan(change);
    this.#note({ op: 'apply', change, cause });
    this.#run(plan, cause);
  }

  /** Why {@link apply} would refuse the change now; `undefined` when it would not. Changes nothing. */
  check(change: Change): VirtsnmpError | undefined {
    try {
      this.#plan(change);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof VirtsnmpError) return thrown;
      throw thrown;
    }
  }

  /** Opens a transaction. The clock must not move until it is committed or rolled back. */
  transaction(cause: Cause = 'control'): Transaction {
    if (this.#open) throw new Error('a transaction is open already; end it before another');
    const core = this.#core;
    const undo = new UndoLog();
    this.#open = true;
    core.undo = undo;
    core.outbox.hold();
    const changes: Change[] = [];
    let ended = false;
    const end = (committed: boolean): void => {
      if (ended) throw new Error('the transaction has ended; open another');
      ended = true;
      this.#open = false;
      core.undo = undefined;
      this.#note({ op: 'transaction', changes, cause, committed });
    };
    return {
      apply: (change) => {
        if (ended) throw new Error('the transaction has ended; open another');
        const plan = this.#plan(change);
        changes.push(change);
        this.#run(plan, cause);
      },
      commit: () => {
        end(true);
        core.outbox.release();
      },
      rollback: () => {
        end(false);
        undo.rollback();
        core.outbox.drop();
      },
    };
  }

  /** Has every event from now on told to `listener`, in order; the returned function ends that. */
  onEvent(listener: EventListener): () => void {
    return this.#core.outbox.listen(listener);
  }

  /**
   * Has `listener` told which domains and hosts have changed, once a change is made with all that follows from it
   * at once, and its events are out; the returned function ends that. What was taken back is told of as well.
   */
  onSettled(listener: SettledListener): () => void {
    this.#settledListeners.add(listener);
    return () => void this.#settledListeners.delete(listener);
  }

  #settled(events: readonly EmulationEvent[]): void {
    const { touched, logger } = this.#core;
    if (touched.hosts.size === 0) return;
    const domains = [...touched.domains];
    const hosts = [...touched.hosts];
    touched.domains.clear();
    touched.hosts.clear();
    const cause = touched.cause ?? 'control';
    touched.cause = undefined;
    for (const listener of this.#settledListeners) {
      try {
        listener(domains, hosts, events, cause);
      } catch (thrown) {
        logger.error('a listener to changes failed', { error: errorText(thrown) });
      }
    }
  }

  #note(write: Write): void {
    if (!this.#onWrite) return;
    const { delivering } = this.#core.outbox;
    const { nowMs: atMs, ran } = this.clock;
    this.#onWrite(write, { atMs, ran, ...(delivering !== undefined && { during: delivering }) });
  }

  #run(plan: Plan, cause: Cause): void {
    this.#core.outbox.hold();
    try {
      because(this.#core, cause, plan);
    } finally {
      this.#core.outbox.release();
    }
  }

  #plan(change: Change): Plan {
    const core = this.#core;
    switch (change.op) {
      case 'populate':
        this.#refuseStranger(change.host);
        return planPopulate(core, change);
      case 'define':
        this.#refuseStranger(change.host);
        return planDefine(core, change);
      case 'undefine':
        return planUndefine(core, change);
      case 'rename':
        return planRename(core, change);
      case 'update':
        return planUpdate(core, change);
      case 'host':
        this.#refuseStranger(change.host);
        return planHost(core, change);
      case 'block-job':
        return planBlockJob(core, change);
      case 'tune':
        return planTune(core, change);
      case 'metadata':
        return planMetadata(core, change);
      case 'debug':
        return planDebug(core, change);
      case 'attach':
        return planAttach(core, change);
      case 'detach':
        return planDetach(core, change);
      case 'device':
        return planDevice(core, change);
      case 'fault':
        return this.#planFault(change);
      case 'act':
        return this.#planAct(change);
    }
  }

  /** Whether the alarms of the host need another tick. */
  #lookForAlarms(host: Host): boolean {
    const { alarms, outbox } = this.#core;
    outbox.hold();
    try {
      return alarms.afterTick(host);
    } finally {
      outbox.release();
    }
  }

  #planAct(change: ActChange): Plan {
    if (change.target) this.#refuseStranger(change.target);
    return planAct(this.#core, change);
  }

  #planFault(change: FaultChange): Plan {
    const { action } = change;
    if ('raise' in action) this.#refuseStranger('uuid' in action.target ? action.target.host : action.target);
    return planFault(this.#core, change);
  }

  #refuseStranger(host: Host): void {
    if (this.#hosts.includes(host)) return;
    throw new VirtsnmpError('OPERATION_INVALID', `host ${host.name} is not one of this fleet; add it first`);
  }
}
