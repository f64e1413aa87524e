// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../agent/access/presets.ts';
import { needsRestart } from '../../../agent/config/diff.ts';
import { loadConfig } from '../../../agent/config/load.ts';
import { COMMUNITY_ACCESS } from '../../../agent/config/schema.ts';
import { AUTH_KEY_OCTETS, PRIV_KEY_OCTETS, USER_ACCESS } from '../../../agent/config/users.ts';
import { AUTH_PROTOCOLS, authProtocolByName } from '../../../agent/security/usm/auth-protocols.ts';
import { PRIV_PROTOCOLS, privProtocolByName } from '../../../agent/security/usm/priv-protocols.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folder = temporaryFolder();
const file = join(folder, 'users.yaml');

function load(text: string, env: Record<string, string> = {}) {
  writeFileSync(file, text);
  return loadConfig({ file, env });
}

/** The lines of the refusal: `line:column path: message`. */
function refusal(text: string, env: Record<string, string> = {}): string[] {
  try {
    load(text, env);
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(`${file}:`, ''));
  }
  throw new Error('the configuration was accepted');
}

describe('the names that other layers have', () => {
  it('are those of the presets of access control', () => {
    const presets = Object.keys(PRESETS).sort();
    expect([...COMMUNITY_ACCESS].sort()).toEqual(presets);
    expect([...USER_ACCESS, 'read-write'].sort()).toEqual(presets);
  });

  it('are those of the authentication protocols, with the octets of their keys', () => {
    const known = Object.keys(AUTH_KEY_OCTETS).map((name) => authProtocolByName(name)!);
    expect(known).toEqual(AUTH_PROTOCOLS);
    expect(known.map(({ keyLength }) => keyLength)).toEqual(Object.values(AUTH_KEY_OCTETS));
  });

  it('are those of the privacy protocols, with the octets of their keys', () => {
    const known = Object.keys(PRIV_KEY_OCTETS).map((name) => privProtocolByName(name)!);
    expect(known).toEqual(PRIV_PROTOCOLS);
    expect(known.map(({ keyLength }) => keyLength)).toEqual(Object.values(PRIV_KEY_OCTETS));
  });
});

