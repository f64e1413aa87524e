import type { Timer } from '../../util/clock.ts';
import { noise, streamKey } from '../../util/random.ts';
import { because, type Core } from '../core.ts';
import type { Domain } from '../domain/domain.ts';
import { type EmulationEvent, type FaultEvent, isDomainEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import { beginFault, faultRefusal } from './begin-fault.ts';
import { endFault } from './end-fault.ts';
import { eventNameOf, type FaultRule, fits, targetsOf } from './fault-rule.ts';

/** A rule at work. */
interface RunningRule {
  readonly rule: FaultRule;
  /** The rule as text: an equal one goes on when the rules are given again. */
  readonly text: string;
  readonly key: number;
  /** Timers that have not run. Bounded by the events within the longest delay. */
  readonly timers: Set<Timer>;
  /** How often it has begun, by target. */
  readonly begun: WeakMap<Domain | Host, number>;
  /** While rules: the faults that each fault that they follow has brought. */
  readonly followers: Map<number, number[]>;
  /** Numbers drawn. */
  draws: number;
}

/**
 * Has faults begin and end by rules, on the virtual clock.
 *
 * Each rule draws from a stream of its own, so that rules do not influence each other's chance. All it does
 * happens in timers: never within a transaction.
 */
export class FaultRules {
  readonly #core: Core;
  readonly #hosts: readonly Host[];
  #running: RunningRule[] = [];

  /** `hosts` may grow. Rules hear of an event before whoever listens from outside, whenever they were given. */
  constructor(core: Core, hosts: readonly Host[]) {
    this.#core = core;
    this.#hosts = hosts;
    core.outbox.listen((event) => this.#hear(event));
  }

  /**
   * Makes these the rules. One that is as it was goes on; what was begun by one that is gone, or is another
   * now, ends. A time that has passed already does not come again.
   */
  set(rules: readonly FaultRule[]): void {
    const before = new Map(this.#running.map((running) => [running.rule.name, running]));
    this.#running = rules.map((rule) => {
      const text = JSON.stringify(rule);
      const known = before.get(rule.name);
      if (known?.text !== text) return this.#start(rule, text);
      before.delete(rule.name);
      return known;
    });
    for (const running of before.values()) this.#stop(running);
  }

  #start(rule: FaultRule, text: string): RunningRule {
    const running: RunningRule = {
      rule,
      text,
      key: streamKey(this.#core.seed, 'fault', rule.name),
      timers: new Set(),
      begun: new WeakMap(),
      followers: new Map(),
      draws: 0,
    };
    const { nowMs } = this.#core.clock;
    const { when } = rule;
    if ('atMs' in when && when.atMs >= nowMs) this.#later(running, when.atMs, () => this.#strikeAll(running));
    if ('everyMs' in when) {
      const first = when.fromMs ?? when.everyMs;
      const missed = Math.max(0, Math.ceil((nowMs - first) / when.everyMs));
      this.#repeat(running, first + missed * when.everyMs, when.everyMs);
    }
    return running;
  }

  #stop({ rule, timers }: RunningRule): void {
    for (const timer of timers) timer.cancel();
    this.#act(() => {
      for (const fault of this.#core.faults.all) if (fault.rule === rule.name) endFault(this.#core, fault.id);
    }, 'config');
  }

  /** The interval goes from one nominal time to the next, so that jitter does not add up. */
  #repeat(running: RunningRule, atMs: number, everyMs: number): void {
    this.#later(running, atMs, () => {
      this.#strikeAll(running);
      this.#repeat(running, atMs + everyMs, everyMs);
    });
  }

  #later(running: RunningRule, atMs: number, act: () => void): Timer {
    const { jitterMs = 0 } = running.rule;
    const jitter = jitterMs === 0 ? 0 : Math.round((2 * this.#draw(running) - 1) * jitterMs);
    const timer = this.#core.clock.schedule(Math.max(this.#core.clock.nowMs, atMs + jitter), () => {
      running.timers.delete(timer);
      act();
    });
    running.timers.add(timer);
    return timer;
  }

  #draw(running: RunningRule): number {
    return noise(running.key, running.draws++);
  }

  #strikeAll(running: RunningRule): void {
    this.#strike(running, targetsOf(running.rule, this.#hosts));
  }

  /** Begins the fault on those of the targets that chance, the count and their state leave; returns numbers. */
  #strike(running: RunningRule, targets: readonly (Domain | Host)[]): number[] {
    const { rule, begun } = running;
    const { probability = 1 } = rule.target;
    const ids: number[] = [];
    this.#act(() => {
      for (const target of targets) {
        if (probability < 1 && this.#draw(running) >= probability) continue;
        const times = begun.get(target) ?? 0;
        if (rule.count !== undefined && times >= rule.count) continue;
        if (this.#core.faults.of(target).some((fault) => fault.rule === rule.name)) continue;
        const id = this.#begin(rule, target);
        if (id === undefined) continue;
        ids.push(id);
        begun.set(target, times + 1);
      }
    }, 'fault');
    return ids;
  }

  #begin(rule: FaultRule, target: Domain | Host): number | undefined {
    const { name, kind, parameters, durationMs } = rule;
    const order = {
      rule: name,
      kind,
      parameters,
      target,
      ...(durationMs === undefined ? {} : { durationMs }),
    };
    const why = faultRefusal(order);
    if (why === undefined) return beginFault(this.#core, order);
    this.#core.logger.debug('a fault cannot begin', { rule: name, target: target.name, why });
    return undefined;
  }

  #act(action: () => void, cause: 'fault' | 'config'): void {
    const { outbox } = this.#core;
    outbox.hold();
    try {
      because(this.#core, cause, action);
    } finally {
      outbox.release();
    }
  }

  #hear(event: EmulationEvent): void {
    for (const running of this.#running) {
      const { when, delayMs = 0 } = running.rule;
      const at = event.atMs + delayMs;
      if ('after' in when && event.kind !== 'fault' && when.after === eventNameOf(event))
        this.#later(running, at, () => void this.#strike(running, this.#hit(running, event)));
      if ('while' in when && event.kind === 'fault' && event.fault.rule === when.while)
        this.#follow(running, event, at);
    }
  }

  /** Those targets of a rule that an event is about. */
  #hit({ rule }: RunningRule, event: EmulationEvent): (Domain | Host)[] {
    const domain = isDomainEvent(event)
      ? event.domain
      : event.kind === 'fault'
        ? event.fault.domain
        : undefined;
    if (domain === undefined) return targetsOf(rule, [event.host]);
    return [domain, event.host].filter((target) => fits(rule, target));
  }

  #follow(running: RunningRule, event: FaultEvent, atMs: number): void {
    const { id } = event.fault;
    const { followers } = running;
    if (event.event === 'BEGUN') {
      followers.set(id, []);
      this.#later(running, atMs, () => {
        if (followers.has(id)) followers.set(id, this.#strike(running, this.#hit(running, event)));
      });
      return;
    }
    const ids = followers.get(id) ?? [];
    followers.delete(id);
    if (ids.length === 0) return;
    const timer = this.#core.clock.schedule(event.atMs, () => {
      running.timers.delete(timer);
      this.#act(() => {
        for (const follower of ids) endFault(this.#core, follower);
      }, 'fault');
    });
    running.timers.add(timer);
  }
}
