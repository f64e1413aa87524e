import { describe, expect, it } from 'vitest';
import { Dice, randomDatagram } from '../../fuzz/mutate.ts';
import { fuzzSeed } from '../../support/ci-seed.ts';
import { AUTH_PRIV, DOCTOR_AUTH, examine } from '../../support/examined.ts';
import {
  type Asked,
  answerTo,
  askedOf,
  COUNTERS,
  ODD_ENGINE,
  oddAgent,
  reportTo,
} from '../../support/odd-agent.ts';
import { localizedKey } from '../../support/v3-messages.ts';
import { decode, encode, value, WIRE } from '../../support/wire.ts';

/** FUZZ_SEED repeats a run that failed. */
const SEED = fuzzSeed();
const RUNS = 60;
const DAMAGED = 20;
const UP_TIME = { oid: '1.3.6.1.2.1.1.3.0', value: value.ticks(5) };
const NOTHING = { oid: '1.3.6.1.2.1.1.5.0', value: value.noSuchObject };

const key = localizedKey('SHA-256', Buffer.from(DOCTOR_AUTH), ODD_ENGINE);

function soundV3(asked: Asked): Uint8Array {
  if (asked.engineId.length === 0) return reportTo(asked, COUNTERS.unknownEngineIDs);
  const fields = asked.level === 0 ? {} : ({ auth: { name: 'SHA-256', key }, flags: 1 } as const);
  return answerTo(asked, WIRE.response, UP_TIME, fields);
}

function soundV2(datagram: Uint8Array): Uint8Array {
  const message = decode(datagram);
  const binding = message.varbinds[0]!.oid === UP_TIME.oid ? UP_TIME : NOTHING;
  return encode({ ...message, type: WIRE.response, varbinds: [binding] });
}

/** An agent that sends damaged answers before each sound one. */
function hostileAgent(dice: Dice, sound: (datagram: Uint8Array) => Uint8Array): Promise<number> {
  return oddAgent((datagram) => {
    const answer = sound(datagram);
    return [...Array.from({ length: DAMAGED }, () => randomDatagram(dice, [answer])), answer];
  });
}

describe(`doctor before damaged answers, seed ${SEED}`, () => {
  it.each([
    ['noAuthNoPriv', { ...AUTH_PRIV, level: 'noAuthNoPriv' }],
    ['authNoPriv', { ...AUTH_PRIV, level: 'authNoPriv' }],
  ])('comes to an end of SNMPv3 with %s', async (_, flags) => {
    const port = await hostileAgent(new Dice(SEED), (datagram) => soundV3(askedOf(datagram)));
    for (let run = 0; run < RUNS; run++) {
      const found = await examine(`127.0.0.1:${port}`, { ...flags, timeout: '0.2' });
      expect([0, 1]).toContain(found.exitCode);
    }
  });

  it.each(['1', '2c'])('comes to an end of SNMPv%s', async (snmpVersion) => {
    const port = await hostileAgent(new Dice(SEED), soundV2);
    for (let run = 0; run < RUNS; run++) {
      const flags = { snmpVersion, community: 'c', timeout: '0.2' };
      const found = await examine(`127.0.0.1:${port}`, flags, run % 2 === 0 ? 'sysName.0' : undefined);
      expect([0, 1]).toContain(found.exitCode);
    }
  });
});
