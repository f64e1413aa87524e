import { expect, it } from 'vitest';
import type { Config } from '../../agent/config/schema.ts';
import { describeWithNetSnmp } from '../support/net-snmp.ts';
import { type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';
import { type Login, UsmTools } from '../support/snmpusm.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type User = Config['users'][number];
type Auth = NonNullable<User['auth']>['protocol'];
type Priv = NonNullable<User['priv']>['protocol'];

/** A configured user, with the passwords `<name> authenticates` and `<name> encrypts`. */
function user(name: string, access: User['access'], auth: Auth = 'SHA-256', priv: Priv = 'AES-128'): User {
  const secret = (value: string) => ({ kind: 'password' as const, value });
  return {
    name,
    access,
    level: 'authPriv',
    auth: { protocol: auth, secret: secret(`${name} authenticates`) },
    priv: { protocol: priv, secret: secret(`${name} encrypts`) },
  };
}

function login(name: string, auth: Auth = 'SHA-256', priv: Priv = 'AES-128'): Login {
  const secrets = { authSecret: `${name} authenticates`, privSecret: `${name} encrypts` };
  return { name, auth, priv: priv === 'AES-128' ? 'AES' : priv, ...secrets };
}

async function start(
  users: readonly User[],
  change: Partial<Config> = {},
): Promise<RunningDaemon & { tools: UsmTools }> {
  const running = await startDaemon(testConfig({}, { communities: [], users, ...change }));
  return { ...running, tools: new UsmTools(running.endpoint) };
}

const WRONG_KEY = expect.stringMatching(/Authentication failure|Decryption error/);
const UNKNOWN = expect.stringContaining('Unknown user name');

/** Puts a user into the group of the configured readers. */
const authorize = (tools: UsmTools, admin: Login, name: string) =>
  tools.run('snmpvacm', admin, 'createSec2Group', '3', name, 'read-only-authPriv');

describeWithNetSnmp('snmpusm', () => {
  it.each([
    ['MD5', 'DES'],
    ['SHA', 'AES-128'],
    ['SHA-256', 'AES-256'],
    ['SHA-512', 'AES-256'],
  ] as const)('with %s and %s creates a user, changes his keys, and deletes him', async (auth, priv) => {
    const { tools } = await start([
      user('admin', 'admin', auth, priv),
      user('template', 'read-only', auth, priv),
    ]);
    const [admin, template] = [login('admin', auth, priv), login('template', auth, priv)];
    const fresh = { ...template, name: 'fresh' };
    expect(await tools.read(fresh)).toEqual(UNKNOWN);
    expect(await tools.usm(admin, 'create', 'fresh', 'template')).toBe('created');
    // Known by his keys, and in no group.
    expect(await tools.read(fresh)).toContain('authorizationError');
    await authorize(tools, admin, 'fresh');
    expect(await tools.read(fresh)).toBe('host-1');

    const rekeyed = { ...fresh, authSecret: 'new authentication', privSecret: 'new encryption' };
    const passwd = (part: string, from: string, to: string) =>
      tools.usm(admin, part, 'passwd', from, to, 'fresh');
    expect(await passwd('-Ca', fresh.authSecret, rekeyed.authSecret)).toBe('changed');
    expect(await tools.read(fresh)).toEqual(WRONG_KEY);
    expect(await passwd('-Cx', fresh.privSecret, rekeyed.privSecret)).toBe('changed');
    expect(await tools.read(rekeyed)).toBe('host-1');
    expect(await tools.read({ ...rekeyed, privSecret: fresh.privSecret })).toEqual(WRONG_KEY);
    expect(await tools.read(template)).toBe('host-1');

    expect(await tools.usm(admin, 'deactivate', 'fresh')).toBe('deactivated');
    expect(await tools.read(rekeyed)).toEqual(UNKNOWN);
    expect(await tools.usm(admin, 'activate', 'fresh')).toBe('activated');
    expect(await tools.read(rekeyed)).toBe('host-1');
    expect(await tools.usm(admin, 'delete', 'fresh')).toBe('deleted');
    expect(await tools.read(rekeyed)).toEqual(UNKNOWN);
  });

  it.each([
    ['MD5', 'DES'],
    ['SHA', 'AES-128'],
    ['SHA-256', 'AES-256'],
    ['SHA-512', 'AES-256'],
  ] as const)('with %s and %s lets a user change his own keys, and answers under the old ones', async (auth, priv) => {
    const { tools } = await start([user('admin', 'admin', auth, priv)]);
    const before = login('admin', auth, priv);
    // That snmpusm takes the answer shows that it came under the old keys.
    expect(await tools.usm(before, '-Cx', 'passwd', before.privSecret, 'one password')).toBe('changed');
    const between = { ...before, privSecret: 'one password' };
    expect(await tools.usm(between, '-Ca', 'passwd', before.authSecret, 'one password')).toBe('changed');
    const after = { ...between, authSecret: 'one password' };
    expect(await tools.read(after)).toBe('host-1');
    expect(await tools.usm(after, 'passwd', 'one password', 'another password')).toBe('changed');
    expect(await tools.read(after)).toEqual(WRONG_KEY);
    expect(await tools.read(before)).toEqual(WRONG_KEY);
    expect(
      await tools.read({ ...after, authSecret: 'another password', privSecret: 'another password' }),
    ).toBe('host-1');
  });

  it('creates a user step by step, and clones him once', async () => {
    const { tools } = await start([user('admin', 'admin'), user('template', 'read-only')]);
    const admin = login('admin');
    expect(await tools.usm(admin, 'create', 'slow')).toBe('created');
    expect(await tools.usm(admin, 'activate', 'slow')).toBe('inconsistentValue');
    expect(await tools.usm(admin, 'cloneFrom', 'slow', 'nobody')).toBe('inconsistentName');
    expect(await tools.usm(admin, 'cloneFrom', 'slow', 'template')).toBe('cloned');
    expect(await tools.usm(admin, 'cloneFrom', 'slow', 'admin')).toBe('cloned');
    expect(await tools.read({ ...login('template'), name: 'slow' })).toContain('authorizationError');
    expect(await tools.read({ ...admin, name: 'slow' })).toEqual(WRONG_KEY);
    expect(await tools.usm(admin, '-Cw', 'create', 'later', 'template')).toBe('created');
    expect(await tools.read({ ...login('template'), name: 'later' })).toEqual(UNKNOWN);
    expect(await tools.usm(admin, 'activate', 'later')).toBe('activated');
    expect(await tools.read({ ...login('template'), name: 'later' })).toContain('authorizationError');
    expect(await tools.usm(admin, 'create', 'later', 'template')).toBe('inconsistentValue');
  });

  it('changes keys by key agreement, a user his own ones too, and takes them back to a password', async () => {
    const { tools } = await start([user('admin', 'admin'), user('template', 'read-only')]);
    const admin = login('admin');
    await tools.usm(admin, 'create', 'fresh', 'template');
    const keys = await tools.changeKeys(admin, 'fresh');
    const agreed = { ...admin, name: 'fresh', authSecret: keys['auth']!, privSecret: keys['priv']! };
    expect(await tools.read(agreed)).toContain('authorizationError');
    expect(await tools.read({ ...login('template'), name: 'fresh' })).toEqual(WRONG_KEY);

    const own = await tools.changeKeys(admin);
    const after = { ...admin, authSecret: own['auth']!, privSecret: own['priv']! };
    expect(await tools.read(admin)).toEqual(WRONG_KEY);
    expect(await tools.read(after)).toBe('host-1');
    const back = (part: string, from: string, to: string) =>
      tools.usm(after, part, '-Ck', 'passwd', from, to, 'fresh');
    const secrets = { authSecret: 'a password again', privSecret: `0x${'5a'.repeat(16)}` };
    expect(await back('-Ca', agreed.authSecret, secrets.authSecret)).toBe('changed');
    expect(await back('-Cx', agreed.privSecret, secrets.privSecret)).toBe('changed');
    expect(await tools.read(agreed)).toEqual(WRONG_KEY);
    expect(await tools.read({ ...agreed, ...secrets })).toContain('authorizationError');
  });

  it('changes usmUserPublic along with a key, in both ways', async () => {
    const { tools } = await start([user('admin', 'admin')]);
    const admin = login('admin');
    const shown = (as: Login) => tools.run('snmpwalk', as, '-Oqv', 'usmUserPublic');
    const rekeyed = { ...admin, authSecret: 'new authentication' };
    const passwd = ['passwd', admin.authSecret, rekeyed.authSecret];
    expect(await tools.usm(admin, '-Ca', '-Cp=by-password', ...passwd)).toBe('changed');
    expect(await shown(rekeyed)).toBe('"by-password"');
    const { auth, priv } = await tools.changeKeys(rekeyed, '-Cp=by-agreement');
    expect(await shown({ ...rekeyed, authSecret: auth!, privSecret: priv! })).toBe('"by-agreement"');
  });

  it('is for an admin only: others see no user, and cannot make one', async () => {
    const { tools } = await start([
      user('admin', 'admin'),
      user('operator', 'operator'),
      user('viewer', 'read-only'),
    ]);
    const [users, agreement] = ['.1.3.6.1.6.3.15.1.2', '.1.3.6.1.3.101'];
    for (const name of ['viewer', 'operator']) {
      const one = login(name);
      expect(await tools.run('snmpwalk', one, '-On', users)).toMatch(/^\S+ = No more variables.*$/);
      expect(await tools.run('snmpwalk', one, '-On', agreement)).toMatch(/^\S+ = No Such Object.*$/);
      const stats = await tools.run('snmpwalk', one, '-On', '.1.3.6.1.6.3.15.1.1');
      expect(stats.match(/ = Counter32: /g)).toHaveLength(6);
      expect(await tools.usm(one, 'create', 'fresh', 'admin')).toBe('noAccess');
      expect(await tools.usm(one, '-Ca', 'passwd', one.authSecret, 'something else')).toBe('noAccess');
      expect(await tools.usm(one, 'delete', 'admin')).toBe('noAccess');
    }
    const seen = await tools.run('snmpwalk', login('admin'), '-On', users);
    expect(seen.split('\n')).toHaveLength(1 + 3 * 11);
    const numbers = await tools.run('snmpwalk', login('admin'), '-On', agreement);
    expect(numbers.match(/^\.1\.3\.6\.1\.3\.101\./gm)).toHaveLength(1 + 3 * 4);
  });

  it('removes no configured user', async () => {
    const { tools } = await start([user('admin', 'admin')]);
    expect(await tools.usm(login('admin'), 'delete', 'admin')).toBe('inconsistentValue');
    expect(await tools.read(login('admin'))).toBe('host-1');
  });
});

describeWithNetSnmp('users and another configuration', () => {
  it('live together: what a manager has changed stays until the configuration changes it', async () => {
    const users = [user('admin', 'admin'), user('viewer', 'read-only')];
    const { tools, daemon } = await start(users);
    const admin = login('admin');
    await tools.usm(admin, 'create', 'fresh', 'viewer');
    await tools.usm(admin, '-Ca', 'passwd', admin.authSecret, 'new authentication');
    const after = { ...admin, authSecret: 'new authentication' };
    daemon.reload(testConfig({}, { communities: [], users: [users[0]!] }));
    expect(await tools.read(after)).toBe('host-1');
    expect(await tools.read(login('viewer'))).toEqual(UNKNOWN);
    expect(await tools.read({ ...login('viewer'), name: 'fresh' })).toContain('authorizationError');

    const rotated = {
      ...users[0]!,
      auth: { protocol: 'SHA-256', secret: { kind: 'password', value: 'rotated secret' } },
    } as const;
    daemon.reload(testConfig({}, { communities: [], users: [rotated] }));
    expect(await tools.read(after)).toEqual(WRONG_KEY);
    expect(await tools.read({ ...admin, authSecret: 'rotated secret' })).toBe('host-1');
    expect(await tools.read({ ...login('viewer'), name: 'fresh' })).toContain('authorizationError');
  });

  it('count after a restart as they did before', async () => {
    const users = [user('admin', 'admin'), user('viewer', 'read-only')];
    const state = temporaryFolder();
    const admin = login('admin');
    const first = await start(users, { state });
    await first.tools.usm(admin, 'create', 'fresh', 'viewer');
    await first.tools.usm(admin, '-Ca', 'passwd', admin.authSecret, 'new authentication');
    await first.daemon.stop();
    const { tools } = await start(users, { state });
    expect(await tools.read(admin)).toEqual(WRONG_KEY);
    expect(await tools.read({ ...admin, authSecret: 'new authentication' })).toBe('host-1');
    expect(await tools.read({ ...login('viewer'), name: 'fresh' })).toContain('authorizationError');
  });
});
