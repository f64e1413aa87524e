import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { communitiesByName, targetConfiguration } from '../../../agent/daemon/targets.ts';
import { TargetTables } from '../../../agent/notify/target-tables.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const USERS = `
users:
  - name: full
    auth: { password: authentic }
    priv: { password: private and more }
  - name: keyed
    level: authNoPriv
    auth: { protocol: SHA, localizedKey: "${'ab'.repeat(20)}" }
state: kept
`;

function load(text: string) {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text + USERS);
  return loadConfig({ file, env: {} });
}

function refusal(text: string): string {
  try {
    load(text);
  } catch (error) {
    return (error as Error).message.replaceAll(`${join(folder, 'config.yaml')}:`, '');
  }
  throw new Error('the configuration was accepted');
}

describe('destinations that do not go with the rest', () => {
  it.each([
    [
      'a name that comes twice, one of them by default',
      'traps: {destinations: [{host: a, name: destination-2}, {host: b}]}',
      '1:56 traps.destinations[1].name: the name of traps.destinations[0]; expected another',
    ],
    [
      'a user that is not there',
      'traps: {destinations: [{host: a, version: v3, user: nobody}]}',
      '1:53 traps.destinations[0].user: there is no such user; expected one of "full", "keyed"',
    ],
    [
      'a level below what the user’s messages must have',
      'traps: {destinations: [{host: a, version: v3, user: full, level: authNoPriv}]}',
      '1:66 traps.destinations[0].level: authNoPriv does not go with the user "full"; expected authPriv',
    ],
    [
      'a level above what the user’s keys allow',
      'traps: {destinations: [{host: a, version: v3, user: keyed, level: authPriv}]}',
      '1:67 traps.destinations[0].level: authPriv does not go with the user "keyed"; expected authNoPriv',
    ],
    [
      'an inform in the name of a user without passwords',
      'traps: {destinations: [{host: a, version: v3, type: inform, user: keyed}]}',
      '1:67 traps.destinations[0].user: the user "keyed" has a key for this agent\'s engine alone, and an inform takes one for the receiver\'s; expected a user with passwords, or type: trap',
    ],
  ])('%s', (_what, text, expected) => {
    expect(refusal(text)).toBe(expected);
  });
});

describe('the rows of a configuration', () => {
  const config = load(`
communities: [{ name: public }]
traps:
  destinations:
    - { host: 192.0.2.1, filter: { exclude: [authenticationFailure, "libvirtGuestTable.1.*.7"] } }
    - { host: "2001:db8::7", port: 1162, type: inform, community: theirs, timeout: 1.25, retries: 5, queue: 7 }
    - { name: nms, host: nms.example.org, version: v3, user: full, tags: [night, day], sourceAddress: 192.0.2.9 }
    - { host: 192.0.2.4, version: v1, filter: { include: [1.3.6.1.4.1] } }
`);
  const tables = new TargetTables();
  tables.configure(targetConfiguration(config));
  const communities = communitiesByName(config);
  const targets = tables.targets((name) => communities.get(name));

  it('become targets with all that was said', () => {
    expect(targets.map(({ filter, ...rest }) => rest)).toEqual([
      {
        name: 'destination-1',
        kind: 'trap',
        host: '192.0.2.1',
        port: 162,
        timeoutMs: 2000,
        retries: 3,
        version: 'v2c',
        community: 'public',
        securityName: 'community-efa1f375d761',
        securityLevel: 1,
        queueLength: 100_000,
      },
      {
        name: 'destination-2',
        kind: 'inform',
        host: '2001:db8:0:0:0:0:0:7',
        port: 1162,
        timeoutMs: 1250,
        retries: 5,
        version: 'v2c',
        community: 'theirs',
        securityName: 'trap-community-4c55a8552a2c',
        securityLevel: 1,
        queueLength: 7,
      },
      {
        name: 'destination-4',
        kind: 'trap',
        host: '192.0.2.4',
        port: 162,
        timeoutMs: 2000,
        retries: 3,
        version: 'v1',
        community: 'public',
        securityName: 'community-efa1f375d761',
        securityLevel: 1,
        queueLength: 100_000,
      },
      {
        name: 'nms',
        kind: 'trap',
        host: 'nms.example.org',
        port: 162,
        sourceAddress: '192.0.2.9',
        timeoutMs: 2000,
        retries: 3,
        version: 'v3',
        securityName: 'full',
        securityLevel: 3,
        queueLength: 100_000,
      },
    ]);
    expect(Array.from(tables.addresses, ({ tags }) => tags)).toEqual([
      'traps',
      'informs',
      'traps',
      'traps night day',
    ]);
  });

  it('filter by names, and by identifiers in which a number does not matter', () => {
    const passes = (place: number, oid: readonly number[], ...names: (readonly number[])[]) =>
      targets[place]!.filter!.passes({
        oid,
        upTimeCentiseconds: 0,
        varbinds: names.map((name) => ({ oid: name, tag: 2, value: 1 })),
      });
    const [cold, failure] = [
      [1, 3, 6, 1, 6, 3, 1, 1, 5, 1],
      [1, 3, 6, 1, 6, 3, 1, 1, 5, 5],
    ];
    expect([passes(0, cold), passes(0, failure)]).toEqual([true, false]);
    const table = [1, 3, 6, 1, 4, 1, 36957, 1, 1];
    expect(passes(0, cold, [...table, 1, 2, 8])).toBe(true);
    expect(passes(0, cold, [...table, 1, 2, 7, 9])).toBe(false);
    expect(passes(0, cold, [...table, 2, 2, 7])).toBe(true);
    // What is not included is not told of as a notification, and does no harm as a variable.
    expect([passes(2, cold), passes(2, [1, 3, 6, 1, 4, 1, 36957, 0, 1], cold)]).toEqual([false, true]);
    expect([targets[1]!.filter, targets[3]!.filter]).toEqual([undefined, undefined]);
  });
});
