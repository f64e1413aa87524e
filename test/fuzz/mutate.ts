import { LAB } from '../support/laboratory.ts';
import {
  encode,
  type LengthForm,
  pduElement,
  value,
  varbindElement,
  WIRE,
  type WireMessage,
  type WireValue,
} from '../support/wire.ts';

/** Random numbers that the same seed repeats (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to below `sides`. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)]!;
  }
}

const NAMES = [
  '1.0',
  '2.0',
  '3.0',
  '4.0',
  '6.0',
  '8.0',
  '20',
  '20.1.2',
  '20.1.4.1',
  '20.1.5.5',
  '20.1.6.1',
  '30.1.2',
  '40.0',
];
const VALUES: readonly WireValue[] = [
  value.null,
  value.integer(-1),
  value.integer(7),
  value.octets('text'),
  value.oid('1.3.6.1.4.1'),
  value.address('abcd'),
  value.counter64(2n ** 64n - 1n),
  value.gauge32(2 ** 32 - 1),
  value.opaque('\x9f\x78'),
  value.ticks(5),
  value.endOfMibView,
];
const TYPES = [
  WIRE.get,
  WIRE.getNext,
  WIRE.getBulk,
  WIRE.set,
  WIRE.response,
  WIRE.inform,
  WIRE.trapV2,
  WIRE.report,
];
/** Octets at which something changes: signs, length forms, tags. */
const EDGES = [
  0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xa5, 0xfe, 0xff,
];

/** Sound messages of all kinds, to be sent as they are or damaged: to make one costs more than to answer it. */
export function soundMessages(dice: Dice, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => message(dice));
}

/** A datagram: one of the samples, with some damage or without, or nothing but noise. */
export function randomDatagram(dice: Dice, samples: readonly Uint8Array[]): Uint8Array {
  const choice = dice.roll(8);
  if (choice === 0) return Uint8Array.from({ length: dice.roll(200) }, () => dice.pick(EDGES));
  return choice < 4 ? dice.pick(samples) : damaged(dice, dice.pick(samples));
}

/** A sound PDU of some kind as an element, to be put into a message. */
export function soundPdu(dice: Dice): number[] {
  const form = lengthForm(dice);
  const pdu = pduFields(dice);
  const bindings = pdu.varbinds.flatMap((varbind) => varbindElement(varbind, form));
  return pduElement(pdu, bindings, form);
}

function message(dice: Dice): Uint8Array {
  const form = lengthForm(dice);
  return encode(
    {
      version: dice.pick([0, 1, 1, 1, 3]),
      community: dice.pick(['public', 'private', 'private', 'stranger']),
      ...pduFields(dice),
    },
    form,
  );
}

function lengthForm(dice: Dice): LengthForm {
  return dice.pick<LengthForm>(['minimal', 'minimal', 'minimal', 3, 4]);
}

function pduFields(dice: Dice): Omit<WireMessage, 'version' | 'community'> {
  const varbinds = Array.from({ length: dice.roll(dice.roll(20) === 0 ? 300 : 6) }, () => ({
    oid: dice.roll(8) === 0 ? `1.3.${dice.roll(2 ** 32)}` : `${LAB}.${dice.pick(NAMES)}`,
    value: dice.pick(VALUES),
  }));
  return {
    type: dice.pick(TYPES),
    requestId: dice.roll(2 ** 32) - 2 ** 31,
    fieldA: dice.pick([0, 0, 1, 5, -1, 2 ** 31 - 1]),
    fieldB: dice.pick([0, 1, 10, 1000, -1, 2 ** 31 - 1]),
    varbinds,
  };
}

/** Octets with one to four damages: changed, cut off, taken out, repeated. */
export function damaged(dice: Dice, sound: Uint8Array): Uint8Array {
  let octets = Array.from(sound);
  for (let times = 1 + dice.roll(4); times > 0; times--) {
    const at = dice.roll(octets.length);
    switch (dice.roll(6)) {
      case 0:
        octets[at] = dice.roll(256);
        break;
      case 1:
        octets[at] = dice.pick(EDGES);
        break;
      case 2:
        octets = octets.slice(0, at);
        break;
      case 3:
        octets.splice(at, 1 + dice.roll(4));
        break;
      case 4:
        octets.splice(at, 0, ...octets.slice(dice.roll(octets.length)).slice(0, 40));
        break;
      default:
        if (octets.length > 0) octets[at] = (octets[at]! ^ (1 << dice.roll(8))) & 0xff;
    }
    if (octets.length === 0) break;
  }
  return Uint8Array.from(octets);
}