describe('users', () => {
  it('have defaults for all but name and keys', () => {
    const { users } = load(
      'users: [{name: a, auth: {password: authentic}, priv: {password: "${P}"}}, {name: b, level: noAuthNoPriv}]',
      { P: 'private one' },
    );
    expect(users).toEqual([
      {
        name: 'a',
        access: 'read-only',
        level: 'authPriv',
        auth: { protocol: 'SHA-256', secret: { kind: 'password', value: 'authentic' } },
        priv: { protocol: 'AES-128', secret: { kind: 'password', value: 'private one' } },
      },
      { name: 'b', access: 'read-only', level: 'noAuthNoPriv' },
    ]);
    expect(Object.isFrozen(users) && Object.isFrozen(users[0]?.auth?.secret)).toBe(true);
  });

  it('take every protocol, and localized keys of its length', () => {
    for (const [auth, authOctets] of Object.entries(AUTH_KEY_OCTETS)) {
      for (const [priv, privOctets] of Object.entries(PRIV_KEY_OCTETS)) {
        const { users } = load(`state: s
users:
  - name: a
    access: admin
    auth: { protocol: ${auth}, localizedKey: "0x${'aB'.repeat(authOctets)}" }
    priv: { protocol: ${priv}, localizedKey: "${'01'.repeat(privOctets)}" }`);
        expect(users[0]).toEqual({
          name: 'a',
          access: 'admin',
          level: 'authPriv',
          auth: { protocol: auth, secret: { kind: 'localizedKey', value: 'ab'.repeat(authOctets) } },
          priv: { protocol: priv, secret: { kind: 'localizedKey', value: '01'.repeat(privOctets) } },
        });
      }
    }
  });

  const WITH_KEYS = 'auth: {password: authentic}, priv: {password: "privately"}';
  const PASSWORD = 'text of at least 8 characters and at most 255 octets, without control characters';
  it.each<[string, string, string]>([
    [
      'a name twice',
      `users: [{name: a, ${WITH_KEYS}}, {name: a, ${WITH_KEYS}}]`,
      '1:87 users[1].name: the name of users[0]; expected another',
    ],
    [
      'a long name',
      `users: [{name: ${'é'.repeat(17)}, ${WITH_KEYS}}]`,
      '1:16 users[0].name: the value is not accepted, expected text of 1 to 32 octets without control characters',
    ],
    [
      'an access of communities only',
      `users: [{name: a, access: read-write, ${WITH_KEYS}}]`,
      '1:27 users[0].access: the value is not accepted, expected one of read-only, operator, admin',
    ],
    [
      'no keys',
      'users: [{name: a}]',
      '1:9 users[0].level: authPriv cannot be reached without auth and priv; expected both, or level: noAuthNoPriv',
    ],
    [
      'no key for encryption',
      'users: [{name: a, level: authPriv, auth: {password: authentic}}]',
      '1:26 users[0].level: authPriv cannot be reached without priv; expected it, or level: authNoPriv',
    ],
    [
      'no key for authentication',
      'users: [{name: a, level: authNoPriv}]',
      '1:26 users[0].level: authNoPriv cannot be reached without auth; expected it, or level: noAuthNoPriv',
    ],
    [
      'encryption alone',
      'users: [{name: a, level: noAuthNoPriv, priv: {password: privately}}]',
      '1:46 users[0].priv: there is no auth, which encryption needs (RFC 3414 section 1.4.3); expected auth beside it',
    ],
    [
      'a short password',
      'users: [{name: a, level: authNoPriv, auth: {password: seven77}}]',
      `1:55 users[0].auth.password: the value is not accepted, expected ${PASSWORD}`,
    ],
    [
      'a password short of characters, not of octets',
      'users: [{name: a, level: authNoPriv, auth: {password: ééééééé}}]',
      `1:55 users[0].auth.password: the value is not accepted, expected ${PASSWORD}`,
    ],
    [
      'a number for a password',
      'users: [{name: a, level: authNoPriv, auth: {password: 1234567890}}]',
      `1:55 users[0].auth.password: the value is not accepted, expected ${PASSWORD}, in quotes`,
    ],
    [
      'an unknown protocol',
      'users: [{name: a, level: authNoPriv, auth: {protocol: SHA-3, password: authentic}}]',
      '1:55 users[0].auth.protocol: the value is not accepted, expected one of MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512',
    ],
    [
      'no source of a key',
      'users: [{name: a, level: authNoPriv, auth: {protocol: SHA}}]',
      '1:44 users[0].auth: has no key; expected one of password, passwordFile, localizedKey',
    ],
    [
      'two sources of a key',
      'users: [{name: a, level: authNoPriv, auth: {password: authentic, passwordFile: f}}]',
      '1:80 users[0].auth.passwordFile: a second key beside password; expected exactly one of password, passwordFile, localizedKey',
    ],
    [
      'a localized key of another length',
      'state: s\nusers: [{name: a, level: authNoPriv, auth: {protocol: SHA, localizedKey: "0xabcd"}}]',
      '2:74 users[0].auth.localizedKey: a key of 2 octets; expected 20 (40 digits), which SHA takes',
    ],
    [
      'a localized key with half an octet',
      'state: s\nusers: [{name: a, level: authNoPriv, auth: {protocol: SHA, localizedKey: "abc"}}]',
      '2:74 users[0].auth.localizedKey: the value is not accepted, expected hexadecimal digits in pairs, in quotes',
    ],
    [
      'a localized key for an engine that is not kept',
      `users: [{name: a, level: authNoPriv, auth: {protocol: MD5, localizedKey: "${'ab'.repeat(16)}"}}]`,
      '1:74 users[0].auth.localizedKey: a key for one engine ID, which is a new one at each start; expected state to be given, or a password',
    ],
    [
      'a localized key for several engines',
      `users: [{name: a, level: authNoPriv, auth: {protocol: MD5, localizedKey: "${'ab'.repeat(16)}"}}]\ninventory: {hosts: 3}\nstate: s`,
      '1:74 users[0].auth.localizedKey: a key for one engine ID, and each of 3 hosts has its own; expected a password',
    ],
    [
      'a misspelt option',
      'users: [{name: a, level: authNoPriv, auth: {password: authentic, passwortFile: f}}]',
      '1:66 users[0].auth.passwortFile: an unknown option; did you mean passwordFile?',
    ],
  ])('are refused with %s', (_what, text, line) => {
    expect(refusal(text)[0]).toBe(line);
  });
});

