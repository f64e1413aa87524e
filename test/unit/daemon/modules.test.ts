import { describe, expect, it } from 'vitest';
import { SWITCHABLE_MODULES, type SwitchableModule } from '../../../agent/config/modules.ts';
import type { Config } from '../../../agent/config/schema.ts';
import { toldFamilies } from '../../../agent/daemon/served-modules.ts';
import { loadModules } from '../../../agent/mib/smi-modules.ts';
import { readModule } from '../../../agent/mib/smi-reader.ts';
import { mibFolders } from '../../../agent/util/package-info.ts';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';
import { udpWalk } from '../../support/udp-walk.ts';

const SYS_OR_ID = '1.3.6.1.2.1.1.9.1.2.';

/** Tables whose rows are nothing but pointers into a module: they have none without it. */
const POINTERS_TO: Partial<Record<SwitchableModule, string>> = {
  // entAliasMappingTable
  'IF-MIB': '1.3.6.1.2.1.47.1.3.2',
};

function without(...names: SwitchableModule[]): Config {
  const config = testConfig();
  const modules = { ...config.agent.modules };
  for (const name of names) modules[name] = false;
  return { ...config, agent: { ...config.agent, modules } };
}

/** Where the objects of a module are, and the identity by which sysORTable lists it. */
function partsOf(name: SwitchableModule): { identity: string; objects: string[] } {
  const { oid, scalars, tables } = readModule(loadModules(mibFolders(), [name]), name);
  const objects = [...Object.values(scalars), ...Object.values(tables)];
  return { identity: oid.join('.'), objects: objects.map((each) => `${each.oid.join('.')}.`) };
}

/** What instances belong to, as far as a table's columns go. */
function tablesOf(lines: readonly string[]): Set<string> {
  return new Set(lines.map((line) => /^(?:\d+\.){0,9}\d+/.exec(line)![0]));
}

/** The walk of an agent that serves all modules: the same for each that is compared with it. */
let wholeWalk: string[] | undefined;

function identities(walk: readonly string[]): string[] {
  return walk.filter((line) => line.startsWith(SYS_OR_ID)).map((line) => JSON.parse(line.split(' 6 ')[1]!));
}

describe('a module that is switched off', () => {
  it.each(SWITCHABLE_MODULES)('leaves nothing of %s, and all of the others', async (name) => {
    const { identity, objects } = partsOf(name);
    const belongs = (line: string) => objects.some((oid) => line.startsWith(oid));
    wholeWalk ??= await udpWalk((await startDaemon(testConfig())).port);
    const whole = wholeWalk;
    const walk = await udpWalk((await startDaemon(without(name))).port);
    expect(whole.some(belongs)).toBe(true);
    expect(walk.filter(belongs)).toEqual([]);
    const others = whole.filter((line) => !belongs(line) && !line.startsWith('1.3.6.1.2.1.1.9.'));
    const shown = tablesOf(walk);
    expect([...tablesOf(others)].filter((table) => !shown.has(table))).toEqual(
      [POINTERS_TO[name] ?? []].flat(),
    );
    expect(identities(whole)).toContain(identity);
    expect(identities(walk)).toEqual(identities(whole).filter((id) => id !== identity));
  });

  it('is not told of by notifications, whatever the families are', () => {
    const { traps } = testConfig();
    const asked = { ...testConfig(), traps: { ...traps, families: ['libvirt', 'stats'] as const } };
    expect(toldFamilies(asked, without())).toEqual(['libvirt', 'stats']);
    expect(toldFamilies(asked, without('LIBVIRT-MIB'))).toEqual(['stats']);
  });
});
