import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../agent/access/presets.ts';
import { Vacm } from '../../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../../agent/access/vacm-rows.ts';
import type { Config } from '../../../agent/config/schema.ts';
import { communityConfigs, vacmConfiguration } from '../../../agent/daemon/access.ts';
import { targetConfiguration } from '../../../agent/daemon/targets.ts';
import type { Oid } from '../../../agent/util/oid.ts';
import { DESTINATION, testConfig } from '../../support/running-daemon.ts';

function configured(sent: readonly string[]): Config {
  const config = testConfig();
  const destinations = sent.map((community) => ({ ...DESTINATION, host: '192.0.2.1', community }));
  return { ...config, traps: { ...config.traps, destinations } };
}

describe('whose name a trap is sent in', () => {
  const config = configured(['private', 'theirs', 'public', 'others', 'theirs']);
  const names = targetConfiguration(config).params.map(({ securityName }) => securityName);

  it('is that of the agent’s own community, or one for each other community', () => {
    expect(communityConfigs(config).map(({ name }) => name)).toEqual(['public', 'private']);
    // The first digits of `printf private | sha256sum`, and so on.
    expect(names).toEqual([
      'community-715dc8493c36',
      'trap-community-4c55a8552a2c',
      'community-efa1f375d761',
      'trap-community-01db91d06032',
      'trap-community-4c55a8552a2c',
    ]);
  });

  it.each(['v1', 'v2c'] as const)('is one that may be told all that monitoring shows, %s', (version) => {
    const vacm = new Vacm();
    vacm.configure(vacmConfiguration(config));
    for (const securityName of names) {
      const request = {
        securityModel: SECURITY_MODEL[version],
        securityName,
        securityLevel: SECURITY_LEVEL.noAuthNoPriv,
        contextName: '',
      };
      expect(vacm.isAccessAllowed({ ...request, viewType: 'notify' })).toEqual({
        view: vacm.view('monitoring'),
      });
    }
  });
});

const HIDDEN = { exclude: ['HOST-RESOURCES-MIB'] };
const HOST: Oid = [1, 3, 6, 1, 2, 1, 25];

function user(name: string): Config['users'][number] {
  return { name, access: 'read-only', level: 'noAuthNoPriv', modules: HIDDEN };
}

function communityOf(name: string): Config['communities'][number] {
  return { ...testConfig().communities[0]!, name, access: 'read-only', modules: HIDDEN };
}

/** Access control of a configuration, and what its owners see of HOST-RESOURCES-MIB. */
function controlled(of: Partial<Config>) {
  const vacm = new Vacm();
  const load = (change: Partial<Config>) => vacm.configure(vacmConfiguration({ ...testConfig(), ...change }));
  load(of);
  const rightOf = (model: 'usm' | 'v2c', securityName: string) => {
    const securityModel = SECURITY_MODEL[model];
    const right = {
      securityModel,
      securityName,
      securityLevel: SECURITY_LEVEL.noAuthNoPriv,
      contextName: '',
    };
    const decision = vacm.isAccessAllowed({ ...right, viewType: 'read' });
    return 'view' in decision && decision.view.inView(HOST, 0, HOST.length);
  };
  /** A manager shows the subtree in the view that somebody reads by. */
  const show = (model: 'usm' | 'v2c', securityName: string) => {
    const group = [...vacm.groups].find(
      (row) => row.securityModel === SECURITY_MODEL[model] && row.securityName === securityName,
    )!.groupName;
    const view = [...vacm.access].find(({ groupName }) => groupName === group)!.readView;
    const name = Array.from(Buffer.from(view));
    const index = [name.length, ...name, HOST.length, ...HOST];
    const prepared = vacm.families.prepare(index, { included: true });
    if (!('commit' in prepared)) throw new Error('refused');
    prepared.commit();
  };
  return { vacm, load, rightOf, show };
}

describe('rights that a manager changed', () => {
  it('stay with their user when another takes his place in the file', () => {
    const [alice, bob] = [user('alice'), user('bob')];
    const { vacm, load, rightOf, show } = controlled({ users: [alice, bob] });
    const seen = () => [rightOf('usm', 'alice'), rightOf('usm', 'bob')];
    expect(seen()).toEqual([false, false]);
    show('usm', 'alice');
    expect(seen()).toEqual([true, false]);
    load({ users: [bob, alice] });
    expect(seen()).toEqual([true, false]);
    const stored = vacm.snapshot();
    load({ users: [bob] });
    expect(seen()).toEqual([false, false]);

    const restarted = controlled({ users: [bob] });
    restarted.vacm.restore(stored);
    expect(restarted.rightOf('usm', 'bob')).toBe(false);
  });

  it('stay with their community when another takes its place in the file', () => {
    const communities = [communityOf('first'), communityOf('second')];
    const { load, rightOf, show } = controlled({ communities });
    const nameOf = (name: string) =>
      communityConfigs({ ...testConfig(), communities }).find((one) => one.name === name)!.securityName;
    const seen = () => ['first', 'second'].map((name) => rightOf('v2c', nameOf(name)));
    show('v2c', nameOf('first'));
    expect(seen()).toEqual([true, false]);
    load({ communities: communities.toReversed() });
    expect(seen()).toEqual([true, false]);
    load({ communities: communities.slice(1) });
    expect(seen()).toEqual([false, false]);
  });
});

it('who sees some modules only has groups and views of his own, in 32 octets and without the community', () => {
  const long = 'x'.repeat(20);
  const users = ['1', 'admin', 'a-read', 'a', 'ü', long, `${long}y`, `${long}z`, 'x'.repeat(32)].map(user);
  const communities = ['1', 'admin', 'secret', 's'.repeat(255)].map(communityOf);
  const { groups, access, families } = vacmConfiguration({ ...testConfig(), users, communities });
  const names = new Set(groups.map(({ groupName }) => groupName));
  expect(names.size).toBe(users.length + communities.length);
  const own = access.filter(({ groupName }) => names.has(groupName) && groupName !== 'admin');
  // A community has a right in each version, and both name the same views.
  expect(new Set(own.map(({ readView }) => readView)).size).toBe(names.size);
  const all = [...names, ...families.map(({ viewName }) => viewName)];
  expect(all.filter((name) => Buffer.byteLength(name) > 32 || name.includes('secret'))).toEqual([]);
  expect([...names].filter((name) => name in PRESETS)).toEqual([]);
  expect([...names]).toContain(`user-${long}`);
  expect([...names]).not.toContain(`user-${long}y`);
});
