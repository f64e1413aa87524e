import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTH_PRIV, DOCTOR_AUTH, examine, failures } from '../../support/examined.ts';
import { freePort } from '../../support/free-port.ts';
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

const UP_TIME = '1.3.6.1.2.1.1.3.0';
/** For agents that never answer. */
const SILENT = { timeout: '0.1' };
/** For those that fall silent: what they do answer must not be missed on a busy machine. */
const FALLING_SILENT = { timeout: '1.5' };
const ANSWER = { oid: UP_TIME, value: value.ticks(5) };

/** An agent that tells its engine ID and then answers as it is told. */
function discovered(answer: (asked: Asked) => readonly Uint8Array[]): Promise<number> {
  return oddAgent((datagram) => {
    const asked = askedOf(datagram);
    return asked.engineId.length === 0 ? [reportTo(asked, COUNTERS.unknownEngineIDs)] : answer(asked);
  });
}

const key = localizedKey('SHA-256', Buffer.from(DOCTOR_AUTH), ODD_ENGINE);
const auth = { name: 'SHA-256', key } as const;

describe('doctor before an agent that does not answer', () => {
  it('tells a closed port from silence', async () => {
    const port = await freePort();
    const found = await examine(`127.0.0.1:${port}`);
    expect(failures(found)).toEqual(['answer']);
    expect(found.says['answer']).toBe(`nothing listens on UDP port ${port} there (ICMP port unreachable)`);
    expect(found.advice).toContain('Start the agent');
  });

  it('says what silence may mean, after all tries', async () => {
    let received = 0;
    const port = await oddAgent(() => {
      received++;
      return [];
    });
    const found = await examine(`127.0.0.1:${port}`, { ...SILENT, retries: '2' });
    expect(found.says['answer']).toBe('no answer to 3 tries of 0.1 s');
    expect(received).toBe(3);
    for (const words of ['firewall', 'Check the address and port', '-t SECONDS', '-v2c -c COMMUNITY']) {
      expect(found.advice).toContain(words);
    }
    expect(found.exitCode).toBe(1);
  });

  it.each([
    ['no octets', []],
    ['octets of no message', [1, 2, 3]],
    ['a length beyond the end', [0x30, 0x84, 0xff, 0xff, 0xff, 0xff]],
    ['text', [...Buffer.from('220 smtp ready\r\n')]],
  ])('does not take %s for an agent', async (_, octets) => {
    const port = await oddAgent(() => [Uint8Array.from(octets)]);
    for (const flags of [{}, { snmpVersion: '2c', community: 'c' }]) {
      const found = await examine(`127.0.0.1:${port}`, { timeout: '0.5', ...flags });
      expect(failures(found)).toEqual(['answer']);
      expect(found.says['answer']).toMatch(/one datagram came that cannot count \(it is no SNMP/);
      expect(found.advice).toContain('not as an SNMP agent should');
    }
  });

  it('counts only what comes from the address and port that were asked', async () => {
    const other = createSocket('udp4');
    onTestFinished(() => void other.close());
    other.bind(0, '127.0.0.1');
    await once(other, 'listening');
    const ports: number[] = [];
    const port = await oddAgent((datagram, from) => {
      ports.push(from);
      other.send(reportTo(askedOf(datagram), COUNTERS.unknownEngineIDs), from, '127.0.0.1');
      return [];
    });
    const found = await examine(`127.0.0.1:${port}`, SILENT);
    expect(ports).toHaveLength(1);
    expect(found.says['answer']).toBe('no answer to one try of 0.1 s');
  });

  it('does not take the answer to another message', async () => {
    const port = await oddAgent((datagram) => {
      const asked = askedOf(datagram);
      return [reportTo({ ...asked, messageId: asked.messageId ^ 1 }, COUNTERS.unknownEngineIDs)];
    });
    const found = await examine(`127.0.0.1:${port}`, { timeout: '0.5' });
    expect(found.says['answer']).toContain('it answers another message');
  });

  it('waits for the right answer behind wrong ones', async () => {
    const port = await oddAgent((datagram) => {
      const asked = askedOf(datagram);
      const right = reportTo(asked, COUNTERS.unknownEngineIDs);
      return [Uint8Array.of(0x30), reportTo({ ...asked, messageId: 0 }, COUNTERS.unknownEngineIDs), right];
    });
    expect((await examine(`127.0.0.1:${port}`)).status['answer']).toBe('ok');
  });
});

describe('doctor before an agent with an odd engine', () => {
  it.each([
    ['none', new Uint8Array(0), 'it has 0 octets', 'skipped'],
    ['one of 33 octets', new Uint8Array(33).fill(0x80), 'it has 33 octets', 'skipped'],
    ['one of zeros', new Uint8Array(12), 'it is all zeros', 'ok'],
  ])('judges an engine ID: %s', async (_, engineId, words, user) => {
    const port = await oddAgent((datagram) => {
      const asked = askedOf(datagram);
      if (asked.engineId.length === 0) return [reportTo(asked, COUNTERS.unknownEngineIDs, { engineId })];
      return [answerTo(asked, WIRE.response, ANSWER, { engineId })];
    });
    const found = await examine(`127.0.0.1:${port}`);
    expect(failures(found)).toEqual(['engine']);
    expect(found.says['engine']).toContain(words);
    expect(found.status['user']).toBe(user);
  });

  it('shows nothing that acts on a terminal', async () => {
    const engineId = Uint8Array.of(0x80, 0, 0, 9, 4, 0x1b, 0x5b, 0x32, 0x4a);
    const port = await oddAgent((datagram) => [
      reportTo(askedOf(datagram), COUNTERS.unknownUserNames, { engineId }),
    ]);
    const { says } = await examine(`127.0.0.1:${port}`);
    expect(says['engine']).toContain('text "?[2J"');
  });

  it('tells of two agents behind one address', async () => {
    const port = await oddAgent((datagram) => {
      const asked = askedOf(datagram);
      const engineId = asked.engineId.length === 0 ? ODD_ENGINE : Uint8Array.of(0x80, 0, 0, 9, 5, 1);
      return [reportTo(asked, COUNTERS.unknownEngineIDs, { engineId })];
    });
    const found = await examine(`127.0.0.1:${port}`, AUTH_PRIV);
    expect(failures(found)).toEqual(['engine']);
    expect(found.says['engine']).toContain('now it says 800000090501');
    expect(found.advice).toContain('Two agents seem to answer behind this address');
  });

  it.each([
    [
      'latched boots',
      [2 ** 31 - 1, 2 ** 31 - 1],
      'have reached 2147483647',
      'Give the agent a new engine ID',
    ],
    ['boots that change', [4, 5], 'changes from one answer to the next', 'Two agents with one engine ID'],
    ['a clock that it does not keep to', [3, 3], 'by the clock that it told itself', 'Start the agent again'],
  ])('explains a time window that fails still: %s', async (_, boots, words, advice) => {
    let told = 0;
    const port = await discovered((asked) => {
      if (asked.level === 0) return [answerTo(asked, WIRE.response, ANSWER)];
      const fields = { auth, flags: 1, boots: boots[told++]! };
      return [reportTo(asked, COUNTERS.notInTimeWindows, fields)];
    });
    const found = await examine(`127.0.0.1:${port}`, { ...AUTH_PRIV, level: 'authNoPriv' });
    expect(failures(found)).toEqual(['time']);
    expect(found.says['time']).toContain(words);
    expect(found.status['authentication']).toBe('ok');
    expect(found.advice).toContain(advice);
    expect(told).toBe(2);
  });

  it('follows a clock that a Report tells', async () => {
    let told = false;
    const port = await discovered((asked) => {
      if (asked.level === 0) return [answerTo(asked, WIRE.response, ANSWER)];
      if (told) return [answerTo(asked, WIRE.response, ANSWER, { auth, flags: 1, boots: 9, time: 5 })];
      told = true;
      return [reportTo(asked, COUNTERS.notInTimeWindows, { auth, flags: 1, boots: 9, time: 5 })];
    });
    const found = await examine(`127.0.0.1:${port}`, { ...AUTH_PRIV, level: 'authNoPriv' });
    expect(failures(found)).toEqual([]);
    expect(found.says['time']).toBe(
      'in the time window after taking the clock from a Report (boots 9, time 5 s)',
    );
    expect(found.exitCode).toBe(0);
  });
});

describe('doctor before an agent that contradicts itself', () => {
  const levels = ['noAuthNoPriv', 'authNoPriv', 'authPriv'] as const;
  const cases = levels.flatMap((level) => Object.keys(COUNTERS).map((counter) => [level, counter] as const));

  it.each(cases)('comes to an end at %s with nothing but %s', async (level, counter) => {
    let received = 0;
    const port = await discovered((asked) => {
      received++;
      return [reportTo(asked, COUNTERS[counter as keyof typeof COUNTERS])];
    });
    const found = await examine(`127.0.0.1:${port}`, { ...AUTH_PRIV, level });
    expect(failures(found)).toHaveLength(1);
    expect(found.advice).not.toBe('');
    expect(received).toBeLessThan(30);
  });

  it('comes to an end when whatever fits does not fit the next time', async () => {
    let received = 0;
    const port = await discovered((asked) => {
      received++;
      if (asked.level === 0) return [answerTo(asked, WIRE.response, ANSWER)];
      return [reportTo(asked, received % 2 === 0 ? COUNTERS.wrongDigests : COUNTERS.unknownContexts)];
    });
    const found = await examine(`127.0.0.1:${port}`, AUTH_PRIV);
    expect(found.exitCode).toBe(1);
    expect(received).toBeLessThan(30);
  });

  it('does not know a counter of no RFC', async () => {
    const port = await discovered((asked) => [reportTo(asked, '1.3.6.1.4.1.9.1.0')]);
    const found = await examine(`127.0.0.1:${port}`, AUTH_PRIV);
    expect(found.says['authentication']).toContain('a Report that no RFC knows');
  });

  it('takes a counter without its instance', async () => {
    const port = await discovered((asked) => [reportTo(asked, COUNTERS.unknownUserNames.slice(0, -2))]);
    expect(failures(await examine(`127.0.0.1:${port}`))).toEqual(['user']);
  });

  it.each([
    ['plain', {}, 'it is less protected than the request was'],
    ['with a wrong digest', { auth: { ...auth, key: new Uint8Array(32) }, flags: 1 }, 'its digest is wrong'],
    ['with a digest cut short', { authOctets: [1, 2], flags: 1 }, 'its digest is wrong'],
    ['with privacy alone', { flags: 2 }, 'it is encrypted but not authenticated'],
    ['of another security model', { securityModel: 4 }, 'it is of another security model'],
  ])('does not count an answer %s', async (_, fields, why) => {
    const port = await discovered((asked) => [
      answerTo(asked, WIRE.response, ANSWER, asked.level === 0 ? {} : fields),
    ]);
    const found = await examine(`127.0.0.1:${port}`, {
      ...AUTH_PRIV,
      ...FALLING_SILENT,
      level: 'authNoPriv',
      trials: false,
    });
    expect(failures(found)).toEqual(['authentication']);
    expect(found.says['authentication']).toContain(`the agent is silent when the request is authenticated`);
    expect(found.says['authentication']).toContain(`one datagram came that cannot count (${why})`);
  });

  it('says so when the agent speaks of something else', async () => {
    const port = await discovered((asked) => [
      answerTo(asked, WIRE.response, { oid: '1.3.6.1.2.1.1.1.0', value: value.octets('x') }),
    ]);
    const found = await examine(`127.0.0.1:${port}`);
    expect(found.says['object']).toBe('the answer is about sysDescr.0, which was not asked for');
  });

  it('says so when a Report comes where a response came before', async () => {
    let received = 0;
    const port = await discovered((asked) => [
      received++ === 0 ? answerTo(asked, WIRE.response, ANSWER) : reportTo(asked, COUNTERS.unknownEngineIDs),
    ]);
    const found = await examine(`127.0.0.1:${port}`, {}, 'sysName.0');
    expect(failures(found)).toEqual(['object']);
    expect(found.says['object']).toContain('now by a Report about usmStatsUnknownEngineIDs.0');
  });

  it('knows by the digest that an agent silent about the user knows it', async () => {
    const port = await discovered((asked) =>
      asked.level === 0 ? [] : [answerTo(asked, WIRE.response, ANSWER, { auth, flags: 1 })],
    );
    const found = await examine(`127.0.0.1:${port}`, {
      ...AUTH_PRIV,
      ...FALLING_SILENT,
      level: 'authNoPriv',
    });
    expect(failures(found)).toEqual([]);
    expect(found.status['user']).toBe('ok');
  });

  it('takes no answer to GETNEXT that goes backwards', async () => {
    const port = await discovered((asked) => [
      answerTo(asked, WIRE.response, { oid: '1.3.6.1.2.1.1.1.0', value: value.noSuchObject }),
    ]);
    const found = await examine(`127.0.0.1:${port}`, {}, 'sysName.0');
    expect(found.says['object']).toContain('nothing behind it can be seen');
  });

  it('has an end of patience with an agent that falls silent at the object', async () => {
    const port = await oddAgent((datagram) => {
      const message = decode(datagram);
      if (message.varbinds[0]!.oid !== UP_TIME) return [];
      return [encode({ ...message, type: WIRE.response, varbinds: [ANSWER] })];
    });
    const flags = { snmpVersion: '2c', community: 'c', ...FALLING_SILENT };
    const found = await examine(`127.0.0.1:${port}`, flags, 'sysName.0');
    expect(failures(found)).toEqual(['object']);
    expect(found.says['object']).toBe('a GET of sysName.0: no answer to one try of 1.5 s');
  });

  it.each([
    [5, 'genErr', 'its log should tell why'],
    [1, 'tooBig', 'does not fit the largest message'],
    [77, 'error-status 77', 'no answer that a read should get'],
  ])('names error-status %i', async (fieldA, name, advice) => {
    const port = await oddAgent((datagram) => {
      const message = decode(datagram);
      return [encode({ ...message, type: WIRE.response, fieldA, fieldB: 1 })];
    });
    const found = await examine(`127.0.0.1:${port}`, { snmpVersion: '2c', community: 'c' });
    expect(found.says['object']).toBe(`the agent answers ${name} for sysUpTime.0`);
    expect(found.advice).toContain(advice);
  });
});