describe('a file with a password', () => {
  const user = (name: string) =>
    `users: [{name: a, level: authNoPriv, auth: {passwordFile: ${JSON.stringify(name)}}}]`;
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);

  it.each([
    ['without line end', 'authentic'],
    ['with a line end', 'authentic\n'],
    ['with a line end of Windows', 'authentic\r\n'],
  ])('%s gives it', (_what, content) => {
    write('good', content);
    expect(load(user('good')).users[0]?.auth?.secret).toEqual({ kind: 'password', value: 'authentic' });
  });

  it('keeps spaces', () => {
    write('spaces', '  two words  \n');
    expect(load(user('spaces')).users[0]?.auth?.secret.value).toBe('  two words  ');
  });

  it('is looked for from the folder of the configuration, and may come from the environment', () => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    write('sub/key', 'authentic');
    writeFileSync(join(folder, 'sub/c.yaml'), user('${D}/key'));
    const { users } = loadConfig({ file: 'sub/c.yaml', env: { D: '.' }, cwd: folder });
    expect(users[0]?.auth?.secret.value).toBe('authentic');
  });

  const CONTENT = 'Hunter2';
  it.each<[string, string | Uint8Array, RegExp]>([
    ['a short password', CONTENT, /has no password; expected text of at least 8 characters/],
    ['nothing', '', /has no password; expected/],
    ['two lines', `${CONTENT}\n${CONTENT}\n`, /has no password; expected/],
    ['two line ends', `${CONTENT}${CONTENT}\n\n`, /has no password; expected/],
    ['octets that are no UTF-8', Buffer.from(`${CONTENT}\xff\xff\xff`, 'latin1'), /is not UTF-8 text/],
    ['too much', CONTENT.repeat(1000), /has more than 4096 octets; expected a password and nothing else/],
  ])('is refused with %s, and not shown', (_what, content, message) => {
    write('bad', content);
    const lines = refusal(user('bad'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^1:59 users\[0\]\.auth\.passwordFile: the file "bad" /);
    expect(lines[0]).toMatch(message);
    expect(lines[0]).not.toContain(CONTENT);
  });

  it('must be a file that can be read', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const problems = ['missing', '.', 'pipe'].map((name) => refusal(user(name))[0]);
    expect(problems).toEqual(
      [
        '"missing" cannot be read (there is no such file)',
        '"." cannot be read (it is a folder)',
        '"pipe" cannot be read (it is no regular file)',
      ].map((what) => `1:59 users[0].auth.passwordFile: the file ${what}; expected a file with a password`),
    );
  });
});

