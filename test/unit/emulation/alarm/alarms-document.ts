import {
  ALARM_DEFINITIONS,
  type AlarmDefinition,
  PROBABLE_CAUSE,
  RAISED_KINDS,
} from '../../../../agent/emulation/alarm/definitions.ts';

const UNTIL = {
  boot: "the guest's next boot",
  process: 'the end of its emulator process',
  domain: 'the end of its definition',
};

/** The rows of docs/ALARMS.md on each kind, but for the last cell. */
export function alarmRows(): string[] {
  return RAISED_KINDS.map((kind) => {
    const definition: AlarmDefinition = ALARM_DEFINITIONS[kind];
    const { measured, severity, cause, until } = definition;
    const cells = [
      `\`${kind}\``,
      measured,
      cameOf(definition),
      wentOf(definition) + (until ? `; ${UNTIL[until]}` : ''),
      severity,
      `${cause} (${PROBABLE_CAUSE[cause]})`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

function cameOf(definition: AlarmDefinition): string {
  switch (definition.rule) {
    case 'level':
      return `${definition.raise} ${definition.unit} and above${held(definition.holdSeconds)}`;
    case 'state':
      return `it is so${held(definition.holdSeconds)}`;
    case 'occurrence':
      return 'at once';
  }
}

function wentOf(definition: AlarmDefinition): string {
  switch (definition.rule) {
    case 'level':
      return `below ${definition.clear} ${definition.unit}${held(definition.holdSeconds)}`;
    case 'state':
      return 'it is no longer so';
    case 'occurrence':
      return `${definition.quietSeconds} s without another`;
  }
}

function held(seconds: number): string {
  return seconds === 0 ? '' : ` for ${seconds} s`;
}
