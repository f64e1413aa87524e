import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TAG } from '../../../../agent/ber/tags.ts';
import { PDU } from '../../../../agent/message/constants.ts';
import { Pdu, readPdu } from '../../../../agent/message/pdu.ts';
import { readScopedPdu, ScopedPdu } from '../../../../agent/message/v3-message.ts';
import { finishScopedPdu } from '../../../../agent/message/v3-response.ts';
import { describeWithNetSnmp, netSnmp } from '../../../support/net-snmp.ts';
import { AUTH_PASSWORD, PRIV_PASSWORD, UsmLaboratory } from '../../../support/usm-laboratory.ts';
import { AUTH, type AuthName, PRIV, type PrivName } from '../../../support/v3-messages.ts';

/** A socket that answers any request at all with a counter, and whatever is refused with its Report. */
class Responder {
  readonly laboratory = new UsmLaboratory();
  readonly #socket: Socket = createSocket('udp4');
  readonly #pdu = new Pdu();
  readonly #scoped = new ScopedPdu();
  /** Security levels of the messages that were accepted. */
  readonly accepted: string[] = [];

  async start(): Promise<string> {
    this.#socket.on('message', (datagram, { port, address }) => {
      const answer = this.#answer(datagram);
      if (answer) this.#socket.send(answer.slice(), port, address);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answer(datagram: Uint8Array): Uint8Array | undefined {
    const { laboratory } = this;
    const result = laboratory.receive(datagram);
    if (!result.ok) return laboratory.report(result);
    const { reader, writer } = laboratory;
    reader.reset(result.bytes, result.start, result.end);
    readScopedPdu(reader, this.#scoped);
    readPdu(reader, this.#pdu);
    this.accepted.push(`${Buffer.from(result.user.name)} ${result.level}`);
    const outgoing = laboratory.prepareAnswer(result);
    writer.reset();
    const mark = writer.open(TAG.SEQUENCE);
    writer.append(this.#pdu.bytes, this.#pdu.nameStart[0]!, this.#pdu.valueStart[0]!);
    writer.appendUnsigned32(TAG.COUNTER32, 4_000_000_000);
    writer.close(mark);
    finishScopedPdu(writer, outgoing, PDU.RESPONSE, this.#pdu.requestId, 0, 0);
    laboratory.usm.protectOutgoing(writer, outgoing, result.user);
    return writer.view();
  }
}

/** Names that Net-SNMP's option `-x` has for the protocols. */
const OPTION: Readonly<Record<PrivName, string>> = {
  DES: 'DES',
  AES: 'AES',
  'AES-192': 'AES-192',
  'AES-256': 'AES-256',
  'AES-192-C': 'AES192C',
  'AES-256-C': 'AES256C',
};

describeWithNetSnmp('snmpget over SNMPv3', () => {
  const responder = new Responder();
  let agent: string;

  beforeAll(async () => {
    agent = await responder.start();
    responder.laboratory.addUser('nobody');
  });

  afterAll(() => responder.stop());

  const get = (...options: string[]) =>
    netSnmp('snmpget', '-v3', '-m', '', '-On', '-r', '0', '-t', '5', ...options, agent, '1.3.6.1.2.1.11.1.0');
  const EXPECTED = ['.1.3.6.1.2.1.11.1.0 = Counter32: 4000000000'];

  it('without authentication', async () => {
    const { lines, stderr } = await get('-l', 'noAuthNoPriv', '-u', 'nobody');
    expect({ lines, stderr }).toEqual({ lines: EXPECTED, stderr: '' });
  });

  it.each(Object.keys(AUTH) as AuthName[])('authenticated with %s', async (auth) => {
    responder.laboratory.addUser('pair', auth);
    const { lines, stderr } = await get('-l', 'authNoPriv', '-u', 'pair', '-a', auth, '-A', AUTH_PASSWORD);
    expect({ lines, stderr }).toEqual({ lines: EXPECTED, stderr: '' });
    expect(responder.accepted.at(-1)).toBe('pair 2');
  });

  const pairs = (Object.keys(AUTH) as AuthName[]).flatMap((auth) =>
    (Object.keys(PRIV) as PrivName[]).map((priv) => ({ auth, priv })),
  );

  it.each(pairs)('with $auth and $priv', async ({ auth, priv }) => {
    responder.laboratory.addUser('pair', auth, priv);
    const keys = ['-a', auth, '-A', AUTH_PASSWORD, '-x', OPTION[priv], '-X', PRIV_PASSWORD];
    const { lines, stderr } = await get('-l', 'authPriv', '-u', 'pair', ...keys);
    expect({ lines, stderr }).toEqual({ lines: EXPECTED, stderr: '' });
    expect(responder.accepted.at(-1)).toBe('pair 3');
  });

  it('says what was refused, from our Reports', async () => {
    responder.laboratory.addUser('pair', 'SHA-256', 'AES');
    responder.laboratory.addUser('auth', 'SHA-256');
    const refused = async (...options: string[]) => (await get(...options)).stderr.trim();
    const auth = (password: string) => ['-a', 'SHA-256', '-A', password];
    const priv = (password: string) => ['-x', 'AES', '-X', password];
    expect(await refused('-l', 'authNoPriv', '-u', 'stranger', ...auth(AUTH_PASSWORD))).toMatch(
      /Unknown user name/,
    );
    expect(await refused('-l', 'authNoPriv', '-u', 'pair', ...auth('wrong password'))).toMatch(
      /Authentication failure \(incorrect password/,
    );
    expect(
      await refused('-l', 'authPriv', '-u', 'auth', ...auth(AUTH_PASSWORD), ...priv(PRIV_PASSWORD)),
    ).toMatch(/Unsupported security level/);
    expect(
      await refused('-l', 'authPriv', '-u', 'pair', ...auth(AUTH_PASSWORD), ...priv('wrong password')),
    ).toMatch(/Decryption error/);
  });

  it('sets its clock by our authenticated Report', async () => {
    responder.laboratory.addUser('pair', 'SHA-256', 'AES');
    const { stats } = responder.laboratory;
    const before = stats.notInTimeWindows;
    const keys = ['-a', 'SHA-256', '-A', AUTH_PASSWORD, '-x', 'AES', '-X', PRIV_PASSWORD];
    // -Z gives boots and time that are wrong.
    const { lines } = await get(
      '-l',
      'authPriv',
      '-u',
      'pair',
      ...keys,
      '-e',
      '80001f88800001020304050607',
      '-Z',
      '1,5',
    );
    expect(lines).toEqual(EXPECTED);
    expect(stats.notInTimeWindows).toBe(before + 1);
  });
});
