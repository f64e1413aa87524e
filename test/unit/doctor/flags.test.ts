import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DoctorFlags } from '../../../agent/cli/doctor/flag-types.ts';
import { type ReadFlags, readFlags } from '../../../agent/cli/doctor/flags.ts';
import type { V3Security } from '../../../agent/cli/doctor/request.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

const folder = temporaryFolder();

const BASE: DoctorFlags = { snmpVersion: '3', user: 'u', timeout: '1', retries: '2', trials: true };
const AUTH = { authProtocol: 'SHA-256', authPassword: 'password one' };
const PRIV = { privProtocol: 'AES', privPassword: 'password two' };

function read(
  flags: Partial<DoctorFlags>,
  address = '192.0.2.7',
  env: Record<string, string> = {},
): ReadFlags {
  return readFlags(address, undefined, { ...BASE, ...flags }, env);
}

function problems(...given: Parameters<typeof read>): string {
  const { problems: found, request } = read(...given);
  expect(request === undefined).toBe(found.length > 0);
  return found.map(({ what, change }) => `${what}. ${change}`).join('\n');
}

function user(...given: Parameters<typeof read>): V3Security {
  const { request, problems: found } = read(...given);
  expect(found).toEqual([]);
  return request!.security as V3Security;
}

describe('the flags of doctor', () => {
  it.each([
    ['192.0.2.7', { host: '192.0.2.7', port: 161 }],
    ['192.0.2.7:1161', { host: '192.0.2.7', port: 1161 }],
    ['udp:192.0.2.7:1161', { host: '192.0.2.7', port: 1161 }],
    ['agent.example', { host: 'agent.example', port: 161 }],
    ['udp6:[2001:db8::7]:1161', { host: '2001:db8::7', port: 1161, family: 6 }],
    ['2001:db8::7', { host: '2001:db8::7', port: 161 }],
  ])('take the address %s as Net-SNMP does', (address, expected) => {
    expect(read({}, address).request).toMatchObject(expected);
  });

  it.each([
    ['300.1.2.3', 'is no address'],
    ['192.0.2.7:99999', 'is no address'],
    ['', 'is no address'],
    ['tcp:192.0.2.7', 'Only UDP can be looked at'],
  ])('refuse the address %j', (address, words) => {
    expect(problems({}, address)).toContain(words);
  });

  it.each([
    [{ snmpVersion: '2' }, 'Give -v1, -v2c or -v3'],
    [{ snmpVersion: '2c' }, 'needs a community'],
    [{ user: '' }, 'Give its name with -u'],
    [{ user: 'é'.repeat(17) }, 'has 34 octets'],
    [{ level: 'authPirv' }, 'Give -l authPriv'],
    [{ level: 'noAuthPriv' }, 'Encryption needs authentication'],
    [{ level: 'authNoPriv' }, '-l authNoPriv needs an authentication password'],
    [{ level: 'authPriv', ...AUTH }, '-l authPriv needs a privacy password'],
    [{ ...AUTH, authProtocol: 'SHA265' }, 'Give -a SHA-256'],
    [{ ...AUTH, authProtocol: 'AES' }, 'AES belongs to -x'],
    [{ ...AUTH, ...PRIV, privProtocol: 'SHA' }, 'SHA belongs to -a'],
    [{ ...AUTH, ...PRIV, privProtocol: 'ASE' }, 'Give -x AES'],
    [{ ...AUTH, ...PRIV, privProtocol: 'blowfish' }, 'Give -x one of DES, AES'],
    [{ authPassword: '1234567' }, 'the password of -A has 7 characters'],
    [{ ...AUTH, authKey: '00' }, 'more than one of -A'],
    [{ authProtocol: 'MD5', authKey: '0x0011' }, '--auth-key has 2 octets. A key of MD5 has 16'],
    [{ authProtocol: 'MD5', authKey: 'key' }, '--auth-key is not hexadecimal'],
    [{ authPasswordFile: '/nonexistent/file' }, 'the file of --auth-password-file cannot be read'],
    [{ engineId: '80' }, '-e "80" is no engine ID'],
    [{ contextEngineId: 'xyz' }, '-E "xyz" is no engine ID'],
    [{ timeout: '0' }, '-t "0" is not a number of 0.01 to 60'],
    [{ timeout: '-1' }, '-t "-1" is not'],
    [{ retries: '1.5' }, '-r 1.5 is not whole'],
    [{ retries: 'x' }, '-r "x" is not a number'],
  ] satisfies [Partial<DoctorFlags>, string][])('refuse %j and say what would be right', (flags, words) => {
    expect(problems(flags)).toContain(words);
  });

  it('tell all that is wrong at once', () => {
    const { problems: found } = read({ level: 'x', timeout: 'x', ...AUTH, authProtocol: 'x' }, '');
    expect(found).toHaveLength(4);
  });

  it('take a password from the environment, where no process list shows it', () => {
    const env = { VIRTSNMP_AUTH_PASSWORD: 'from the air', VIRTSNMP_PRIV_PASSWORD: 'from there too' };
    const { auth, priv } = user(
      { level: 'authPriv', authProtocol: 'sha1', privProtocol: 'aes256' },
      undefined,
      env,
    );
    expect([auth!.protocol.name, auth!.key]).toEqual(['SHA', { password: 'from the air' }]);
    expect([priv!.protocol.name, priv!.key]).toEqual(['AES-256', { password: 'from there too' }]);
  });

  it('say which variable has too short a password', () => {
    expect(problems({ level: 'authNoPriv' }, undefined, { VIRTSNMP_AUTH_PASSWORD: 'short' })).toBe(
      'the password of VIRTSNMP_AUTH_PASSWORD has 5 characters. A password of SNMPv3 has at least 8 (RFC 3414 section 11.2).',
    );
  });

  it('take a password from a file, before the environment', () => {
    const file = join(folder, 'auth');
    writeFileSync(file, 'from a file\n');
    const env = { VIRTSNMP_AUTH_PASSWORD: 'from the air' };
    expect(user({ authPasswordFile: file }, undefined, env).auth!.key).toEqual({ password: 'from a file' });
  });

  it('refuse a folder as a file', () => {
    const path = join(folder, 'folder');
    mkdirSync(path);
    expect(problems({ privPasswordFile: path })).toContain('it is a folder');
  });

  it('take a community from the environment', () => {
    const { request } = read({ snmpVersion: '2c' }, undefined, { VIRTSNMP_COMMUNITY: 'c' });
    expect(request!.security).toEqual({ version: 1, community: 'c' });
  });

  it('take a localized key of the right length', () => {
    const key = '0xAABBCCDDEEFF00112233445566778899';
    expect(user({ authProtocol: 'MD5', authKey: key }).auth!.key).toEqual({
      localizedKey: 'aabbccddeeff00112233445566778899',
    });
  });

  it.each([
    [
      { ...AUTH },
      'SNMPv3 as "u", noAuthNoPriv; without -l the level is noAuthNoPriv, and no password is used',
    ],
    [
      { level: 'anp', ...AUTH, ...PRIV },
      'SNMPv3 as "u", authNoPriv by SHA-256; at authNoPriv the privacy password is not used',
    ],
    [
      { level: 'authPriv', authPassword: 'password one', privPassword: 'password two' },
      'SNMPv3 as "u", authPriv by MD5 and DES; without -a the protocol is MD5, as for Net-SNMP\'s tools; without -x the protocol is DES, as for Net-SNMP\'s tools',
    ],
    [
      { snmpVersion: '2c', community: 'secret' },
      'SNMPv2c with a community; -u has no meaning for -v2c; users are for -v3',
    ],
  ])('are told in words: %j', (flags, words) => {
    expect(read(flags).says).toBe(words);
  });
});
