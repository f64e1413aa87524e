import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DoctorFlags } from '../../agent/cli/doctor/flag-types.ts';
import type { Config } from '../../agent/config/schema.ts';
import { AUTH_PRIV, DOCTOR_AUTH, DOCTOR_PRIV, examine, failures } from '../support/examined.ts';
import { freePort } from '../support/free-port.ts';
import { PROGRAM } from '../support/program.ts';
import { startDaemon, testConfig } from '../support/running-daemon.ts';

type User = Config['users'][number];
type Flags = Partial<DoctorFlags>;

const VIEWER: User = {
  name: 'viewer',
  access: 'read-only',
  level: 'authPriv',
  auth: { protocol: 'SHA-256', secret: { kind: 'password', value: DOCTOR_AUTH } },
  priv: { protocol: 'AES-128', secret: { kind: 'password', value: DOCTOR_PRIV } },
};

function withProtocols(
  auth: NonNullable<User['auth']>['protocol'],
  priv: NonNullable<User['priv']>['protocol'],
): User {
  return { ...VIEWER, auth: { ...VIEWER.auth!, protocol: auth }, priv: { ...VIEWER.priv!, protocol: priv } };
}

async function agent(users: readonly User[] = [VIEWER], change: Partial<Config> = {}): Promise<string> {
  return (await startDaemon(testConfig({}, { users, communities: [], ...change }))).endpoint;
}

