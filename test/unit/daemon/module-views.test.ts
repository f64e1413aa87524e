import { describe, expect, it } from 'vitest';
import { VERDICT, View } from '../../../agent/access/compiled-view.ts';
import { PRESETS, presetSubtrees } from '../../../agent/access/presets.ts';
import { Vacm } from '../../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../../agent/access/vacm-rows.ts';
import { ViewTree } from '../../../agent/access/view-tree.ts';
import { ADMIN_MODULES, SEEN_MODULES } from '../../../agent/config/modules.ts';
import type { Config } from '../../../agent/config/schema.ts';
import { communityName, vacmConfiguration } from '../../../agent/daemon/access.ts';
import type { ModuleDefinition } from '../../../agent/mib/definition.ts';
import { ALL_MODULES } from '../../../agent/mib/generated/all-modules.ts';
import { moduleSubtrees } from '../../../agent/mib/module-subtrees.ts';
import { identifiersByName } from '../../../agent/mib/served.ts';
import { formatOid, type Oid } from '../../../agent/util/oid.ts';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';
import { udpWalk } from '../../support/udp-walk.ts';

type Community = Config['communities'][number];

const SEEN = ALL_MODULES.filter(({ name }) => SEEN_MODULES.includes(name));
const identifiers = identifiersByName();

function community(name: string, access: Community['access'], modules?: Community['modules']): Community {
  return { ...testConfig().communities[0]!, name, access, ...(modules && { modules }) };
}

/** The views of somebody who sees some modules only, for each use; `undefined` where there is none. */
function viewsOf(access: Community['access'], modules: Community['modules']) {
  const vacm = new Vacm();
  vacm.configure(vacmConfiguration({ ...testConfig(), communities: [community('c', access, modules)] }));
  const view = (viewType: 'read' | 'write' | 'notify', name: 'v1' | 'v2c') => {
    const decision = vacm.isAccessAllowed({
      ...{ securityModel: SECURITY_MODEL[name], securityName: communityName('c'), viewType, contextName: '' },
      securityLevel: SECURITY_LEVEL.noAuthNoPriv,
    });
    return 'view' in decision ? decision.view : undefined;
  };
  expect(view('read', 'v1')).toBe(view('read', 'v2c'));
  return { read: view('read', 'v1'), write: view('write', 'v1'), notify: view('notify', 'v1') };
}

function shows(view: ViewTree | undefined, oid: Oid): boolean {
  return view?.inView(oid, 0, oid.length) ?? false;
}

/** Whether somebody is told of a notification with all that it carries. */
function tells(view: ViewTree | undefined, oid: Oid, objects: readonly string[]): boolean {
  return shows(view, oid) && objects.every((name) => shows(view, [...identifiers.get(name)!, 1]));
}

function notificationsOf({ notifications }: ModuleDefinition) {
  return Object.values(notifications);
}

describe('who sees some modules only', () => {
  /** Walks as one of these communities, and gives the names of what is there. */
  async function serve(communities: readonly Community[]) {
    const { port, daemon } = await startDaemon(testConfig({ guests: 1 }, { communities }));
    const { leaves } = daemon.registryOf(daemon.hypervisor.hosts[0]!)!;
    for (const { access, modules } of communities) {
      // Of no object some instances alone, which would have to be looked at one by one.
      const { verdicts } = new View(leaves, viewsOf(access, modules).read!);
      expect(verdicts).not.toContain(VERDICT.partial);
    }
    return async (name: string) =>
      (await udpWalk(port, { community: name })).map((line) => line.split(' ')[0]!);
  }

  it('reads exactly what there is of them, or all but that', async () => {
    const excluded = ['IF-MIB', 'LIBVIRT-STATS-MIB', 'SNMPv2-MIB'];
    const walk = await serve([
      community('whole', 'admin'),
      ...SEEN_MODULES.map((name) => community(`only ${name}`, 'admin', { include: [name] })),
      ...excluded.map((name) => community(`all but ${name}`, 'admin', { exclude: [name] })),
    ]);
    const whole = await walk('whole');
    for (const { name, scalars, tables } of SEEN) {
      const parts = [...Object.values(scalars), ...Object.values(tables)].map(
        ({ oid }) => `${formatOid(oid)}.`,
      );
      const belongs = (oid: string) => parts.some((part) => oid.startsWith(part));
      expect(await walk(`only ${name}`)).toEqual(whole.filter(belongs));
      if (excluded.includes(name))
        expect(await walk(`all but ${name}`)).toEqual(whole.filter((oid) => !belongs(oid)));
    }
  });

  it('reads two modules as the sum of both, without what is excluded', async () => {
    const walk = await serve([
      community('both', 'read-only', { include: ['IF-MIB', 'SNMPv2-MIB'], exclude: ['VM-MIB'] }),
      community('a', 'read-only', { include: ['IF-MIB'] }),
      community('b', 'read-only', { include: ['SNMPv2-MIB'] }),
    ]);
    expect(new Set(await walk('both'))).toEqual(new Set([...(await walk('a')), ...(await walk('b'))]));
  });
});

describe('the views of some modules', () => {
  it.each(
    SEEN,
  )('tell of the notifications of $name alone with all that they carry, or of all others', (module) => {
    const only = viewsOf('read-only', { include: [module.name] }).notify;
    const others = viewsOf('read-only', { exclude: [module.name] }).notify;
    for (const each of SEEN)
      for (const { oid, objects } of notificationsOf(each)) {
        expect(tells(only, oid, objects)).toBe(each === module);
        expect(tells(others, oid, objects)).toBe(each !== module);
      }
  });

  it.each(
    Object.keys(PRESETS) as Community['access'][],
  )('are within those of %s, and nothing of those is lost where no module is left out', (access) => {
    const whole = viewsOf(access, undefined);
    for (const { name } of SEEN) {
      const only = viewsOf(access, { include: [name] });
      const others = viewsOf(access, { exclude: [name] });
      for (const each of SEEN)
        for (const { oid } of [...Object.values(each.scalars), ...Object.values(each.tables)])
          for (const use of ['read', 'write'] as const) {
            const own = each.name === name;
            expect(shows(only[use], oid)).toBe(own && shows(whole[use], oid));
            expect(shows(others[use], oid)).toBe(!own && shows(whole[use], oid));
          }
    }
  });

  it('know which modules only an administrator sees anything of', () => {
    const families = presetSubtrees('monitoring').map((each) => ({ ...each, mask: new Uint8Array(0) }));
    const monitoring = new ViewTree(families);
    const hidden = [...moduleSubtrees(ALL_MODULES).keys()].filter((name) => {
      const { scalars, tables } = SEEN.find((module) => module.name === name)!;
      return ![...Object.values(scalars), ...Object.values(tables)].some(({ oid }) => shows(monitoring, oid));
    });
    expect(hidden.sort()).toEqual(ADMIN_MODULES);
  });
});
