import { DecodeError, Reader } from '../../ber/reader.ts';
import { TAG } from '../../ber/tags.ts';
import { Writer } from '../../ber/writer.ts';
import {
  CommunityEnvelope,
  finishMessage,
  readCommunity,
  readVersion,
} from '../../message/community-message.ts';
import { type CommunityVersion, PDU } from '../../message/constants.ts';
import type { Oid } from '../../util/oid.ts';
import type { Exchange, Outcome, Reading } from './exchange.ts';
import { type PduAnswer, readAnswer, writeNames } from './pdu-answer.ts';

/** A manager's side of SNMPv1 and SNMPv2c (RFC 1157, RFC 1901). */
export class CommunityManager {
  readonly #exchange: Exchange;
  readonly #community: Uint8Array;
  readonly #writer = new Writer();
  readonly #reader = new Reader();
  readonly #envelope = new CommunityEnvelope();
  /** BOUNDED by the requests of one diagnosis. */
  readonly #earlier = new Set<number>();

  constructor(exchange: Exchange, community: string) {
    this.#exchange = exchange;
    this.#community = Buffer.from(community, 'utf8');
  }

  /** Asks for one name. An answer repeats version, community and request-id; all else is noise. */
  async ask(version: CommunityVersion, type: number, oid: Oid, tries?: number): Promise<Outcome<PduAnswer>> {
    const requestId = this.#exchange.newId();
    this.#envelope.version = version;
    this.#envelope.community = this.#community;
    writeNames(this.#writer, oid);
    finishMessage(this.#writer, this.#envelope, type, requestId, 0, 0);
    const read = (datagram: Uint8Array) => this.#read(datagram, version, requestId);
    const outcome = await this.#exchange.ask(this.#writer.view().slice(), read, tries);
    this.#earlier.add(requestId);
    return outcome;
  }

  #read(datagram: Uint8Array, version: CommunityVersion, requestId: number): Reading<PduAnswer> {
    const noise = (why: string): Reading<PduAnswer> => ({ kind: 'noise', why });
    const reader = this.#reader;
    try {
      reader.reset(datagram);
      if (readVersion(reader) !== version) return noise('it is of another SNMP version');
      if (reader.peekTag() !== TAG.OCTET_STRING) return noise('it has no community');
      readCommunity(reader, this.#envelope);
      if (Buffer.compare(this.#envelope.community, this.#community) !== 0) {
        return noise('it has another community');
      }
      const answer = readAnswer(reader);
      if (answer.type !== PDU.RESPONSE) return noise('it is no response');
      if (this.#earlier.has(answer.requestId)) return { kind: 'late' };
      return answer.requestId === requestId
        ? { kind: 'answer', answer }
        : noise('it answers another request');
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      return noise(`it is no SNMP message: ${thrown.message}`);
    }
  }
}
