import { createDiffieHellman, type DiffieHellman } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DhAgreement } from '../../../agent/security/usm/dh-agreement.ts';
import { value, WIRE } from '../../support/wire.ts';
import { configured, octets, pointerTo, UsmBench } from './usm-bench.ts';

const PARAMETERS = '1.3.6.1.3.101.1.1.1.0';
const latin1 = (text: unknown) => Buffer.from(text as string, 'latin1');

/** The manager's side of an agreement, from what the agent shows: prime, base, and its public number. */
class Manager {
  side: DiffieHellman;
  readonly agentPublic: Buffer;

  constructor(
    bench: UsmBench,
    column = 'usmDHUserAuthKeyChange',
    name = 'new',
    suits = (secret: Buffer) => secret[0] !== 0,
  ) {
    const shown = bench.agent.ask(WIRE.get, [PARAMETERS])!.varbinds[0]!.value.value;
    const [prime, base] = dhParameters(latin1(shown));
    this.agentPublic = latin1(bench.get(column, name).value);
    do {
      this.side = createDiffieHellman(prime!, base!);
      this.side.generateKeys();
    } while (!suits(this.secret));
  }

  get secret(): Buffer {
    return this.side.computeSecret(this.agentPublic);
  }

  get change(): Buffer {
    return Buffer.concat([this.agentPublic, this.side.getPublicKey()]);
  }
}

/** The integers of a DHParameter: SEQUENCE { prime, base }. */
function dhParameters(der: Buffer): Buffer[] {
  const integers: Buffer[] = [];
  const content = (at: number): [number, number] => {
    const first = der[at + 1]!;
    const start = at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    return [start, first < 0x80 ? first : der.readUIntBE(at + 2, first & 0x7f)];
  };
  const [start, length] = content(0);
  expect([der[0], start + length]).toEqual([0x30, der.length]);
  for (let at = start; at < der.length; ) {
    expect(der[at]).toBe(0x02);
    const [from, size] = content(at);
    integers.push(der.subarray(from, from + size));
    at = from + size;
  }
  return integers;
}

const bench = () =>
  new UsmBench(configured('new'), configured('plain', '', ''), configured('long', 'SHA-512', 'AES-256'));

describe('usmDHParameters', () => {
  it('are the group of 2048 bits of RFC 3526', () => {
    const [prime, base] = dhParameters(Buffer.from(new DhAgreement().parameters));
    expect(prime).toHaveLength(257);
    expect(prime!.subarray(0, 17).toString('hex')).toBe('00ffffffffffffffffc90fdaa22168c234');
    expect(prime!.subarray(-16).toString('hex')).toBe('15728e5a8aacaa68ffffffffffffffff');
    expect(base).toEqual(Buffer.of(2));
  });

  it('stay what they are', () => {
    const agent = bench();
    const shown = agent.agent.ask(WIRE.get, [PARAMETERS])!.varbinds[0]!;
    expect(agent.send([shown])).toBe('done');
    expect(agent.send([{ oid: PARAMETERS, value: value.octets('0\x03\x02\x01\x02') }])).toBe('wrongValue 1');
  });
});

