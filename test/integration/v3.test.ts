import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../agent/config/schema.ts';
import { describeWithNetSnmp, netSnmp } from '../support/net-snmp.ts';
import { type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';

const AUTH_PASSWORD = 'authentication';
const PRIV_PASSWORD = 'encryption';
const AUTH_PROTOCOLS = ['MD5', 'SHA', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
const PRIV_PROTOCOLS = ['DES', 'AES-128', 'AES-192', 'AES-256', 'AES-192-C', 'AES-256-C'] as const;

type User = Config['users'][number];
type Auth = NonNullable<User['auth']>['protocol'];
type Priv = NonNullable<User['priv']>['protocol'];

function user(
  name: string,
  access: User['access'],
  auth: Auth = 'SHA-256',
  priv: Priv = 'AES-128',
  level: User['level'] = 'authPriv',
): User {
  return {
    name,
    access,
    level,
    auth: { protocol: auth, secret: { kind: 'password', value: AUTH_PASSWORD } },
    priv: { protocol: priv, secret: { kind: 'password', value: PRIV_PASSWORD } },
  };
}

function flags(
  name: string,
  auth: Auth = 'SHA-256',
  priv: Priv = 'AES-128',
  level: User['level'] = 'authPriv',
): string[] {
  const protocol = priv === 'AES-128' ? 'AES' : priv;
  return [
    '-v3',
    '-r0',
    '-t20',
    '-u',
    name,
    '-l',
    level,
    '-a',
    auth,
    '-A',
    AUTH_PASSWORD,
    '-x',
    protocol,
    '-X',
    PRIV_PASSWORD,
  ];
}

function start(users: readonly User[], change: Partial<Config> = {}): Promise<RunningDaemon> {
  return startDaemon(testConfig({}, { communities: [], users, ...change }));
}

describeWithNetSnmp('SNMPv3', () => {
  it.each(
    AUTH_PROTOCOLS.flatMap((auth) => PRIV_PROTOCOLS.map((priv) => [auth, priv] as const)),
  )('answers and takes a set with %s and %s', async (auth, priv) => {
    const { endpoint } = await start([user('admin', 'admin', auth, priv)]);
    const set = await netSnmp(
      'snmpset',
      ...flags('admin', auth, priv),
      endpoint,
      'sysLocation.0',
      's',
      'here',
    );
    expect(set).toMatchObject({ status: 0, stderr: '' });
    const walk = await netSnmp(
      'snmpbulkwalk',
      ...flags('admin', auth, priv),
      '-Cr50',
      endpoint,
      'libvirtGuestTable',
    );
    expect(walk.lines).toHaveLength(3 * 7);
  });

  it('gives the same walk as a community', async () => {
    const [reader] = testConfig().communities;
    const { endpoint } = await start([user('viewer', 'read-only')], { communities: [reader!] });
    const v3 = await netSnmp('snmpbulkwalk', ...flags('viewer'), '-On', endpoint, '.1.3.6.1.4.1.36957');
    const v2 = await netSnmp('snmpbulkwalk', '-v2c', '-c', 'public', '-On', endpoint, '.1.3.6.1.4.1.36957');
    expect(v3.lines).toEqual(v2.lines);
    expect(v3.lines).toHaveLength(3 * 7);
  });

  it.each([
    ['a user that is not there', ['-u', 'nobody'], 'Unknown user name'],
    ['a wrong authentication password', ['-A', 'not the right one'], 'Authentication failure'],
    ['a wrong privacy password', ['-X', 'not the right one'], 'Decryption error'],
    ['a context that is not there', ['-n', 'elsewhere'], 'Bad context specified'],
    ['a protocol that the user has not', ['-a', 'MD5'], 'Authentication failure'],
  ])('tells of %s by a Report', async (_, change, told) => {
    const { endpoint } = await start([user('viewer', 'read-only')]);
    const { status, stderr } = await netSnmp('snmpget', ...flags('viewer'), ...change, endpoint, 'sysName.0');
    expect(status).not.toBe(0);
    expect(stderr).toContain(told);
  });

  it.each(['noAuthNoPriv', 'authNoPriv'] as const)('refuses %s to a user of authPriv', async (level) => {
    const { endpoint } = await start([user('viewer', 'read-only')]);
    const { stderr } = await netSnmp(
      'snmpget',
      ...flags('viewer', 'SHA-256', 'AES-128', level),
      endpoint,
      'sysName.0',
    );
    expect(stderr).toContain('authorizationError');
  });

  it.each(['authNoPriv', 'authPriv'] as const)('takes %s from a user of authNoPriv', async (level) => {
    const { endpoint } = await start([user('viewer', 'read-only', 'SHA-256', 'AES-128', 'authNoPriv')]);
    const { lines } = await netSnmp(
      'snmpget',
      ...flags('viewer', 'SHA-256', 'AES-128', level),
      '-Oqv',
      endpoint,
      'sysName.0',
    );
    expect(lines).toEqual(['host-1']);
  });

  it.each([
    ['read-only', 'noAccess', 'noAccess'],
    ['operator', 'noAccess', undefined],
    ['admin', undefined, undefined],
  ] as const)('lets a user with access %s set what that says', async (access, onSystem, onGuest) => {
    const running = await start([user('u', access)]);
    const domain = Array.from(running.daemon.hypervisor.hosts[0]!.domains).find(({ state }) => state === 1)!;
    const set = async (...binding: string[]) =>
      (await netSnmp('snmpset', ...flags('u'), running.endpoint, ...binding)).stderr;
    const told = (stderr: string) => /Reason: (\w+)/.exec(stderr)?.[1];
    expect(told(await set('sysContact.0', 's', 'x'))).toBe(onSystem);
    const state = `libvirtGuestState.${domain.uuidOctets.join('.')}`;
    expect(told(await set(state, '=', 'paused'))).toBe(onGuest);
  });

  it('keeps its engine ID over a restart and counts its boots, in a file that is its owner’s', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'host-1.engine.json');
    const told: { engineId: string; engineBoots: number }[] = [];
    for (let boots = 1; boots <= 3; boots++) {
      const running = await start([user('viewer', 'read-only')], { state: folder });
      const { status } = await netSnmp('snmpget', ...flags('viewer'), running.endpoint, 'sysName.0');
      expect(status).toBe(0);
      await running.daemon.stop();
      told.push(JSON.parse(readFileSync(file, 'utf8')));
    }
    expect(told.map(({ engineBoots }) => engineBoots)).toEqual([1, 2, 3]);
    expect(new Set(told.map(({ engineId }) => engineId)).size).toBe(1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never answers a community where there is none', async () => {
    const { endpoint } = await start([user('viewer', 'read-only')]);
    const { stderr } = await netSnmp(
      'snmpget',
      '-v2c',
      '-c',
      'public',
      '-r0',
      '-t0.3',
      endpoint,
      'sysName.0',
    );
    expect(stderr).toContain('No Response');
  });
});
