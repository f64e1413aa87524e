import type { VirtualClock } from '../util/clock.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { type Logger, silentLogger } from '../util/logger.ts';
import { applyConsequences } from './apply-consequences.ts';
import { planBlockJob } from './block-jobs.ts';
import type { ActChange, Change } from './change.ts';
import type { Core } from './core.ts';
import { type Plan, planDefine, planPopulate, planRename, planUndefine, planUpdate } from './definitions.ts';
import { DeviceShelf } from './devices/device-shelf.ts';
import type { EventListener } from './events.ts';
import { Host } from './host.ts';
import { type HostConfig, hostDefaults } from './host-config.ts';
import { planHost } from './host-life.ts';
import { Outbox } from './outbox.ts';
import { advanceDevices } from './running-devices/device-runner.ts';
import { planDebug, planDevice } from './running-devices/plan-device.ts';
import type { Profile } from './story.ts';
import { planAct } from './story-runner.ts';
import { Ticker } from './ticker.ts';
import type { TimingOverrides } from './timings.ts';
import { planTune } from './tuning.ts';
import { UndoLog } from './undo-log.ts';

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
 * A fleet of simulated hosts with their domains, and the one door for changing them.
 *
 * Whatever wants a change (a manager, a script, a timer) comes through {@link apply}; whoever wants to know
 * listens to events or reads. Nothing happens but at a change or when the clock moves.
 */
export class Hypervisor {
  readonly clock: VirtualClock;
  readonly #core: Core;
  readonly #hosts: Host[] = [];
  #open = false;

  constructor(options: HypervisorOptions) {
    this.clock = options.clock;
    this.#core = {
      clock: options.clock,
      seed: options.seed,
      profile: options.profile ?? 'modern',
      timings: options.timings ?? {},
      ticker: new Ticker(options.clock, options.tickMs),
      outbox: new Outbox(options.logger ?? silentLogger),
      logger: options.logger ?? silentLogger,
      shelf: new DeviceShelf(),
      runDevices: advanceDevices,
      undo: undefined,
    };
  }

  /** Every host, in the order of their addition. */
  get hosts(): readonly Host[] {
    return this.#hosts;
  }

  /** Number of events sent so far. */
  get sequence(): number {
    return this.#core.outbox.sequence;
  }

  /** Adds a host without domains, the era's own unless given. Throws DUPLICATE when the name is taken. */
  addHost(name: string, config: HostConfig = hostDefaults(this.#core.profile)): Host {
    if (this.#hosts.some((host) => host.name === name)) {
      throw new VirtsnmpError('DUPLICATE', `host ${name} exists already; each host needs a name of its own`);
    }
    const host = new Host(name, config, this.#core.seed, this.clock.nowMs);
    this.#hosts.push(host);
    this.#core.ticker.add(host.engine, () => {
      host.sensors.advance(this.clock.nowMs, host.engine.utilisation);
      applyConsequences(this.#core, host);
    });
    return host;
  }

  /**
   * Makes a change, and whatever follows from it at once; what takes time follows as the clock moves.
   *
   * Throws VirtsnmpError OPERATION_INVALID, DUPLICATE or DOMAIN_INVALID when it is not possible; nothing has
   * changed then.
   */
  apply(change: Change): void {
    if (this.#open) throw new Error('a transaction is open: apply through it, or end it first');
    this.#run(change);
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
  transaction(): Transaction {
    if (this.#open) throw new Error('a transaction is open already; end it before another');
    const core = this.#core;
    const undo = new UndoLog();
    this.#open = true;
    core.undo = undo;
    core.outbox.hold();
    let ended = false;
    const end = (): void => {
      if (ended) throw new Error('the transaction has ended; open another');
      ended = true;
      this.#open = false;
      core.undo = undefined;
    };
    return {
      apply: (change) => {
        if (ended) throw new Error('the transaction has ended; open another');
        this.#run(change);
      },
      commit: () => {
        end();
        core.outbox.release();
      },
      rollback: () => {
        end();
        undo.rollback();
        core.outbox.drop();
      },
    };
  }

  /** Has every event from now on told to `listener`, in order; the returned function ends that. */
  onEvent(listener: EventListener): () => void {
    return this.#core.outbox.listen(listener);
  }

  #run(change: Change): void {
    const plan = this.#plan(change);
    this.#core.outbox.hold();
    try {
      plan();
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
      case 'debug':
        return planDebug(core, change);
      case 'device':
        return planDevice(core, change);
      case 'act':
        return this.#planAct(change);
    }
  }

  #planAct(change: ActChange): Plan {
    if (change.target) this.#refuseStranger(change.target);
    return planAct(this.#core, change);
  }

  #refuseStranger(host: Host): void {
    if (this.#hosts.includes(host)) return;
    throw new VirtsnmpError('OPERATION_INVALID', `host ${host.name} is not one of this fleet; add it first`);
  }
}
