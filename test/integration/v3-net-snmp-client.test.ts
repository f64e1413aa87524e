import snmp from 'net-snmp';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../agent/config/schema.ts';
import { startDaemon, testConfig } from '../support/running-daemon.ts';

const AUTH_PASSWORD = 'authentication';
const PRIV_PASSWORD = 'encryption';
/** What the package calls each protocol. */
const AUTH_PROTOCOLS = {
  MD5: 'md5',
  SHA: 'sha',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
} as const;
/** Without DES: the package takes it from OpenSSL, and Node's has none. */
const PRIV_PROTOCOLS = { 'AES-128': 'aes', 'AES-256': 'aes256b', 'AES-256-C': 'aes256r' } as const;

type Auth = keyof typeof AUTH_PROTOCOLS;
type Priv = keyof typeof PRIV_PROTOCOLS;
type Level = 'noAuthNoPriv' | 'authNoPriv' | 'authPriv';
type Bound = { oid: string; type: number; value: unknown };

const auths = Object.keys(AUTH_PROTOCOLS) as Auth[];
const privs = Object.keys(PRIV_PROTOCOLS) as Priv[];
const PAIRS = auths.flatMap((auth) => privs.map((priv) => [auth, priv] as const));

const nameOf = (auth: Auth, priv: Priv) => `${auth}-${priv}`;

function userOf(auth: Auth, priv: Priv): Config['users'][number] {
  return {
    name: nameOf(auth, priv),
    access: 'admin',
    level: 'noAuthNoPriv',
    auth: { protocol: auth, secret: { kind: 'password', value: AUTH_PASSWORD } },
    priv: { protocol: priv, secret: { kind: 'password', value: PRIV_PASSWORD } },
  };
}

const SYS_LOCATION = '1.3.6.1.2.1.1.6.0';
const GUESTS = '1.3.6.1.4.1.36957.1.1.1';

describe('net-snmp as SNMPv3 client', () => {
  /** A session with an agent of its own, which knows one user. */
  async function session(auth: Auth, priv: Priv, level: Level = 'authPriv', authKey = AUTH_PASSWORD) {
    const { endpoint } = await startDaemon(testConfig({}, { communities: [], users: [userOf(auth, priv)] }));
    const [address, port] = endpoint.split(':');
    const user = {
      name: nameOf(auth, priv),
      level: snmp.SecurityLevel[level],
      authProtocol: snmp.AuthProtocols[AUTH_PROTOCOLS[auth]],
      authKey,
      privProtocol: snmp.PrivProtocols[PRIV_PROTOCOLS[priv]],
      privKey: PRIV_PASSWORD,
    };
    const options = { port: Number(port), retries: 0, timeout: 20_000, version: snmp.Version3 };
    // biome-ignore lint/suspicious/noExplicitAny: the package's types lag behind what it can do
    const opened: any = (snmp as any).createV3Session(address!, user, options);
    onTestFinished(() => opened.close());
    return opened;
  }

  /** What the package's callback is given, as a promise. */
  function ask<T>(start: (done: (error: Error | null, result: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) =>
      start((error, result) => (error ? reject(error) : resolve(result))),
    );
  }

  it.each(PAIRS)('discovers, sets, gets and walks with %s and %s', async (auth, priv) => {
    const client = await session(auth, priv);
    const location = `set with ${auth} and ${priv}`;
    const binding = { oid: SYS_LOCATION, type: snmp.ObjectType.OctetString, value: location };
    await ask((done) => client.set([binding], done));
    const [read] = await ask<Bound[]>((done) => client.get([SYS_LOCATION], done));
    expect(String(read!.value)).toBe(location);
    const walked: string[] = [];
    await ask((done) =>
      client.subtree(
        GUESTS,
        20,
        (varbinds: Bound[]) => void walked.push(...varbinds.map(({ oid }) => oid)),
        done,
      ),
    );
    expect(walked).toHaveLength(3 * 7);
  });

  it.each(['noAuthNoPriv', 'authNoPriv', 'authPriv'] as const)('gets at %s', async (level) => {
    const client = await session('SHA-512', 'AES-256', level);
    const [read] = await ask<Bound[]>((done) => client.get(['1.3.6.1.6.3.10.2.1.2.0'], done));
    expect(read).toMatchObject({ type: snmp.ObjectType.Integer, value: 1 });
  });

  it('is told of a wrong password', async () => {
    const client = await session('SHA-256', 'AES-128', 'authPriv', 'not the right one');
    await expect(ask((done) => client.get([SYS_LOCATION], done))).rejects.toThrow(/digest/i);
  });
});
