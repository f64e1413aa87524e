// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { listOptions } from '../../../agent/config/options.ts';
import { VirtsnmpError } from '../../../agent/util/errors.ts';
import { runs } from '../../support/runs.ts';
import { temporaryFolder } from './temporary-folder.ts';

const file = join(temporaryFolder(), 'any.yaml');

/** True when the content is accepted, or refused in the way that refusals are made. */
function survives(content: string | Uint8Array): boolean {
  writeFileSync(file, content);
  try {
    loadConfig({ file, env: { A: 'a' } });
    return true;
  } catch (error) {
    return error instanceof VirtsnmpError && error.code === 'CONFIG_INVALID' && error.message.length > 0;
  }
}

const key = fc.oneof(
  fc.constantFrom(...listOptions().map(({ path }) => path.split('.').at(-1)!.replace('[]', ''))),
  fc.constantFrom('__proto__', 'constructor', 'toString', '<<', '', '0'),
  fc.string({ maxLength: 8 }),
);
const scalar = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('${A}', '${B}', '${', '127.0.0.1', '::1/64', '10.0.0.1/8', '2 GiB', '1e400'),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    scalar,
    fc.dictionary(key, tie('tree'), { maxKeys: 6, noNullPrototype: true }),
    fc.array(tie('tree'), { maxLength: 5 }),
  ),
}));
/** Pieces that YAML gives a meaning to. */
const fragment = fc.constantFrom(
  ...[
    'agent',
    'communities',
    'name',
    'inventory',
    'list',
    ': ',
    ':',
    '- ',
    '\n',
    '\n  ',
    '\n    ',
    '\t',
    '? ',
  ],
  ...[
    '&a ',
    '*a',
    '!t ',
    '|',
    '>',
    "'",
    '"',
    '[',
    ']',
    '{',
    '}',
    ',',
    '#',
    '%',
    '@',
    '---\n',
    '...\n',
    '\\x',
    '1',
  ],
  ...['<<', '\u0000', '\ud800', '\ufeff', '\r', '\u2028', '${A}', '~'],
);

it('refuses or takes any octets', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: runs(200) });
});

it('refuses or takes any text made of the marks of YAML', () => {
  const text = fc.array(fragment, { maxLength: 60 }).map((parts) => parts.join(''));
  fc.assert(fc.property(text, survives), { numRuns: runs(700) });
});

it('refuses or takes any values under any keys', () => {
  const content = fc.dictionary(key, tree, { maxKeys: 8, noNullPrototype: true });
  fc.assert(
    fc.property(content, (data) => survives(JSON.stringify(data))),
    { numRuns: runs(400) },
  );
});