describe('agent.engineId', () => {
  it.each([
    ['"0x80001F8805AABB"', '80001f8805aabb'],
    ['"0102030405"', '0102030405'],
    [`"${'80'.repeat(32)}"`, '80'.repeat(32)],
  ])('%s is %s', (text, id) => {
    expect(load(`agent: {engineId: ${text}}\nstate: s`).agent.engineId).toBe(id);
  });

  it.each([
    '"01020304"',
    `"${'01'.repeat(33)}"`,
    '"00000000000"',
    '"0000000000"',
    '"FFFFFFFFFF"',
    '8000012345',
    'x',
  ])('%s is none', (text) => {
    expect(refusal(`agent: {engineId: ${text}}\nstate: s`)[0]).toMatch(
      /^1:19 agent\.engineId: .* is not accepted, expected hexadecimal digits of 5 to 32 octets, not all 00 or ff, in quotes$/,
    );
  });

  it('needs a folder for its boots, and one host', () => {
    expect(refusal('agent: {engineId: "8000012345"}')).toEqual([
      '1:19 agent.engineId: without a folder for its state, snmpEngineBoots would be 1 again at each start, and old messages could be replayed; expected state to be given as well',
    ]);
    expect(refusal('agent: {engineId: "8000012345"}\nstate: s\ninventory: {hosts: 2}')).toEqual([
      '1:19 agent.engineId: the same ID for 2 hosts; expected none, so that each has its own',
    ]);
  });

  it('takes effect at the next start; users and limits at once', () => {
    const before = load('state: s');
    const after = load(
      'state: s\nagent: {engineId: "8000012345"}\nusers: [{name: a, level: noAuthNoPriv}]\nlimits: {burst: 1}',
    );
    expect(needsRestart(before, after)).toEqual(['agent.engineId']);
  });
});

describe('limits', () => {
  it.each([
    ['requestsPerSecond: -1', 'a whole number from 0 to 10000000'],
    ['burst: 0', 'a whole number from 1 to 10000000'],
    ['sources: 100001', 'a whole number from 1 to 100000'],
    ['amplificationLimit: 0.9', 'a number from 1 to 65507'],
  ])('refuse %s', (text, expected) => {
    expect(refusal(`limits: {${text}}`)[0]).toMatch(new RegExp(`is not accepted, expected ${expected}$`));
  });

  it('take what is within them', () => {
    const limits = { requestsPerSecond: 0, burst: 1, sources: 1, amplificationLimit: 1.5 };
    expect(load(`limits: ${JSON.stringify(limits)}`).limits).toEqual(limits);
  });
});

describe('communities', () => {
  it.each(COMMUNITY_ACCESS)('may be %s', (access) => {
    expect(load(`communities: [{name: a, access: ${access}}]`).communities[0]?.access).toBe(access);
  });
});

describe('config/secure.yaml', () => {
  const secure = (env: Record<string, string>) => () =>
    loadConfig({ file: 'config/secure.yaml', env, cwd: ROOT });

  it('has three users with SHA-256 and AES-128, and no community', () => {
    const config = secure({ VIRTSNMP_AUTH_PASSWORD: 'authentic', VIRTSNMP_PRIV_PASSWORD: 'privately' })();
    expect(config.communities).toEqual([]);
    const keys = {
      level: 'authPriv',
      auth: { protocol: 'SHA-256', secret: { kind: 'password', value: 'authentic' } },
      priv: { protocol: 'AES-128', secret: { kind: 'password', value: 'privately' } },
    };
    expect(config.users).toEqual([
      { name: 'viewer', access: 'read-only', ...keys },
      { name: 'operator', access: 'operator', ...keys },
      { name: 'admin', access: 'admin', ...keys },
    ]);
  });

  it('is refused without its passwords, and says which are missing', () => {
    expect(secure({})).toThrow(
      /secure\.yaml:\d+:\d+ users\[0\]\.auth\.password: the environment variable VIRTSNMP_AUTH_PASSWORD is not set; expected it to be\n/,
    );
    expect(secure({ VIRTSNMP_AUTH_PASSWORD: 'authentic' })).toThrow(
      /users\[0\]\.priv\.password: the environment variable VIRTSNMP_PRIV_PASSWORD is not set/,
    );
  });

  it('is refused with passwords that are too short, and does not show them', () => {
    const env = { VIRTSNMP_AUTH_PASSWORD: 'Hunter2', VIRTSNMP_PRIV_PASSWORD: '' };
    expect(secure(env)).toThrow(
      /users\[0\]\.auth\.password: the value of the environment variable VIRTSNMP_AUTH_PASSWORD is not accepted, expected text of at least 8 characters/,
    );
    expect(secure(env)).toThrow(/VIRTSNMP_PRIV_PASSWORD is not accepted/);
    expect(secure(env)).not.toThrow(/Hunter2/);
  });
});
