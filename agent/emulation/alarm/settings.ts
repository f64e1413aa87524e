import type { Severity } from './alarm.ts';
import { ALARM_DEFINITIONS, type AlarmDefinition, RAISED_KINDS, type RaisedKind } from './definitions.ts';

/** How the alarms of one kind come and go. */
export interface AlarmSetting {
  readonly enabled: boolean;
  readonly severity: Severity;
  /** A value of at least this is bad, one below `clear` is good; what is between them changes nothing. */
  readonly raise: number;
  readonly clear: number;
  /** ms for which it must have been bad before the alarm is raised. */
  readonly raiseAfterMs: number;
  /** ms for which it must have been good before the alarm is cleared. */
  readonly clearAfterMs: number;
}

/** An {@link AlarmSetting} for every kind. */
export type AlarmSettings = Readonly<Record<RaisedKind, AlarmSetting>>;

/** What a configuration may say of one kind, in the terms of its definition. */
export interface AlarmOptions {
  readonly enabled?: boolean | undefined;
  readonly severity?: Severity | undefined;
  readonly raise?: number | undefined;
  readonly clear?: number | undefined;
  readonly holdSeconds?: number | undefined;
  readonly quietSeconds?: number | undefined;
}

/** The settings that follow from the definitions and what a configuration says beyond them. */
export function alarmSettings(options: Partial<Record<RaisedKind, AlarmOptions>> = {}): AlarmSettings {
  const entries = RAISED_KINDS.map((kind) => [kind, settingOf(ALARM_DEFINITIONS[kind], options[kind] ?? {})]);
  return Object.fromEntries(entries) as Record<RaisedKind, AlarmSetting>;
}

/** What is so is 1, what is not is 0. */
function settingOf(definition: AlarmDefinition, options: AlarmOptions): AlarmSetting {
  const { enabled = true, severity = definition.severity } = options;
  switch (definition.rule) {
    case 'level': {
      const { raise = definition.raise, clear = definition.clear } = options;
      const holdMs = (options.holdSeconds ?? definition.holdSeconds) * 1000;
      return { enabled, severity, raise, clear, raiseAfterMs: holdMs, clearAfterMs: holdMs };
    }
    case 'state': {
      const holdMs = (options.holdSeconds ?? definition.holdSeconds) * 1000;
      return { enabled, severity, raise: 1, clear: 1, raiseAfterMs: holdMs, clearAfterMs: 0 };
    }
    case 'occurrence': {
      const quietMs = (options.quietSeconds ?? definition.quietSeconds) * 1000;
      return { enabled, severity, raise: 1, clear: 1, raiseAfterMs: 0, clearAfterMs: quietMs };
    }
  }
}
