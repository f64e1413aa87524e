import type { LogFields } from '../util/logger.ts';
import type { LogLevel } from './levels.ts';

/** What stands in a log in place of a secret. */
const REDACTED = '[redacted]';

const SECRET_WORDS = /communit|passw|passphrase|secret|credential|token|(^|[^a-z])psk($|[^a-z])/i;
const KEY_WORD = /(^|[^A-Za-z])keys?$|[a-z]Keys?$|KEYS?$/;
const COLOURS: Readonly<Record<LogLevel, string>> = { error: '31', warn: '33', info: '32', debug: '36' };

/** True for a field whose name says that its value is a secret. */
function isSecretName(name: string): boolean {
  return SECRET_WORDS.test(name) || KEY_WORD.test(name);
}

/** The fields of a log line, without the absent ones and with secrets replaced: a second line of defence. */
export function safeFields(fields: LogFields): Record<string, string | number | boolean> {
  const safe: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) safe[name] = isSecretName(name) ? REDACTED : value;
  }
  return safe;
}

/** What a log line is made of. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly component: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** One readable line: `time level component: message key=value`. Control characters are escaped. */
export function readableLine(line: LogLine, colour: boolean): string {
  const level = colour ? `\u001b[${COLOURS[line.level]}m${line.level}\u001b[0m` : line.level;
  const fields = Object.entries(line.fields).map(([name, value]) => ` ${name}=${fieldText(value)}`);
  return `${line.time} ${level} ${line.component}: ${escapeControls(line.message)}${fields.join('')}`;
}

/** One line of JSON; a field that is called like a part of the line gets an underscore after its name. */
export function jsonLine(line: LogLine): string {
  const { fields, ...parts } = line;
  const named = Object.entries(fields).map(([name, value]) => [name in parts ? `${name}_` : name, value]);
  return JSON.stringify({ ...parts, ...Object.fromEntries(named) });
}

function fieldText(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return /^[^\s"=]+$/.test(value) && !hasControls(value) ? value : escapeControls(JSON.stringify(value));
}

function hasControls(text: string): boolean {
  return escapeControls(text) !== text;
}

function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => {
    if (character === '\n') return '\\n';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
