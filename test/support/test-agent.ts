import { presetAccess, presetFamilies } from '../../agent/access/presets.ts';
import { Vacm } from '../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../agent/access/vacm-rows.ts';
import { SnmpEngine, type Source } from '../../agent/engine/engine.ts';
import type { ResponseLimits } from '../../agent/engine/responder.ts';
import { SnmpCounters } from '../../agent/message/counters.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';
import type { BoundModule } from '../../agent/mib/module.ts';
import { Registry } from '../../agent/mib/registry.ts';
import { CommunityTable } from '../../agent/security/communities.ts';
import type { LogFields } from '../../agent/util/logger.ts';
import { decode, encode, value, WIRE, type WireMessage, type WireVarbind } from './wire.ts';

/** What an answer says beside what it repeats of the request. */
export interface Answer {
  readonly status: number;
  readonly index: number;
  readonly varbinds: readonly WireVarbind[];
  /** The answer as it went out. */
  readonly octets: Uint8Array;
}

/** A request: a PDU type, names or bindings, and what differs from a v2c request of `private`. */
export type Request = Partial<Omit<WireMessage, 'varbinds'>>;

export interface TestAgentOptions {
  readonly limits?: ResponseLimits;
  /** Counters that a module under test shows. */
  readonly counters?: SnmpCounters;
}

/** Access control by which a reader sees everything, and a writer sees and sets everything. */
function readersAndWriters(): Vacm {
  const vacm = new Vacm();
  const models = [SECURITY_MODEL.v1, SECURITY_MODEL.v2c];
  const kept = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;
  vacm.configure({
    contexts: [''],
    groups: models.flatMap((securityModel) =>
      ['reader', 'writer'].map((name) => ({ securityModel, securityName: name, groupName: name, ...kept })),
    ),
    access: ['reader', 'writer'].map((groupName) => ({
      ...presetAccess('admin', {
        securityModel: SECURITY_MODEL.any,
        securityLevel: SECURITY_LEVEL.noAuthNoPriv,
      }),
      groupName,
      ...(groupName === 'reader' ? { writeView: '' } : {}),
    })),
    families: presetFamilies(),
  });
  return vacm;
}

const LOOPBACK: Source = { address: '127.0.0.1', port: 50_000 };

/** An engine without sockets, with `public` reading, `private` writing, and all that it says kept. */
export class TestAgent {
  readonly counters: SnmpCounters;
  readonly engine: SnmpEngine;
  /** Error messages logged, with their fields. */
  readonly errors: { readonly message: string; readonly fields: LogFields }[] = [];
  /** Sources of messages that were not authentic. */
  readonly strangers: Source[] = [];

  constructor(modules: readonly BoundModule[], options: TestAgentOptions = {}) {
    this.counters = options.counters ?? new SnmpCounters();
    this.engine = new SnmpEngine({
      registry: new Registry(modules),
      communities: new CommunityTable([
        { name: 'public', securityName: 'reader', sources: ['127.0.0.0/8'] },
        { name: 'private', securityName: 'writer', sources: ['127.0.0.0/8'] },
      ]),
      vacm: readersAndWriters(),
      counters: this.counters,
      limits: options.limits ?? { bulk: 1472, any: 65_507 },
      logger: {
        debugEnabled: false,
        debug() {},
        info() {},
        warn() {},
        error: (message, fields = {}) => this.errors.push({ message, fields }),
      },
      onAuthenticationFailure: (source) => this.strangers.push(source),
    });
  }

  /** Gives the engine a datagram and copies what it answers. */
  send(datagram: Uint8Array, source = LOOPBACK): Uint8Array | undefined {
    return this.engine.process(datagram, source)?.slice();
  }

  /** Sends a request and decodes its answer, which must repeat version, community and request-id. */
  ask(type: number, names: readonly (string | WireVarbind)[], request: Request = {}): Answer | undefined {
    const varbinds = names.map((name) =>
      typeof name === 'string' ? { oid: name, value: value.null } : name,
    );
    const message: WireMessage = { ...DEFAULTS, type, varbinds, ...request };
    const octets = this.send(encode(message));
    if (!octets) return undefined;
    const answer = decode(octets);
    const { version, community, requestId } = message;
    const repeated = { version, community, requestId, type: WIRE.response };
    for (const [field, wanted] of Object.entries(repeated)) {
      const got = answer[field as keyof typeof repeated];
      if (got !== wanted) throw new Error(`the answer has ${field} ${got}, and ${wanted} was asked`);
    }
    return { status: answer.fieldA, index: answer.fieldB, varbinds: answer.varbinds, octets };
  }

  /** Runs something and returns by how much each counter went up, those that stayed left out. */
  counted(act: () => void): Record<string, number> {
    const before = { ...this.counters };
    act();
    const after = Object.entries(this.counters) as [keyof SnmpCounters, number][];
    return Object.fromEntries(
      after.map(([name, count]) => [name, count - before[name]] as const).filter(([, more]) => more !== 0),
    );
  }
}

const DEFAULTS = { version: 1, community: 'private', requestId: 1, fieldA: 0, fieldB: 0 };

/** A response's bindings as `name: type value` pairs that read well in a failed comparison. */
export function pairs(answer: Answer | undefined): unknown[] {
  return answer?.varbinds.map(({ oid, value: bound }) => [oid, bound]) ?? ['no answer'];
}
