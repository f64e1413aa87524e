import { type Domain, fieldsOf } from '../domain/domain.ts';
import type { Host } from '../host/host.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { type Alarm, type AlarmResource, resourceKey } from './alarm.ts';
import { alarmText } from './alarm-text.ts';
import { ALARM_DEFINITIONS, type AlarmDefinition, PROBABLE_CAUSE, type RaisedKind } from './definitions.ts';
import type { AlarmSettings } from './settings.ts';

/** What an alarm may be about: a part of a host, or of one of its guests. */
export interface AlarmSubject {
  readonly kind: RaisedKind;
  readonly domain: Domain | undefined;
  readonly resource: AlarmResource;
}

/** What {@link AlarmBook} needs of the simulation. */
export interface AlarmSurroundings {
  readonly now: () => { readonly nowMs: number; readonly wallMs: number };
  readonly settings: () => AlarmSettings;
  /** The number of the next alarm, which no other gets. */
  readonly nextNumber: () => number;
  readonly tell: (event: 'RAISED' | 'CLEARED', alarm: Alarm) => void;
}

/** Something that is bad, was so lately, or has been good for too short a time to be forgotten. */
interface Condition extends AlarmSubject {
  readonly key: string;
  /** What it ends with: see {@link AlarmDefinition}. */
  readonly process: EmulatorProcess | undefined;
  readonly boots: number;
  readonly badSinceMs: number;
  goodSinceMs: number | undefined;
  seenMs: number;
  /** Present while the alarm is up. */
  alarm: Alarm | undefined;
}

/**
 * Decides when the alarms of one host come up and go: each is raised once and cleared once.
 *
 * A value becomes a condition when it is bad for the first time, the condition an alarm when it has lasted, and
 * it is forgotten when it has been good for long enough, or when what it is about has ended. BOUNDED by what the
 * host and its guests have: one condition for each kind and resource.
 */
export class AlarmBook {
  readonly #host: Host;
  readonly #around: AlarmSurroundings;
  readonly #conditions = new Map<Domain | Host, Condition[]>();
  /** Alarms from before the simulation began whose subjects are no more. */
  #orphans: Alarm[] = [];

  constructor(host: Host, around: AlarmSurroundings) {
    this.#host = host;
    this.#around = around;
  }

  /** Whether time alone may change something: a hold or a quiet time that runs. */
  get isWaiting(): boolean {
    return this.#conditions.size > 0 || this.#orphans.length > 0;
  }

  /** Whether there is any condition of a guest, or of the host itself, so that good values matter too. */
  isOpen(about: Domain | Host): boolean {
    return this.#conditions.has(about);
  }

  /** A level or state was seen: `value` has been so since `sinceMs`. */
  observe(subject: AlarmSubject, value: number, sinceMs: number): void {
    const { raise, clear, raiseAfterMs, clearAfterMs, enabled } = this.#around.settings()[subject.kind];
    const { nowMs } = this.#around.now();
    let condition = this.#find(subject);
    if (!condition) {
      if (!enabled || value < raise) return;
      condition = this.#open(subject, sinceMs);
    }
    condition.seenMs = nowMs;
    if (!condition.alarm) {
      if (value < raise) this.#forget(condition);
      else if (nowMs - condition.badSinceMs >= raiseAfterMs) this.#raise(condition, value);
      return;
    }
    if (value >= clear) {
      condition.goodSinceMs = undefined;
      return;
    }
    condition.goodSinceMs ??= sinceMs;
    if (nowMs - condition.goodSinceMs >= clearAfterMs) this.#clear(condition);
  }

  /** Something happened: an alarm that is up for it already stays up for longer. */
  occur(subject: AlarmSubject, detail: string): void {
    const { enabled } = this.#around.settings()[subject.kind];
    if (!enabled) return;
    const { nowMs } = this.#around.now();
    let condition = this.#find(subject);
    if (condition && hasEnded(condition)) {
      this.#clear(condition);
      condition = undefined;
    }
    if (!condition) {
      condition = this.#open(subject, nowMs);
      this.#raise(condition, 1, detail);
    }
    condition.goodSinceMs = nowMs;
  }

  /** What happened still goes on: its quiet time begins now. */
  prolong(subject: AlarmSubject): void {
    const condition = this.#find(subject);
    if (condition) condition.goodSinceMs = this.#around.now().nowMs;
  }

