import { describe, expect, it } from 'vitest';
import { fuzzSeed } from '../support/ci-seed.ts';
import { toHex } from '../support/hex.ts';
import { LAB, Laboratory } from '../support/laboratory.ts';
import { TestAgent } from '../support/test-agent.ts';
import { decode, elements, WIRE } from '../support/wire.ts';
import { corpus } from './corpus.ts';
import { Dice, randomDatagram, soundMessages } from './mutate.ts';

/** FUZZ_SECONDS and FUZZ_SEED choose how long, and repeat a run that failed. */
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);
/** At least so many, as many on any machine, so that a seed finds the same each time. */
const DATAGRAMS = 100_000;
const BATCH = 10_000;
const SEED = fuzzSeed();
const LIMITS = { bulk: 1472, any: 4000 };
const COMMUNITIES = ['public', 'private'];

/** What a datagram that is dropped adds one to. */
const DROPS = [
  'inAsnParseErrs',
  'inBadVersions',
  'inBadCommunityNames',
  'silentDrops',
  'unknownPduHandlers',
] as const;

/** Gives the engine one datagram and holds what comes back against all that is promised. */
function check(agent: TestAgent, datagram: Uint8Array): void {
  const answer = agent.send(datagram);
  if (agent.errors.length > 0) throw new Error(`an error was logged: ${JSON.stringify(agent.errors[0])}`);
  if (!answer) return;
  // What is repeated of the request may have lengths that are longer than needed; a request cannot make it worse.
  const { community, type, version, fieldA, fieldB, varbinds } = decode(answer, false, false);
  if (fieldA === 0) decode(answer, false);
  const bulk = pduTag(datagram) === WIRE.getBulk;
  const limit = bulk && varbinds.length > 1 && fieldA === 0 ? LIMITS.bulk : LIMITS.any;
  if (answer.length > limit) throw new Error(`an answer of ${answer.length} octets`);
  if (!COMMUNITIES.includes(community)) throw new Error(`an answer to the community ${community}`);
  if (type !== WIRE.response || version > 1) throw new Error(`an answer of type ${type}, version ${version}`);
  if (fieldA < 0 || fieldA > 18 || fieldB < 0)
    throw new Error(`error-status ${fieldA}, error-index ${fieldB}`);
  if (version === 0 && fieldA > 5) throw new Error(`error-status ${fieldA} for SNMPv1`);
  if (fieldA !== 0 && fieldB > varbinds.length)
    throw new Error(`error-index ${fieldB} of ${varbinds.length}`);
}

function pduTag(datagram: Uint8Array): number | undefined {
  try {
    return elements(elements(datagram, false)[0]!.content, false)[2]?.tag;
  } catch {
    // Octets behind the message: the sender's type is not looked at then.
    return WIRE.getBulk;
  }
}

function expectConsistent({ counters }: TestAgent): void {
  const drops = DROPS.reduce((sum, name) => sum + counters[name], 0);
  expect(counters.outPkts + drops).toBe(counters.inPkts);
  expect(counters.outGetResponses).toBe(counters.outPkts);
}

function freshAgent(): TestAgent {
  return new TestAgent([new Laboratory().module], { limits: LIMITS });
}

describe('the whole way of a datagram', () => {
  const kept = corpus('corpus');

  it.each(Array.from(kept))('takes %s', (_name, datagram) => {
    const agent = freshAgent();
    check(agent, datagram);
    expectConsistent(agent);
    expect(agent.ask(WIRE.get, [`${LAB}.1.0`])?.status).toBe(0);
  });

  it(`takes ${DATAGRAMS} damaged messages, FUZZ_SEED=${SEED}`, { timeout: 0 }, () => {
    const dice = new Dice(SEED);
    const agent = freshAgent();
    const end = performance.now() + SECONDS * 1000;
    for (let done = 0; done < DATAGRAMS || performance.now() < end; done += BATCH) {
      const samples = [...kept.values(), ...soundMessages(dice, 200)];
      for (let i = 0; i < BATCH; i++) {
        const datagram = randomDatagram(dice, samples);
        try {
          check(agent, datagram);
        } catch (thrown) {
          throw new Error(`FUZZ_SEED=${SEED}, datagram ${toHex(datagram)}`, { cause: thrown });
        }
      }
    }
    expectConsistent(agent);
    const { counters } = agent;
    // Each of these ways was really taken, the fewest some hundred times.
    for (const name of [
      ...DROPS.filter((drop) => drop !== 'silentDrops'),
      'inTotalReqVars',
      'inTotalSetVars',
      'outTooBigs',
    ] as const) {
      expect(counters[name], name).toBeGreaterThan(0);
    }
    console.log(`fuzz: ${counters.inPkts} datagrams, ${counters.outPkts} answers, FUZZ_SEED=${SEED}`);
  });
});