describe('doctor before a running agent', () => {
  it('finds nothing wrong with a good request, and tells what it saw', async () => {
    const found = await examine(await agent(), AUTH_PRIV, 'sysName.0');
    expect(new Set(Object.values(found.status))).toEqual(new Set(['ok']));
    expect(found.advice).toBe('');
    expect(found.exitCode).toBe(0);
    expect(found.says['engine']).toMatch(
      /^80001f8805[\da-f]{24}: Net-SNMP \(enterprise 8072\), 12 octets that an administrator assigned; boots 1, time \d+ s$/,
    );
    expect(found.says['object']).toBe('sysName.0 = "host-1"');
  });

  it('knows a user from a stranger', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, user: 'Viewer' });
    expect(failures(found)).toEqual(['user']);
    expect(found.says['user']).toBe('the agent does not know the user "Viewer" (unknownUserNames)');
    expect(found.advice).toContain('Check the name (-u): upper and lower case count.');
    expect(found.exitCode).toBe(1);
  });

  it.each([
    ['authPriv', 'authNoPriv', 'it has no privacy protocol'],
    ['authNoPriv', 'noAuthNoPriv', 'it has no authentication protocol'],
    ['authPriv', 'noAuthNoPriv', 'it has no authentication protocol'],
  ] as const)('says which level fits a user who cannot %s', async (asked, level, lacks) => {
    const { auth, priv: _, ...plain } = VIEWER;
    const user = { ...plain, level, ...(level === 'authNoPriv' && { auth: auth! }) };
    const found = await examine(await agent([user]), { ...AUTH_PRIV, level: asked });
    expect(failures(found)).toEqual(['level']);
    expect(found.says['level']).toBe(`the user "viewer" does not support ${asked} (unsupportedSecLevels)`);
    expect(found.advice).toContain(
      `The highest level that the agent takes from this user is ${level}: -l ${level}.`,
    );
    expect(found.advice).toContain(lacks);
  });

  it.each([
    'MD5',
    'SHA',
    'SHA-224',
    'SHA-384',
    'SHA-512',
  ])('finds the protocol that a user of %s has', async (given) => {
    const found = await examine(await agent(), { ...AUTH_PRIV, authProtocol: given });
    expect(failures(found)).toEqual(['authentication']);
    expect(found.says['authentication']).toContain('the agent finds the digest wrong (wrongDigests)');
    expect(found.advice).toBe('Use -a SHA-256: the password fits it.');
    expect(found.says['object']).toContain('sysUpTime.0 = ');
  });

  it('says that a password fits no protocol', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, authPassword: 'a wrong password' });
    expect(failures(found)).toEqual(['authentication']);
    expect(found.says['authentication']).toContain(
      'it fits none of the protocols from MD5 to SHA-512 either',
    );
    expect(found.advice).toContain('Check the authentication password (-A)');
    expect(found.status['privacy']).toBe('skipped');
  });

  it('tries nothing with --no-trials', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, authProtocol: 'SHA', trials: false });
    expect(found.says['authentication']).toContain('no other protocol was tried');
  });

  it('sees that two passwords are exchanged', async () => {
    const flags = { ...AUTH_PRIV, authPassword: DOCTOR_PRIV, privPassword: DOCTOR_AUTH };
    const found = await examine(await agent(), flags);
    expect(failures(found)).toEqual(['authentication']);
    expect(found.advice).toContain('Give with -A the password that you gave with -X');
  });

  it.each([
    ['DES', 'AES'],
    ['AES', 'AES-256'],
    ['AES-192-C', 'AES-192'],
    ['AES-256-C', 'AES-256'],
    ['AES-256', 'AES-256-C'],
    ['AES-256', 'DES'],
  ] as const)('finds the cipher where %s is said and %s is right', async (given, right) => {
    // The hash gives fewer octets than AES-256 takes, so that both extensions of keys differ.
    const user = withProtocols('SHA', right === 'AES' ? 'AES-128' : right);
    const found = await examine(await agent([user]), {
      ...AUTH_PRIV,
      authProtocol: 'SHA',
      privProtocol: given,
    });
    expect(failures(found)).toEqual(['privacy']);
    expect(found.says['privacy']).toContain('the agent cannot decrypt the request (decryptionErrors)');
    expect(found.says['authentication']).toBe('password and protocol are right (SHA)');
    expect(found.advice).toBe(`Use -x ${right}: the password fits it.`);
  });

  it('says that a privacy password fits no protocol', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, privPassword: 'a wrong password' });
    expect(failures(found)).toEqual(['privacy']);
    expect(found.advice).toContain('the authentication password is right, and this is another one');
  });

  it('finds a wrong protocol of both kinds at once', async () => {
    const user = withProtocols('SHA-512', 'AES-256-C');
    const found = await examine(await agent([user]), {
      ...AUTH_PRIV,
      authProtocol: 'MD5',
      privProtocol: 'DES',
    });
    expect(failures(found)).toEqual(['authentication', 'privacy']);
    // SHA-512 gives more octets than AES-256 takes: its two names are one cipher.
    expect(found.advice).toBe('Use -a SHA-512: the password fits it.\nUse -x AES-256: the password fits it.');
    expect(found.says['object']).toContain('sysUpTime.0 = ');
  });

  it('tells of a context that is not there, and goes on in the default one', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, context: 'elsewhere' });
    expect(failures(found)).toEqual(['context']);
    expect(found.says['context']).toBe('the context "elsewhere" is not there (unknownContexts)');
    expect(found.advice).toContain('Without -n it is the default context');
    expect(found.status['object']).toBe('ok');
  });

  it('tells of the context of another engine', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, contextEngineId: '8000000001c0000207' });
    expect(failures(found)).toEqual(['context']);
    expect(found.says['context']).toContain('(unknownPDUHandlers)');
    expect(found.advice).toContain('Leave -E out');
  });

  it('tells of an engine ID that is not the agent’s', async () => {
    const found = await examine(await agent(), { ...AUTH_PRIV, engineId: '8000000001c0000207' });
    expect(failures(found)).toEqual(['engine']);
    expect(found.advice).toContain('Leave -e out, so that the engine ID is discovered');
  });

  it.each([
    'noAuthNoPriv',
    undefined,
    'authNoPriv',
  ])('finds the level that is let in, where -l is %s', async (level) => {
    const { level: _, ...keys } = AUTH_PRIV;
    const found = await examine(await agent(), { ...keys, ...(level && { level }) } as Flags);
    expect(failures(found)).toEqual(['access']);
    expect(found.says['access']).toBe(
      'the user "viewer" is known, but may not read here: authorizationError',
    );
    expect(found.advice).toBe('The agent lets this user read at authPriv: use -l authPriv.');
  });

  it('says what may be wrong where no access is, without passwords to try', async () => {
    const found = await examine(await agent());
    expect(failures(found)).toEqual(['access']);
    expect(found.advice).toContain('The agent may want a higher level');
  });

  it.each([
    [
      'vacmGroupName',
      'vacmGroupName is not in the view of the user "viewer", or not there (noSuchObject)',
      'An agent does not tell what is hidden from what is missing',
    ],
    [
      '1.3.6.1.2.1.1.99.0',
      '1.3.6.1.2.1.1.99.0 is not in the view of the user "viewer", or not there (noSuchObject)',
      'Other objects can be read, so the view is not empty',
    ],
    [
      'sysUpTime.1',
      'the object is there, but it has no instance sysUpTime.1 now (noSuchInstance); the next that can be seen is sysContact.0',
      'Check the index',
    ],
    [
      'sysUpTime',
      'sysUpTime is no instance: what is below it begins with sysUpTime.0',
      'Ask for an instance',
    ],
    ['libvirtGuestTable', 'what is below it begins with libvirtGuestName.', 'or walk: snmpwalk'],
  ])('explains why there is no value of %s', async (oid, says, advice) => {
    const found = await examine(await agent(), AUTH_PRIV, oid);
    expect(failures(found)).toEqual(['object']);
    expect(found.says['object']).toContain(says);
    expect(found.advice).toContain(advice);
  });

  it('takes passwords from the environment', async () => {
    const { authPassword: _, privPassword: __, ...flags } = AUTH_PRIV;
    const env = { VIRTSNMP_AUTH_PASSWORD: DOCTOR_AUTH, VIRTSNMP_PRIV_PASSWORD: DOCTOR_PRIV };
    expect((await examine(await agent(), flags, undefined, env)).exitCode).toBe(0);
  });

  it('refuses flags that cannot be, without asking anybody', async () => {
    const found = await examine('127.0.0.1', { ...AUTH_PRIV, authProtocol: 'SHA265' });
    expect(failures(found)).toEqual(['flags']);
    expect(found.advice).toBe('Give -a SHA-256.');
    expect(found.exitCode).toBe(2);
  });

  it('tells of a name that cannot be resolved', async () => {
    const found = await examine('no-such-host.invalid', AUTH_PRIV);
    expect(failures(found)).toEqual(['address']);
    expect(found.says['address']).toContain('the name no-such-host.invalid cannot be resolved');
  });
});

