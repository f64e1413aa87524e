import { listOptions, type Option } from '../../../agent/config/options.ts';

/** The rows of docs/CONFIGURATION.md, one for each option of the schema, as they have to be. */
export function optionRows(): string[] {
  return listOptions().map(row);
}

function row(option: Option): string {
  const cells = [`\`${option.path}\``, option.expected, defaultText(option), option.about + notes(option)];
  return `| ${cells.join(' | ')} |`;
}

function defaultText({ default: text, defaultText }: Option): string {
  if (text === undefined) return 'must be given';
  return defaultText === undefined ? `\`${plain(text)}\`` : defaultText;
}

/** As YAML would have it: words without quotes. */
function plain(json: string): string {
  return json === '""' ? json : json.replaceAll('"', '').replaceAll(',', ', ');
}

function notes({ secret, env, restart }: Option): string {
  const marks = [secret && 'secret', env && 'env', restart && 'restart'].filter((mark) => mark);
  return marks.length === 0 ? '' : ` (${marks.join(', ')})`;
}
