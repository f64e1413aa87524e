import type { Vacm } from '../access/vacm.ts';
import { DecodeError, Reader } from '../ber/reader.ts';
import { Writer } from '../ber/writer.ts';
import { CommunityEnvelope, readCommunity, readVersion } from '../message/community-message.ts';
import { VERSION } from '../message/constants.ts';
import type { SnmpCounters } from '../message/counters.ts';
import { Pdu } from '../message/pdu.ts';
import type { Registry } from '../mib/registry.ts';
import type { CommunityTable } from '../security/communities.ts';
import type { Logger } from '../util/logger.ts';
import { CommunityFrame } from './community-frame.ts';
import { Responder, type ResponseLimits, unauthenticatedLimit } from './responder.ts';
import { RightsBook } from './rights.ts';
import { type V3Options, V3Processor, type Workspace } from './v3-processor.ts';

/** Where a datagram came from. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

export interface EngineOptions {
  readonly registry: Registry;
  readonly communities: CommunityTable;
  /** Says what the sender of each request may do. */
  readonly vacm: Vacm;
  readonly counters: SnmpCounters;
  readonly limits: ResponseLimits;
  readonly logger: Logger;
  /** Users, keys and the engine's identity; without it, SNMPv3 is a version that is not spoken. */
  readonly usm?: V3Options;
  /** Called for a message that was not properly authenticated (RFC 3418 authenticationFailure). */
  readonly onAuthenticationFailure?: (source: Source) => void;
}

/** Buffers for one datagram at a time; shared by all engines of the process, as nothing waits in between. */
class EngineWorkspace implements Workspace {
  readonly reader = new Reader();
  readonly pdu = new Pdu();
  readonly envelope = new CommunityEnvelope();
  readonly writer = new Writer();
  readonly frame = new CommunityFrame(this.envelope);
}

const workspace = new EngineWorkspace();

/**
 * An SNMP engine with a command responder: a datagram in, a datagram or nothing out, no I/O.
 *
 * Reading top to bottom is following a datagram through the agent; each early return adds to one counter.
 * A request is evaluated without waiting, so its answer shows one instant.
 */
export class SnmpEngine {
  communities: CommunityTable;
  readonly #responder: Responder;
  readonly #v3: V3Processor | undefined;
  readonly #counters: SnmpCounters;
  readonly #logger: Logger;
  readonly #onAuthenticationFailure: (source: Source) => void;

  constructor(options: EngineOptions) {
    this.communities = options.communities;
    this.#counters = options.counters;
    this.#logger = options.logger;
    const { pdu, writer } = workspace;
    const rights = new RightsBook(options.vacm, options.registry);
    this.#responder = new Responder({ ...options, pdu, writer, rights });
    this.#v3 = options.usm && new V3Processor(options.usm, this.#responder, workspace, options);
    this.#onAuthenticationFailure = options.onAuthenticationFailure ?? (() => {});
  }

  /** Bounds on the size of answers. */
  set limits(limits: ResponseLimits) {
    this.#responder.limits = limits;
  }

  /**
   * Takes one datagram and returns the answer, or `undefined` when there is none.
   * The answer is a view into a shared buffer: it must be sent or copied before the next call, or the
   * buffer given up with {@link detachAnswer}. Never throws.
   */
  process(datagram: Uint8Array, source: Source): Uint8Array | undefined {
    this.#counters.inPkts++;
    try {
      return this.#receive(datagram, source);
    } catch (thrown) {
      if (thrown instanceof DecodeError) {
        this.#counters.inAsnParseErrs++;
        if (this.#logger.debugEnabled) {
          this.#logger.debug('dropped a datagram', { from: source.address, reason: thrown.message });
        }
      } else {
        this.#counters.silentDrops++;
        const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        this.#logger.error('a datagram could not be processed', { from: source.address, error: text });
      }
      return undefined;
    }
  }

  /** Leaves the last answer to the socket that is still sending it. */
  detachAnswer(): void {
    workspace.writer.detach();
  }

  #receive(datagram: Uint8Array, source: Source): Uint8Array | undefined {
    const { reader, envelope } = workspace;
    reader.reset(datagram);
    const version = readVersion(reader);
    if (version === VERSION.V3 && this.#v3) return this.#v3.receive(source);
    if (version !== VERSION.V1 && version !== VERSION.V2C) {
      this.#counters.inBadVersions++;
      return undefined;
    }
    envelope.version = version;
    readCommunity(reader, envelope);
    const community = this.communities.match(envelope.community, source.address);
    if (!community) {
      this.#counters.inBadCommunityNames++;
      this.#onAuthenticationFailure(source);
      return undefined;
    }
    const maxSize = unauthenticatedLimit(this.#responder.limits, datagram.length);
    return this.#responder.respond(reader, workspace.frame.of(community.principals[version], maxSize));
  }
}
