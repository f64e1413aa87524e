import type { View } from '../../access/compiled-view.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { ROW_STATUS } from '../../mib/managed-table.ts';
import type { Registry } from '../../mib/registry.ts';
import type { Timer, VirtualClock } from '../../util/clock.ts';
import { errorText } from '../../util/errors.ts';
import type { Logger } from '../../util/logger.ts';
import { formatOid } from '../../util/oid.ts';
import type { CreatorViews } from './creator-views.ts';
import type { EventRunner } from './event-runner.ts';
import type { TriggerResources } from './resources.ts';
import { ownedIndex, type TriggerRow } from './rows.ts';
import type { EventTables } from './tables.ts';
import { type Finding, Watch } from './watch.ts';

export interface TriggersOptions {
  readonly clock: VirtualClock;
  readonly tables: EventTables;
  readonly resources: TriggerResources;
  readonly registry: Registry;
  readonly views: CreatorViews;
  readonly runner: EventRunner;
  readonly logger: Logger;
}

const MS_PER_SECOND = 1000;
/** Rows that are looked at in one go: some tenths of a millisecond, so that requests need not wait for long. */
const SLICE = 250;
/** Events that are run in one go, and failures told, each of which takes some tens of microseconds. */
const FINDINGS_IN_SLICE = 8;
/** What samples is none of the simulation's own: a snapshot goes on without it. */
const OUTSIDE = { outside: true } as const;

/** The triggers of one agent that are in use, each with a timer of the simulation. */
export class Triggers {
  readonly #options: TriggersOptions;
  /** BOUNDED by the rows of mteTriggerTable; by dotted index. */
  readonly #running = new Map<string, Sampler>();
  #changes = -1;

  constructor(options: TriggersOptions) {
    this.#options = options;
  }

  /**
   * Takes over what the table says: a trigger that is new or another one begins afresh, and one that is as it was goes
   * on.
   */
  follow(): void {
    const { triggers } = this.#options.tables;
    if (triggers.changes === this.#changes) return;
    this.#changes = triggers.changes;
    const wanted = new Map<string, TriggerRow>();
    for (const row of triggers)
      if (row.status === ROW_STATUS.active && row.enabled) wanted.set(formatOid(ownedIndex(row)), row);
    for (const [key, sampler] of this.#running) {
      const row = wanted.get(key);
      if (row === sampler.row || (row && JSON.stringify(row) === JSON.stringify(sampler.row))) continue;
      sampler.stop();
      this.#running.delete(key);
    }
    for (const [key, row] of wanted)
      if (!this.#running.has(key)) this.#running.set(key, new Sampler(row, this.#options));
  }

  stop(): void {
    for (const sampler of this.#running.values()) sampler.stop();
    this.#running.clear();
    this.#changes = -1;
  }
}

/** One trigger at work: it samples when it is made, and at its frequency from then on (RFC 2981, mteTriggerFrequency). */
class Sampler {
  readonly row: TriggerRow;
  readonly #options: TriggersOptions;
  /** By name of the context. */
  readonly #watches = new Map<string, Watch>();
  #timer: Timer;
  #slice: Timer | undefined;
  /** Contexts that the sample has not come to yet. */
  #left: string[] = [];
  /** What the latest slice found, from the next on that is to be told. */
  #findings: readonly Finding[] = [];
  #told = 0;
  /** Where that was. */
  #contextName = '';
  /** Whether the trigger as a whole failed at the sample before. */
  #failing = false;
  #stopped = false;

  constructor(row: TriggerRow, options: TriggersOptions) {
    this.row = row;
    this.#options = options;
    this.#timer = options.clock.schedule(options.clock.nowMs, this.#due, OUTSIDE);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.cancel();
    this.#slice?.cancel();
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
  }

  readonly #due = (): void => {
    const { clock, views } = this.#options;
    const { frequency, contextName, contextNameWildcard } = this.row;
    this.#timer = clock.schedule(clock.nowMs + frequency * MS_PER_SECOND, this.#due, OUTSIDE);
    this.#left = views.contexts(contextName, contextNameWildcard);
    if (this.#left.length === 0) this.#failed(ERROR_STATUS.noSuchName, contextName);
    this.#go();
  };

  /** Goes on with the sample for a slice; what is left of it follows at the same moment of the simulation. */
  readonly #go = (): void => {
    const { clock, logger } = this.#options;
    try {
      if (this.#told < this.#findings.length) this.#tell();
      else this.#sample();
    } catch (thrown) {
      // Whatever the code of an object does, time goes on.
      logger.error('a trigger could not sample', { trigger: this.row.name, error: errorText(thrown) });
      const [contextName = ''] = this.#left;
      this.#failed(ERROR_STATUS.genErr, contextName);
      this.#watches.get(contextName)?.close();
      this.#watches.delete(contextName);
      this.#left = [];
      this.#findings = [];
    }
    const goesOn = (this.#left.length > 0 || this.#told < this.#findings.length) && !this.#stopped;
    this.#slice = goesOn ? clock.schedule(clock.nowMs, this.#go, OUTSIDE) : undefined;
  };

  #sample(): void {
    const [contextName] = this.#left;
    if (contextName === undefined) return;
    const { views, registry, resources } = this.#options;
    const { row } = this;
    const view: View | undefined = views.of(row.creator, 'read', contextName);
    if (!view) {
      this.#failed(ERROR_STATUS.authorizationError, contextName);
      this.#left.shift();
      return;
    }
    this.#failing = false;
    const watch = this.#watches.get(contextName) ?? new Watch(row, registry, resources);
    this.#watches.set(contextName, watch);
    const { done, findings } = watch.sample(view, SLICE);
    if (done) this.#left.shift();
    this.#findings = findings;
    this.#told = 0;
    this.#contextName = contextName;
    this.#tell();
  }

  /** Runs the next events of what was found, and tells of the next failures. */
  #tell(): void {
    const { runner } = this.#options;
    const end = Math.min(this.#told + FINDINGS_IN_SLICE, this.#findings.length);
    // What an event sets may have stopped this very trigger.
    while (this.#told < end && !this.#stopped) {
      const finding = this.#findings[this.#told++]!;
      const occasion = { row: this.row, contextName: this.#contextName, oid: finding.oid };
      if ('fires' in finding) runner.fire(occasion, finding.fires, finding.sample);
      else runner.failed(occasion, finding.fails);
    }
  }

  #failed(reason: number, contextName: string): void {
    const { resources, runner } = this.#options;
    resources.triggerFailures++;
    if (!this.#failing) runner.failed({ row: this.row, contextName, oid: this.row.valueId }, reason);
    this.#failing = true;
  }
}
