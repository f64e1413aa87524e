/** Columns of text as virsh prints them: a head, a rule, and rows, two blanks apart and one before. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    ` ${cells.map((cell, i) => cell.padEnd(widths[i]! + 2)).join(' ')}`.trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, 1));
  return [line(head), rule, ...rows.map(line)];
}

/** Names and values below each other, the values in one column, as virsh dominfo prints them. */
export function fieldLines(fields: readonly (readonly [string, string | number])[]): string[] {
  const width = Math.max(...fields.map(([name]) => name.length)) + 2;
  return fields.map(([name, value]) => `${`${name}:`.padEnd(width)} ${value}`);
}
