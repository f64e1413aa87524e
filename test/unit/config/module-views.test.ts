import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { needsRestart } from '../../../agent/config/diff.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import { errorText } from '../../../agent/util/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

function load(text: string) {
  writeFileSync(join(folder, 'views.yaml'), text);
  return loadConfig({ file: 'views.yaml', env: {}, cwd: folder });
}

function refusal(text: string): string {
  try {
    load(text);
  } catch (thrown) {
    return errorText(thrown);
  }
  return 'accepted';
}

/** A configuration whose only community sees these modules. */
const one = (modules: string, rest = '') =>
  `communities:\n  - name: secret\n    modules: ${modules}\n${rest}`;

describe('the modules that somebody sees', () => {
  it('are those included, or all but those excluded, of communities and users', () => {
    const { communities, users } = load(`communities:
  - { name: a, modules: { include: IF-MIB } }
  - { name: b, modules: { exclude: [VM-MIB, ENTITY-MIB] } }
  - { name: c }
users:
  - { name: u, level: noAuthNoPriv, modules: { include: [SNMPv2-MIB, IF-MIB], exclude: LIBVIRT-MIB } }
`);
    expect(communities.map(({ modules }) => modules)).toEqual([
      { include: ['IF-MIB'] },
      { exclude: ['VM-MIB', 'ENTITY-MIB'] },
      undefined,
    ]);
    expect(users[0]!.modules).toEqual({ include: ['SNMPv2-MIB', 'IF-MIB'], exclude: ['LIBVIRT-MIB'] });
  });

  it.each([
    [
      '{ include: IFMIB }',
      '3:25 communities[0].modules.include: is no module of this agent; did you mean IF-MIB?',
    ],
    [
      '{ exclude: [VM-MIB, LIBVIRT-STAT-MIB] }',
      '3:34 communities[0].modules.exclude[1]: is no module of this agent; did you mean LIBVIRT-STATS-MIB?',
    ],
    [
      '{ include: [] }',
      '3:25 communities[0].modules.include: a list of 0 is not accepted, expected a list of 1 to 19 names of modules',
    ],
    ['{}', '3:14 communities[0].modules: names no module; expected include or exclude to be given'],
    [
      '{ include: IF-MIB, exlude: VM-MIB }',
      '3:33 communities[0].modules.exlude: an unknown option; did you mean exclude?',
    ],
    [
      '{ include: [IF-MIB], exclude: [IF-MIB] }',
      '3:45 communities[0].modules.exclude[0]: IF-MIB is in include as well; expected it in one of the two',
    ],
    [
      '{ include: [SNMPv2-MIB, SNMP-COMMUNITY-MIB] }',
      '3:38 communities[0].modules.include[1]: nothing of SNMP-COMMUNITY-MIB is seen with access: read-only; expected access: admin, or another module',
    ],
  ])('%s is refused', (modules, message) => {
    expect(refusal(one(modules))).toBe(`views.yaml:${message}`);
  });

  it.each(['include', 'exclude'])('cannot be named in %s when they are switched off', (key) => {
    const off = 'agent: { modules: { VM-MIB: false } }\n';
    expect(refusal(one(`{ ${key}: [IF-MIB, VM-MIB] }`, off))).toBe(
      `views.yaml:3:34 communities[0].modules.${key}[1]: VM-MIB is switched off by agent.modules; expected a module that is served`,
    );
  });

  it('say nothing of a word that may be a community in the wrong place', () => {
    expect(refusal(one('{ include: hunter2 }'))).not.toContain('hunter2');
  });

  it('can be changed while the program runs', () => {
    expect(needsRestart(load(one('{ include: IF-MIB }')), load(one('{ exclude: IF-MIB }')))).toEqual([]);
  });
});