  /** Clears what is over by now. What has not been looked at for `staleMs` is there no longer. */
  sweep(staleMs: number): void {
    const { nowMs } = this.#around.now();
    const settings = this.#around.settings();
    for (const orphan of this.#orphans) this.#end(orphan);
    this.#orphans = [];
    for (const conditions of this.#conditions.values()) {
      for (const condition of conditions.slice()) {
        const { enabled, clearAfterMs } = settings[condition.kind];
        const occurred = ALARM_DEFINITIONS[condition.kind].rule === 'occurrence';
        const isOver = occurred
          ? nowMs - condition.goodSinceMs! >= clearAfterMs
          : nowMs - condition.seenMs > staleMs;
        if (!enabled || isOver || hasEnded(condition)) this.#clear(condition);
      }
    }
  }

  /** Clears what ended with a change of a guest: its process, its boot, or the guest itself. */
  recheck(domain: Domain): void {
    for (const condition of this.#conditions.get(domain)?.slice() ?? [])
      if (hasEnded(condition)) this.#clear(condition);
  }

  /**
   * Takes over an alarm that was up before the simulation began. It stays up while what it is about still is so;
   * what happened then is over, as every guest was started anew.
   */
  restore(alarm: Alarm): void {
    this.#host.alarms.restore(alarm);
    const { kind, domain, resource, guest } = alarm;
    const definition: AlarmDefinition | undefined = kind === 'other' ? undefined : ALARM_DEFINITIONS[kind];
    const isGone = (guest && !domain) || (definition?.until === 'process' && !processOf(domain));
    if (kind === 'other' || definition!.rule === 'occurrence' || isGone) {
      this.#orphans.push(alarm);
      return;
    }
    this.#open({ kind, domain, resource }, this.#around.now().nowMs).alarm = alarm;
  }

  #find({ kind, domain, resource }: AlarmSubject): Condition | undefined {
    const conditions = this.#conditions.get(domain ?? this.#host);
    if (!conditions) return undefined;
    const key = resourceKey(resource);
    return conditions.find((each) => each.kind === kind && each.key === key);
  }

  #open(subject: AlarmSubject, badSinceMs: number): Condition {
    const { domain, resource } = subject;
    const condition: Condition = {
      ...subject,
      key: resourceKey(resource),
      process: processOf(domain),
      boots: domain?.boots ?? 0,
      badSinceMs,
      goodSinceMs: undefined,
      seenMs: this.#around.now().nowMs,
      alarm: undefined,
    };
    const about = domain ?? this.#host;
    const others = this.#conditions.get(about);
    if (others) others.push(condition);
    else this.#conditions.set(about, [condition]);
    if (condition.process) condition.process.watched = true;
    return condition;
  }

  #forget(condition: Condition): void {
    const about = condition.domain ?? this.#host;
    const left = this.#conditions.get(about)!.filter((each) => each !== condition);
    if (left.length > 0) {
      this.#conditions.set(about, left);
      return;
    }
    this.#conditions.delete(about);
    if (condition.process) condition.process.watched = false;
  }

  #raise(condition: Condition, value: number, detail?: string): void {
    const { kind, domain, resource } = condition;
    const { nowMs, wallMs } = this.#around.now();
    const alarm: Alarm = {
      number: this.#around.nextNumber(),
      kind,
      severity: this.#around.settings()[kind].severity,
      probableCause: PROBABLE_CAUSE[ALARM_DEFINITIONS[kind].cause],
      host: this.#host,
      ...(domain && { domain, guest: { uuid: domain.uuid, name: domain.name } }),
      resource,
      text: alarmText(this.#host, condition, value, detail),
      raisedMs: nowMs,
      raisedWallMs: wallMs,
    };
    condition.alarm = alarm;
    this.#host.alarms.raise(alarm, nowMs);
    this.#around.tell('RAISED', alarm);
  }

  #clear(condition: Condition): void {
    this.#forget(condition);
    if (condition.alarm) this.#end(condition.alarm);
  }

  #end(alarm: Alarm): void {
    this.#host.alarms.clear(alarm, this.#around.now().nowMs);
    this.#around.tell('CLEARED', alarm);
  }
}

/** Whether what a condition is about is no more. */
function hasEnded({ kind, domain, process, boots }: Condition): boolean {
  const { until }: AlarmDefinition = ALARM_DEFINITIONS[kind];
  if (!domain || until === undefined) return false;
  if (until === 'domain') return domain.host.domains.byUuid(domain.uuid) !== domain;
  return processOf(domain) !== process || (until === 'boot' && domain.boots !== boots);
}

/** What really runs, whatever is shown of it. */
function processOf(domain: Domain | undefined): EmulatorProcess | undefined {
  return domain && fieldsOf(domain).process;
}
