import { VirtsnmpError } from '../../../util/errors.ts';

/** The text of a definition and the name of the file that it came from: what a refusal points into. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/**
 * The refusal of a definition: `FILE:LINE:COLUMN: reason`, code DOMAIN_INVALID.
 *
 * Lines and columns count from 1; a column is one UTF-16 unit.
 */
export function refusal(source: SourceText, offset: number, reason: string): VirtsnmpError {
  const before = source.text.slice(0, offset);
  const lines = before.split(/\r\n?|\n/);
  const column = lines[lines.length - 1]!.length + 1;
  return new VirtsnmpError('DOMAIN_INVALID', `${source.file}:${lines.length}:${column}: ${reason}`);
}

/** A value as a message may quote it: one line, at most 60 characters. */
export function quoted(value: string): string {
  const short = value.length > 60 ? `${value.slice(0, 57)}...` : value;
  return JSON.stringify(short);
}