describe('doctor before a running agent with communities', () => {
  const [reader] = testConfig().communities;

  it.each(['1', '2c'])('finds nothing wrong with SNMPv%s', async (snmpVersion) => {
    const endpoint = await agent([], { communities: [reader!] });
    const found = await examine(endpoint, { snmpVersion, community: 'public' });
    expect(failures(found)).toEqual([]);
    expect(found.exitCode).toBe(0);
  });

  it.each([
    '1',
    '2c',
  ])('finds an agent behind the silence about a wrong community of SNMPv%s', async (snmpVersion) => {
    const endpoint = await agent([VIEWER], { communities: [reader!] });
    const found = await examine(endpoint, { snmpVersion, community: 'unheard-of', timeout: '3' });
    expect(failures(found)).toEqual(['community']);
    expect(found.says['answer']).toContain('an agent is there: it answers SNMPv3');
    expect(found.advice).toContain('Check the community: upper and lower case count');
  });

  it('explains noSuchName of SNMPv1', async () => {
    const endpoint = await agent([], { communities: [reader!] });
    const found = await examine(endpoint, { snmpVersion: '1', community: 'public' }, 'sysDescr.4');
    expect(found.says['object']).toContain(
      'sysDescr.4 is not in the view of the community, or not there (noSuchName)',
    );
  });
});

describe('the command doctor', () => {
  const run = promisify(execFile);

  async function command(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const env = { ...process.env, VIRTSNMP_AUTH_PASSWORD: DOCTOR_AUTH, VIRTSNMP_PRIV_PASSWORD: DOCTOR_PRIV };
    try {
      const { stdout, stderr } = await run(process.execPath, [...PROGRAM, 'doctor', ...args], { env });
      return { status: 0, stdout, stderr };
    } catch (thrown) {
      const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
      return { status: code, stdout, stderr };
    }
  }

  it('takes the flags of snmpget and prints a line for each step', async () => {
    const endpoint = await agent();
    const flags = ['-v3', '-On', '-r0', '-t10', '-u', 'viewer', '-lauthPriv', '-a', 'SHA-256', '-x', 'AES'];
    const { status, stdout } = await command(...flags, endpoint, '.1.3.6.1.2.1.1.5.0');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 2)).toEqual([
      'ok       flags           SNMPv3 as "viewer", authPriv by SHA-256 and AES',
      `ok       address         ${endpoint}`,
    ]);
    expect(stdout).toContain('\nok       object          sysName.0 = "host-1"\n\nAll is well');
  });

  it('prints what to change, and exits with 1', async () => {
    const endpoint = await agent();
    const flags = ['-r0', '-t10', '-u', 'viewer', '-l', 'authPriv', '-a', 'SHA', '-x', 'AES'];
    const { status, stdout } = await command(...flags, endpoint);
    expect(status).toBe(1);
    expect(stdout).toContain('\nfailed   authentication  the agent finds the digest wrong (wrongDigests); ');
    expect(stdout).toMatch(/\n\nWhat to change:\n {2}Use -a SHA-256: the password fits it\.\n$/);
    expect(stdout).not.toContain(DOCTOR_AUTH);
  });

  it('exits with 2 for flags that it does not know', async () => {
    const { status, stderr } = await command('--nonsense', '127.0.0.1');
    expect(status).toBe(2);
    expect(stderr).toContain("unknown option '--nonsense'");
  });
});

