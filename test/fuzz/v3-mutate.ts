import { LAB } from '../support/laboratory.ts';
import { type V3Fields, v3Message } from '../support/v3-messages.ts';
import { element, pduElement, value, varbindElement, WIRE, type WireMessage } from '../support/wire.ts';
import { type Dice, damaged, randomDatagram, soundPdu } from './mutate.ts';
import { CLOCK, keysOf, USER_NAMES } from './v3-agent.ts';
import { digestOf, headerOf } from './v3-request.ts';

/** A message and the fields that it was made of. */
export interface V3Sample {
  readonly fields: V3Fields;
  readonly scopedPdu: readonly number[];
  readonly octets: Uint8Array;
}

const MAX_INTEGER = 2 ** 31 - 1;
const OTHER_ENGINE = Uint8Array.from(CLOCK.engineId, (octet, i) => (i === 12 ? octet + 1 : octet));

/** Fields that are not as they should be: one of these is put into a message before it is signed. */
const ODD_FIELDS: readonly ((dice: Dice) => V3Fields)[] = [
  (dice) => ({ messageId: dice.pick([0, -1, MAX_INTEGER, 2 ** 31]) }),
  (dice) => ({ maxSize: dice.pick([0, 483, 484, 485, 600, -1, MAX_INTEGER]) }),
  (dice) => ({ flags: dice.roll(256) }),
  (dice) => ({ flags: dice.roll(8) }),
  (dice) => ({ securityModel: dice.pick([0, 1, 2, 4, -1, MAX_INTEGER]) }),
  (dice) => ({ engineId: dice.pick([new Uint8Array(0), OTHER_ENGINE, new Uint8Array(33)]) }),
  (dice) => ({ boots: dice.pick([0, 4, 6, MAX_INTEGER]) }),
  (dice) => ({ time: dice.pick([0, 849, 850, 1150, 1151, MAX_INTEGER]) }),
  (dice) => ({ userName: dice.pick(['', 'stranger', 'x'.repeat(32), 'x'.repeat(33), ...USER_NAMES]) }),
  (dice) => ({ authOctets: octets(dice, [0, 1, 11, 12, 24, 48, 200]) }),
  (dice) => ({ privOctets: octets(dice, [0, 1, 7, 8, 9, 200]) }),
];

/** One message in so many is one whose end is known, as chance alone comes too seldom to these ends. */
const KNOWN_END = 10;
const CHANGE = known(WIRE.set, [{ oid: `${LAB}.6.0`, value: value.integer(1) }]);
const LARGE = known(
  WIRE.get,
  Array.from({ length: 60 }, () => ({ oid: `${LAB}.2.0`, value: value.null })),
);

/** Sound messages of all users, levels and PDUs; among them changes, and what has no room in the answer. */
export function soundSamples(dice: Dice, count: number): V3Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const userName = dice.pick(USER_NAMES);
    const { auth, priv } = keysOf(userName);
    const level = dice.pick([0, 1, 2, 2, 2]);
    const fields: V3Fields = {
      ...CLOCK,
      userName,
      messageId: dice.roll(2 ** 31),
      auth: level > 0 ? auth : undefined,
      priv: level > 1 ? priv && { ...priv, salt: Uint8Array.from(octets(dice, [8])) } : undefined,
    };
    if (i % KNOWN_END < 2) {
      const pdu = i % KNOWN_END === 0 ? CHANGE : LARGE;
      return sample({ ...fields, maxSize: 484 }, scoped(CLOCK.engineId, '', pdu));
    }
    const scopedPdu = scoped(
      dice.roll(12) === 0 ? OTHER_ENGINE : CLOCK.engineId,
      dice.pick(['', '', '', '', '', 'elsewhere', 'x'.repeat(255), 'x'.repeat(256)]),
      soundPdu(dice),
    );
    return sample(fields, scopedPdu);
  });
}

function sample(fields: V3Fields, scopedPdu: readonly number[]): V3Sample {
  return { fields, scopedPdu, octets: v3Message({ ...fields, scopedPdu }) };
}

function known(type: number, varbinds: WireMessage['varbinds']): number[] {
  const pdu = { type, requestId: 1, fieldA: 0, fieldB: 0, varbinds };
  return pduElement(
    pdu,
    varbinds.flatMap((varbind) => varbindElement(varbind)),
  );
}

/** A datagram: a sample as it is, or damaged before or after it was encrypted and signed, or one that was kept. */
export function randomV3Datagram(
  dice: Dice,
  samples: readonly V3Sample[],
  kept: readonly Uint8Array[],
): Uint8Array {
  const sample = dice.pick(samples);
  const { fields, scopedPdu } = sample;
  switch (dice.roll(8)) {
    case 0:
      return randomDatagram(dice, kept);
    case 1:
      return sample.octets;
    case 2:
      return damaged(dice, sample.octets);
    case 3:
    case 4:
      return v3Message({ ...fields, ...dice.pick(ODD_FIELDS)(dice), scopedPdu });
    case 5:
      return resigned(dice, sample);
    default:
      return v3Message({ ...fields, scopedPdu: [...damaged(dice, Uint8Array.from(scopedPdu))] });
  }
}

/** A sample with some octets changed anywhere but in its digest, which is made right again. */
function resigned(dice: Dice, { fields, octets: sound }: V3Sample): Uint8Array {
  const changed = Uint8Array.from(sound);
  const header = headerOf(sound);
  for (let times = 1 + dice.roll(3); times > 0; times--) changed[dice.roll(changed.length)] = dice.roll(256);
  if (fields.auth) changed.set(digestOf(changed, header, fields.auth), header.digestAt);
  return changed;
}

function scoped(engineId: Uint8Array, contextName: string, pdu: readonly number[]): number[] {
  return element(WIRE.Sequence, [
    ...element(WIRE.OctetString, [...engineId]),
    ...element(WIRE.OctetString, [...Buffer.from(contextName)]),
    ...pdu,
  ]);
}

function octets(dice: Dice, lengths: readonly number[]): number[] {
  return Array.from({ length: dice.pick(lengths) }, () => dice.roll(256));
}
