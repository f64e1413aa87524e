import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type V3Fields, v3Message } from '../support/v3-messages.ts';
import { CLOCK, FuzzedAgent, keysOf } from './v3-agent.ts';

/** Octets that node:crypto was given to hash, and how many times it was asked to begin a hash. */
const hashed = vi.hoisted(() => ({ begun: 0, octets: 0 }));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const counted = <T extends { update(data: Uint8Array): unknown }>(made: T): T => {
    hashed.begun++;
    const update = made.update.bind(made);
    made.update = (data) => {
      hashed.octets += data.length;
      return update(data);
    };
    return made;
  };
  return {
    ...crypto,
    hash: (name: string, data: Uint8Array, form: 'binary') => {
      hashed.begun++;
      hashed.octets += data.length;
      return crypto.hash(name, data, form);
    },
    createHash: (name: string) => counted(crypto.createHash(name)),
    createHmac: (name: string, key: Uint8Array) => counted(crypto.createHmac(name, key)),
  };
});

const COUNT = 2000;
/** What an HMAC hashes beside the message: a block twice, and the first result (RFC 2104). */
const HMAC_OCTETS = 2 * 64 + 32;
const sealed: V3Fields = { ...CLOCK, userName: 'sealed', ...keysOf('sealed') };

let agent: FuzzedAgent;

beforeEach(() => {
  agent = new FuzzedAgent();
});

/** Sends messages that were made before, and returns what was hashed for one of them. */
function flood(fields: (i: number) => V3Fields) {
  const messages = Array.from({ length: COUNT }, (_, i) => v3Message(fields(i)));
  const { derivations } = agent.usm.keys;
  Object.assign(hashed, { begun: 0, octets: 0 });
  for (const message of messages) agent.send(message);
  const { begun, octets } = hashed;
  // Keys are made of passwords when a user is made (RFC 3414 section 2.6), which hashes 1 MiB.
  expect(agent.usm.keys.derivations).toBe(derivations);
  return { begun: begun / COUNT, octets: octets / COUNT, length: messages[0]!.length };
}

describe('what a flood costs', () => {
  it('is counted: keys of passwords hash more than 1 MiB', () => {
    Object.assign(hashed, { begun: 0, octets: 0 });
    const before = agent.usm.keys.derivations;
    agent.usm.keys.authKey(
      agent.usm.users.find(CLOCK.engineId, Buffer.from('old'))!.auth!.protocol,
      { password: 'never used before' },
      CLOCK.engineId,
    );
    expect(agent.usm.keys.derivations).toBe(before + 1);
    expect(hashed.octets).toBeGreaterThan(2 ** 20);
  });

  it('no hash at all for users that are not there', () => {
    expect(flood((i) => ({ ...sealed, userName: `stranger ${i}` }))).toMatchObject({ begun: 0, octets: 0 });
    expect(agent.fates().unknownUserNames).toBe(COUNT);
  });

  it('no hash at all for other engines', () => {
    expect(flood(() => ({ ...sealed, engineId: new Uint8Array(12) }))).toMatchObject({ begun: 0 });
    expect(agent.fates().unknownEngineIDs).toBe(COUNT);
  });

  it('one HMAC for a wrong digest', () => {
    const cost = flood(() => ({ ...sealed, authOctets: new Array(24).fill(1) }));
    expect(cost).toMatchObject({ begun: 2, octets: cost.length + HMAC_OCTETS });
    expect(agent.fates().wrongDigests).toBe(COUNT);
  });

  it('two HMACs for a request, from its first on', () => {
    const cost = flood(() => sealed);
    expect(cost.begun).toBe(4);
    expect(cost.octets).toBeLessThan(2 * (cost.length + 64 + HMAC_OCTETS));
    expect(agent.fates().outGetResponses).toBe(COUNT);
  });
});
