import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { fuzzSeed } from '../support/ci-seed.ts';
import { toHex } from '../support/hex.ts';
import { corpus } from './corpus.ts';
import { Dice } from './mutate.ts';
import { type Fate, FuzzedAgent } from './v3-agent.ts';
import { checkDatagram } from './v3-check.ts';
import { randomV3Datagram, soundSamples } from './v3-mutate.ts';

/** FUZZ_DATAGRAMS and FUZZ_SEED choose how many, and repeat a run that failed. */
const DATAGRAMS = Number(process.env['FUZZ_DATAGRAMS'] ?? 6000);
const SEED = fuzzSeed();
/** Datagrams that are made of the same samples, as to make one costs more than to answer it. */
const BATCH = 1000;
const SAMPLES = 100;
/** What the memory in use may grow by during the second half of a run, in octets: less than 10 for a datagram. */
const GROWTH_LIMIT = 2 ** 20;

/** What must have happened to some datagrams, or the mutations miss something. */
const EXPECTED: readonly Fate[] = [
  'outGetResponses',
  'inAsnParseErrs',
  'unknownSecurityModels',
  'invalidMsgs',
  'unknownPduHandlers',
  'unknownContexts',
  'unsupportedSecLevels',
  'notInTimeWindows',
  'unknownUserNames',
  'unknownEngineIDs',
  'wrongDigests',
  'decryptionErrors',
];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory in use after all garbage is gone, in octets. */
function memoryInUse(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('the whole way of an SNMPv3 datagram', () => {
  const kept = corpus('corpus-v3');

  it.each(Array.from(kept))('takes %s', (_name, datagram) => {
    checkDatagram(new FuzzedAgent(), datagram);
  });

  it(`takes ${DATAGRAMS} damaged messages, FUZZ_SEED=${SEED}`, { timeout: 0 }, () => {
    const dice = new Dice(SEED);
    const agent = new FuzzedAgent();
    const derivations = agent.usm.keys.derivations;
    const run = (count: number) => {
      for (let done = 0; done < count; done += BATCH) {
        const samples = soundSamples(dice, SAMPLES);
        for (let i = 0; i < Math.min(BATCH, count - done); i++) {
          const datagram = randomV3Datagram(dice, samples, [...kept.values()]);
          try {
            checkDatagram(agent, datagram);
          } catch (thrown) {
            throw new Error(`FUZZ_SEED=${SEED}, datagram ${toHex(datagram)}`, { cause: thrown });
          }
        }
      }
    };
    run(Math.ceil(DATAGRAMS / 2));
    const before = memoryInUse();
    run(Math.floor(DATAGRAMS / 2));
    const growth = memoryInUse() - before;

    const fates = agent.fates();
    expect(Object.values(fates).reduce((sum, count) => sum + count, 0)).toBe(DATAGRAMS);
    expect(agent.counters.inPkts).toBe(DATAGRAMS);
    for (const fate of EXPECTED) expect(fates[fate], fate).toBeGreaterThan(0);
    for (const counter of ['inTotalReqVars', 'inTotalSetVars', 'outTooBigs'] as const) {
      expect(agent.counters[counter], counter).toBeGreaterThan(0);
    }
    expect(growth).toBeLessThan(GROWTH_LIMIT);
    // RFC 3414 section 2.6: keys are made of passwords when users are, and never for a message.
    expect(agent.usm.keys.derivations).toBe(derivations);
    console.log(
      `fuzz of SNMPv3: ${DATAGRAMS} datagrams, ${agent.counters.outPkts} answers, memory ` +
        `${Math.round(growth / 1024)} KiB more over the second half, FUZZ_SEED=${SEED}\n${JSON.stringify(fates)}`,
    );
  });
});