describe('a change of keys by agreement', () => {
  it.each([
    ['new', 'usmDHUserAuthKeyChange', 'auth', 32],
    ['new', 'usmDHUserPrivKeyChange', 'priv', 16],
    ['long', 'usmDHUserAuthKeyChange', 'auth', 64],
    ['long', 'usmDHUserPrivKeyChange', 'priv', 32],
  ] as const)('gives %s by %s the last octets of the secret', (name, column, part, length) => {
    const agent = bench();
    const manager = new Manager(agent, column, name);
    const other = agent.key(name, part === 'auth' ? 'priv' : 'auth');
    expect(agent.set(name, { [column]: octets(manager.change) })).toBe('done');
    expect(agent.key(name, part)).toBe(manager.secret.subarray(-length).toString('hex'));
    expect(agent.key(name, part === 'auth' ? 'priv' : 'auth')).toBe(other);
    expect(agent.kept).toBe(1);
  });

  it('changes both keys, and usmUserPublic of the other table, in one request', () => {
    const agent = bench();
    const managers = [new Manager(agent), new Manager(agent, 'usmDHUserPrivKeyChange')];
    const auth = ['usmDHUserAuthKeyChange', 'new', octets(managers[0]!.change)] as const;
    const priv = ['usmDHUserPrivKeyChange', 'new', octets(managers[1]!.change)] as const;
    const told = ['usmUserPublic', 'new', value.octets('changed')] as const;
    expect(agent.setAll([auth, told, priv])).toBe('done');
    expect(agent.key('new')).toBe(managers[0]!.secret.subarray(-32).toString('hex'));
    expect(agent.key('new', 'priv')).toBe(managers[1]!.secret.subarray(-16).toString('hex'));
    expect(agent.get('usmUserPublic', 'new')).toEqual(value.octets('changed'));
  });

  it('does not bring back a user that the same request removes', () => {
    const agent = bench();
    const made = { usmUserStatus: value.integer(4), usmUserCloneFrom: pointerTo('new') };
    expect(agent.set('made', made)).toBe('done');
    const before = agent.user('made');
    const remove = ['usmUserStatus', 'made', value.integer(6)] as const;
    const change = ['usmDHUserAuthKeyChange', 'made', octets(new Manager(agent).change)] as const;
    expect(agent.setAll([remove, change])).toBe('commitFailed 2');
    expect(agent.user('made')).toBe(before);
    expect(agent.setAll([change, remove])).toBe('done');
    expect(agent.user('made')).toBeUndefined();
  });

  it('has another number for the next one', () => {
    const agent = bench();
    const manager = new Manager(agent);
    expect(latin1(agent.get('usmDHUserOwnPrivKeyChange', 'plain').value)).toEqual(manager.agentPublic);
    const change = { usmDHUserAuthKeyChange: octets(manager.change) };
    expect(agent.set('new', change)).toBe('done');
    const key = agent.key('new');
    expect(agent.set('new', change)).toBe('wrongValue 1');
    expect(agent.key('new')).toBe(key);
    expect(new Manager(agent).agentPublic).not.toEqual(manager.agentPublic);
  });

  it('keeps its number as long as nothing was changed', () => {
    const agent = bench();
    const manager = new Manager(agent);
    const refused = [
      ['usmDHUserAuthKeyChange', 'new', octets(manager.change)],
      ['usmUserPublic', 'nobody', value.octets('x')],
    ] as const;
    expect(agent.setAll(refused)).toBe('inconsistentName 2');
    expect(agent.set('new', { usmDHUserAuthKeyChange: octets(manager.change) })).toBe('done');
  });

  it.each<[string, (own: Buffer, prime: Buffer) => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['the agent’s number alone', (own) => own],
    ['0', (own) => Buffer.concat([own, Buffer.of(0)])],
    ['1', (own) => Buffer.concat([own, Buffer.of(1)])],
    ['the prime less 1', (own, prime) => Buffer.concat([own, prime.subarray(0, -1), Buffer.of(0xfe)])],
    ['the prime', (own, prime) => Buffer.concat([own, prime])],
    ['too much', (own) => Buffer.concat([own, Buffer.alloc(1000, 1)])],
    ['another number in front', (own) => Buffer.concat([Buffer.alloc(own.length, 1), own])],
  ])('refuses %s, by which somebody else would know the key', (_what, make) => {
    const agent = bench();
    const manager = new Manager(agent);
    const before = agent.key('new');
    const sent = make(manager.agentPublic, manager.side.getPrime());
    expect(agent.set('new', { usmDHUserAuthKeyChange: octets(sent) })).toBe('wrongValue 1');
    expect(agent.key('new')).toBe(before);
  });

  it('refuses a secret that begins with a 0, and takes another one', () => {
    const agent = bench();
    const manager = new Manager(agent, 'usmDHUserAuthKeyChange', 'new', (secret) => secret[0] === 0);
    expect(agent.set('new', { usmDHUserAuthKeyChange: octets(manager.change) })).toBe('inconsistentValue 1');
    expect(agent.set('new', { usmDHUserAuthKeyChange: octets(new Manager(agent).change) })).toBe('done');
  });

  it('is for a user who is there, and does nothing for one without keys', () => {
    const agent = bench();
    const { change } = new Manager(agent);
    expect(agent.set('nobody', { usmDHUserAuthKeyChange: octets(change) })).toBe('inconsistentName 1');
    expect(agent.set('plain', { usmDHUserPrivKeyChange: octets(change) })).toBe('done');
    agent.set('slow', { usmUserStatus: value.integer(5) });
    expect(agent.set('slow', { usmDHUserAuthKeyChange: octets(change) })).toBe('inconsistentName 1');
  });

  it('by the columns for the user himself is his alone', () => {
    const agent = bench();
    const { change, secret } = new Manager(agent);
    const usm = { securityModel: 3, securityName: 'new', securityLevel: 3 };
    const set = (requester: typeof usm) => agent.setBy(requester, 'new', 'usmDHUserOwnAuthKeyChange', change);
    expect(set({ ...usm, securityName: 'long' })).toBe('noAccess');
    expect(set({ ...usm, securityLevel: 1 })).toBe('noAccess');
    expect(set(usm)).toBe('done');
    expect(agent.key('new')).toBe(secret.subarray(-32).toString('hex'));
  });
});

it('usmDHKickstartTable is empty', () => {
  const next = bench().agent.ask(WIRE.getNext, ['1.3.6.1.3.101.1.2'])!.varbinds[0]!;
  expect(next.oid).toMatch(/^1\.3\.6\.1\.6\.3\.15\./);
});
