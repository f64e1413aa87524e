import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../agent/cli/program.ts';

/** Commands that print a script and no data. */
const WITHOUT_DATA = ['completion'];

/** Every command that does something, by its words. */
function leaves(command: Command, path: readonly string[] = []): (readonly [string, Command])[] {
  return command.commands.flatMap((each) => {
    const words = [...path, each.name()];
    const isLeaf = each.commands.length === 0 || each.options.length > 0;
    return [...(isLeaf ? [[words.join(' '), each] as const] : []), ...leaves(each, words)];
  });
}

const COMMANDS = leaves(createProgram(() => {}));

describe.each(COMMANDS)('%s', (name, command) => {
  it('says what it does, and what each of its words is', () => {
    expect(command.description()).not.toBe('');
    const dumb = [
      ...command.options
        .filter((option) => !option.hidden && option.description === '')
        .map(({ flags }) => flags),
      ...command.registeredArguments.filter(({ description }) => description === '').map((one) => one.name()),
    ];
    expect(dumb).toEqual([]);
  });

  it.skipIf(WITHOUT_DATA.includes(name))('prints data with --json', () => {
    expect(command.options.map(({ long }) => long)).toContain('--json');
  });
});

it('the groups of commands tell what is in them', () => {
  const groups = createProgram(() => {}).commands.filter((each) => each.commands.length > 0);
  expect(groups.length).toBeGreaterThan(5);
  for (const group of groups) {
    expect(group.description(), group.name()).not.toBe('');
  }
});
