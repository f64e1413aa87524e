import { decodeV3, reportOf } from '../support/v3-messages.ts';
import { decode, element, envelope, WIRE } from '../support/wire.ts';
import { CLOCK, type Fate, type FuzzedAgent, keysOf, LIMITS } from './v3-agent.ts';
import { headerOf, isSigned } from './v3-request.ts';

const AUTH_FLAG = 1;
const PRIV_FLAG = 2;
const LEVEL_FLAGS = AUTH_FLAG | PRIV_FLAG;

/** The counters that Reports name (RFC 3414 section 5, RFC 3412 section 5, RFC 3413 section 4.1.2). */
const REPORTED: Readonly<Record<string, Fate>> = {
  '1.3.6.1.6.3.15.1.1.1.0': 'unsupportedSecLevels',
  '1.3.6.1.6.3.15.1.1.2.0': 'notInTimeWindows',
  '1.3.6.1.6.3.15.1.1.3.0': 'unknownUserNames',
  '1.3.6.1.6.3.15.1.1.4.0': 'unknownEngineIDs',
  '1.3.6.1.6.3.15.1.1.5.0': 'wrongDigests',
  '1.3.6.1.6.3.15.1.1.6.0': 'decryptionErrors',
  '1.3.6.1.6.3.11.2.1.3.0': 'unknownPduHandlers',
  '1.3.6.1.6.3.12.1.5.0': 'unknownContexts',
};
const REPORTS: readonly Fate[] = Object.values(REPORTED);

/** Gives the agent one datagram and holds what it counts and answers against all that is promised. */
export function checkDatagram(agent: FuzzedAgent, datagram: Uint8Array): void {
  const before = agent.fates();
  const { inGetRequests, inGetNexts, inSetRequests } = agent.counters;
  const answer = agent.send(datagram);
  if (agent.errors.length > 0) throw new Error(`an error was logged: ${JSON.stringify(agent.errors[0])}`);
  const after = agent.fates();
  const changed = (Object.keys(after) as Fate[]).filter((name) => after[name] !== before[name]);
  const [fate] = changed;
  if (changed.length !== 1 || after[fate!] !== before[fate!] + 1) {
    throw new Error(`counted as [${changed}], and one of them by 1 was expected`);
  }
  if (answer) {
    const { counters } = agent;
    const others = counters.inGetRequests + counters.inGetNexts + counters.inSetRequests;
    const isBulk = others === inGetRequests + inGetNexts + inSetRequests;
    checkAnswer(datagram, answer, fate!, after[fate!], isBulk);
  } else if (fate === 'outGetResponses') {
    throw new Error('a Response was counted, and there is none');
  }
}

function checkAnswer(
  datagram: Uint8Array,
  octets: Uint8Array,
  fate: Fate,
  counted: number,
  isBulk: boolean,
): void {
  const request = headerOf(datagram);
  const { flags, userName } = headerOf(octets);
  const { auth, priv } = keysOf(userName);
  if ((flags & AUTH_FLAG && !auth) || (flags & PRIV_FLAG && !priv))
    throw new Error('protected for a user without keys');
  const answer = decodeV3(octets, flags & AUTH_FLAG ? auth : undefined, flags & PRIV_FLAG ? priv : undefined);
  expectFields('the answer', answer, {
    ...CLOCK,
    messageId: request.messageId,
    securityModel: 3,
    maxSize: 65_507,
  });
  if (userName !== request.userName) throw new Error(`an answer to ${userName}`);
  const isAuthentic = (request.flags & AUTH_FLAG) !== 0 && isSigned(datagram, request, auth);
  const least = { ...LIMITS, amplified: request.length * LIMITS.amplification };
  const limit = Math.min(least.any, request.maxSize, isAuthentic ? Infinity : least.amplified);
  if (octets.length > limit)
    throw new Error(`an answer of ${octets.length} octets, where ${limit} are the limit`);
  if (fate !== 'outGetResponses') {
    const { name, value } = reportOf(answer);
    const reported = REPORTED[name.join('.')];
    if (!REPORTS.includes(fate) || reported !== fate || value !== counted)
      throw new Error(`a Report of ${reported} ${value}, where ${fate} is ${counted}`);
    return;
  }
  if (flags !== (request.flags & LEVEL_FLAGS)) throw new Error(`a Response with flags ${flags}`);
  if (flags !== 0 && !isAuthentic) throw new Error('a Response to a message with a wrong digest');
  checkResponse(answer.pdu, isBulk && octets.length > LIMITS.bulk);
}

function checkResponse(
  pdu: { readonly tag: number; readonly content: Uint8Array },
  isLongBulk: boolean,
): void {
  // What is repeated of the request may have lengths that are longer than needed; a request cannot make it worse.
  const message = envelope(1, '', element(pdu.tag, [...pdu.content]));
  const { type, fieldA, fieldB, varbinds } = decode(message, false, false);
  if (type !== WIRE.response) throw new Error(`a PDU of type ${type}`);
  if (fieldA < 0 || fieldA > 18) throw new Error(`error-status ${fieldA}`);
  if (fieldB < 0 || (fieldA !== 0 && fieldB > varbinds.length)) {
    throw new Error(`error-index ${fieldB} of ${varbinds.length}`);
  }
  if (fieldA !== 0) return;
  decode(message, false);
  if (isLongBulk && varbinds.length > 1) throw new Error(`a GETBULK answer above ${LIMITS.bulk} octets`);
}

/** Throws unless `found` has all the fields. */
function expectFields(what: string, found: object, fields: object): void {
  for (const [name, wanted] of Object.entries(fields)) {
    const got = (found as Record<string, unknown>)[name];
    const same =
      wanted instanceof Uint8Array ? Buffer.compare(got as Uint8Array, wanted) === 0 : got === wanted;
    if (!same) throw new Error(`${what} has ${name} ${got}, and ${wanted} was expected`);
  }
}
