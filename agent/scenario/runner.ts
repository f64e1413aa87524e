import { type Simulation, startSimulation } from '../library/simulation.ts';
import { errorText } from '../util/errors.ts';
import { formatOid, parseOid } from '../util/oid.ts';
import { perform } from './actions.ts';
import { Recorder } from './recorder.ts';
import type { Result, StepResult } from './result.ts';
import type { ActionStep, Scenario } from './timeline.ts';
import { Watch } from './watch.ts';
import type { World } from './world.ts';

/** Real ms for which it sleeps at most while it follows real time. */
const LONGEST_SLEEP_MS = 20;

/** Real time: what a run follows at a speed. */
export interface RealTime {
  /** Ms of a clock that is never set. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

const REAL_TIME: RealTime = {
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Who hears of a run while it goes on. */
export interface RunListener {
  /** It has started: where the agents and the control API answer. */
  started?(simulation: Simulation): void;
  /** The simulated time is there, in ms since the start. */
  reached?(ms: number): void;
  /** A step is done, or what it expects is decided. */
  ended?(result: StepResult): void;
  /** It is over, and the simulation not stopped yet. */
  finished?(simulation: Simulation): void | Promise<void>;
}

/**
 * Runs a scenario inside of this process, on loopback.
 *
 * At `max` speed the time stands at each look, so the same scenario gives the same run. Otherwise it follows real
 * time. What is expected never changes the course.
 *
 * @throws VirtsnmpError DOMAIN_INVALID, DUPLICATE, STATE_FAILED or LISTEN_FAILED when the agent cannot be started.
 */
export async function runScenario(
  scenario: Scenario,
  listener: RunListener = {},
  time = REAL_TIME,
): Promise<Result> {
  const recorder = new Recorder();
  const { epochMs, speed, config } = scenario;
  let running: Simulation | undefined;
  const simulation = await startSimulation(config, epochMs, {
    onNotification: (host, notification, id) => recorder.told(host, notification, id, running?.nowMs ?? 0),
    onDelivery: (host, report) => recorder.delivered(host, report),
    // Managers that ask meanwhile hold the engine's time against their own clocks.
    ...(speed !== 'max' && { monotonicMs: time.nowMs }),
  });
  running = simulation;
  try {
    simulation.hypervisor.onEvent((event) => recorder.events.push(event));
    listener.started?.(simulation);
    const steps = await new Run(scenario, simulation, recorder, listener, time).toEnd();
    await listener.finished?.(simulation);
    return { scenario, steps, endedMs: simulation.nowMs };
  } finally {
    await simulation.stop();
  }
}

/** One run: what is still to come, and what has become of the rest. */
class Run {
  readonly #scenario: Scenario;
  readonly #simulation: Simulation;
  readonly #listener: RunListener;
  readonly #world: World;
  readonly #results: StepResult[] = [];
  readonly #time: RealTime;
  readonly #startedMs: number;
  #actions: ActionStep[];
  #watches: Watch[];

  constructor(
    scenario: Scenario,
    simulation: Simulation,
    recorder: Recorder,
    listener: RunListener,
    time: RealTime,
  ) {
    this.#time = time;
    this.#startedMs = time.nowMs();
    this.#scenario = scenario;
    this.#simulation = simulation;
    this.#listener = listener;
    this.#world = worldOf(simulation, recorder);
    this.#actions = scenario.steps.filter((step) => step.kind === 'do');
    this.#watches = scenario.steps
      .filter((step) => step.kind !== 'do')
      .map((step) => new Watch(step, scenario.lookMs));
  }

  async toEnd(): Promise<StepResult[]> {
    for (let next = this.#nextMs(); next !== undefined; next = this.#nextMs()) {
      await this.#reach(next);
      await this.#turn(next);
    }
    await this.#reach(this.#scenario.endMs);
    return this.#results.toSorted((a, b) => a.step.number - b.step.number);
  }

  /** When something is to be done or looked at next. */
  #nextMs(): number | undefined {
    const times = [
      ...this.#actions.slice(0, 1).map(({ atMs }) => atMs),
      ...this.#watches.map(({ nextMs }) => nextMs),
    ];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Goes to an instant: at once, or when real time is there. */
  async #reach(ms: number): Promise<void> {
    const { speed } = this.#scenario;
    while (speed !== 'max') {
      const dueMs = Math.floor((this.#time.nowMs() - this.#startedMs) * speed);
      if (dueMs >= ms) break;
      await this.#advance(dueMs);
      await this.#time.sleep(Math.min(LONGEST_SLEEP_MS, (ms - dueMs) / speed));
    }
    await this.#advance(ms);
  }

  async #advance(ms: number): Promise<void> {
    if (ms <= this.#simulation.nowMs) return;
    await this.#simulation.advanceTo(ms);
    this.#listener.reached?.(ms);
  }

  /** What is due at an instant, in the order of the file: an expectation before an action does not see what it does. */
  async #turn(nowMs: number): Promise<void> {
    const due = [
      ...this.#actions.filter(({ atMs }) => atMs <= nowMs),
      ...this.#watches.filter(({ nextMs }) => nextMs <= nowMs),
    ].toSorted((a, b) => numberOf(a) - numberOf(b));
    this.#actions = this.#actions.filter(({ atMs }) => atMs > nowMs);
    for (const each of due) {
      if (each instanceof Watch) await this.#look(each);
      else this.#act(each);
    }
  }

  #act(step: ActionStep): void {
    try {
      const count = perform(this.#simulation.hypervisor, step.action);
      this.#end({ step, outcome: 'done', atMs: step.atMs, seen: count === 1 ? '' : `${count} of them` });
    } catch (thrown) {
      this.#end({ step, outcome: 'refused', atMs: step.atMs, seen: errorText(thrown) });
    }
  }

  async #look(watch: Watch): Promise<void> {
    const verdict = await watch.look(this.#world);
    if (!verdict) return;
    this.#watches = this.#watches.filter((each) => each !== watch);
    const { met, atMs, tookMs, seen } = verdict;
    const outcome = met ? 'met' : 'not met';
    this.#end({ step: watch.step, outcome, atMs, seen, ...(tookMs !== undefined && { tookMs }) });
  }

  #end(result: StepResult): void {
    this.#results.push(result);
    this.#listener.ended?.(result);
  }
}

function numberOf(due: ActionStep | Watch): number {
  return due instanceof Watch ? due.step.number : due.number;
}

function worldOf(simulation: Simulation, { notifications, events, moreDelivered }: Recorder): World {
  return {
    hypervisor: simulation.hypervisor,
    notifications,
    events,
    moreDelivered,
    get nowMs() {
      return simulation.nowMs;
    },
    get apiUrl() {
      return simulation.controlUrls[0];
    },
    instances: (below, host) =>
      simulation.walk(formatOid(below), host).map(({ oid, value }) => ({ oid: parseOid(oid)!, value })),
  };
}