const noSnmpd = spawnSync('snmpd', ['-v']).error !== undefined;

describe.skipIf(noSnmpd)(
  `doctor before Net-SNMP's agent${noSnmpd ? ': snmpd not found (Debian: snmpd)' : ''}`,
  () => {
    /** Starts snmpd with three users and a community; it is stopped with the test. */
    async function startSnmpd(): Promise<string> {
      const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-snmpd-'));
      const port = await freePort();
      const file = join(folder, 'snmpd.conf');
      const lines = [
        `createUser viewer SHA-256 "${DOCTOR_AUTH}" AES "${DOCTOR_PRIV}"`,
        `createUser signer SHA-256 "${DOCTOR_AUTH}"`,
        'rouser viewer priv',
        'rouser signer auth 1.3.6.1.2.1.1',
        'rocommunity public 127.0.0.1',
      ];
      writeFileSync(file, `${lines.join('\n')}\n`);
      const args = ['-f', '-Lo', '-C', '-c', file, '-p', join(folder, 'pid'), `udp:127.0.0.1:${port}`];
      const env = { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: '', LC_ALL: 'C' };
      const child = spawn('snmpd', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      onTestFinished(async () => {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
        rmSync(folder, { recursive: true, force: true });
      });
      await new Promise<void>((resolve, reject) => {
        let said = '';
        const look = (chunk: Buffer) => {
          said += chunk.toString();
          if (/NET-SNMP version/.test(said)) resolve();
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        child.once('exit', () => reject(new Error(`snmpd ended: ${said}`)));
      });
      return `127.0.0.1:${port}`;
    }

    it('finds nothing wrong, or what is', async () => {
      const endpoint = await startSnmpd();
      const good = await examine(endpoint, AUTH_PRIV, 'sysDescr.0');
      expect(failures(good)).toEqual([]);
      expect(good.says['engine']).toContain('Net-SNMP (enterprise 8072)');

      const digest = await examine(endpoint, { ...AUTH_PRIV, authProtocol: 'SHA' });
      expect(failures(digest)).toEqual(['authentication']);
      expect(digest.advice).toBe('Use -a SHA-256: the password fits it.');

      const stranger = await examine(endpoint, { ...AUTH_PRIV, user: 'nobody' });
      expect(failures(stranger)).toEqual(['user']);

      const level = await examine(endpoint, { ...AUTH_PRIV, user: 'signer' });
      expect(failures(level)).toEqual(['level']);
      expect(level.advice).toContain('-l authNoPriv');

      const access = await examine(endpoint, { ...AUTH_PRIV, level: 'authNoPriv' });
      expect(failures(access)).toEqual(['access']);
      expect(access.advice).toContain('use -l authPriv');

      const signer = { ...AUTH_PRIV, user: 'signer', level: 'authNoPriv' };
      const view = await examine(endpoint, signer, '1.3.6.1.2.1.2.1.0');
      expect(failures(view)).toEqual(['object']);
      expect(view.says['object']).toContain('is not in the view of the user "signer", or not there');

      const community = await examine(endpoint, { snmpVersion: '2c', community: 'public' });
      expect(failures(community)).toEqual([]);
    });

    it('takes silence about an encrypted request for what it is', async () => {
      const endpoint = await startSnmpd();
      const found = await examine(endpoint, { ...AUTH_PRIV, privProtocol: 'DES', timeout: '3' });
      expect(failures(found)).toEqual(['privacy']);
      expect(found.says['privacy']).toContain('the agent is silent when the request is encrypted');
      expect(found.advice).toBe('Use -x AES: the password fits it.');
    });
  },
);
