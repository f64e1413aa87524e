import { ViewCompiler } from '../../../agent/access/compiled-view.ts';
import { type ViewFamily, ViewTree } from '../../../agent/access/view-tree.ts';
import { Reader } from '../../../agent/ber/reader.ts';
import { Writer } from '../../../agent/ber/writer.ts';
import { Evaluation } from '../../../agent/dispatch/evaluation.ts';
import { evaluateGet } from '../../../agent/dispatch/get.ts';
import { evaluateGetBulk } from '../../../agent/dispatch/get-bulk.ts';
import { evaluateGetNext } from '../../../agent/dispatch/get-next.ts';
import { evaluateSet } from '../../../agent/dispatch/set.ts';
import {
  CommunityEnvelope,
  finishResponse,
  readCommunity,
  readVersion,
} from '../../../agent/message/community-message.ts';
import { Pdu, readPdu } from '../../../agent/message/pdu.ts';
import type { BoundModule } from '../../../agent/mib/module.ts';
import { Registry } from '../../../agent/mib/registry.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { decode, encode, value, WIRE, type WireMessage, type WireVarbind } from '../../support/wire.ts';

const EVALUATE: Readonly<Record<number, (e: Evaluation) => void>> = {
  [WIRE.get]: evaluateGet,
  [WIRE.getNext]: evaluateGetNext,
  [WIRE.getBulk]: evaluateGetBulk,
  [WIRE.set]: evaluateSet,
};

/** The evaluation of requests through a view, without communities and without sockets. */
export class ViewedAgent {
  readonly registry: Registry;
  readonly #compiler: ViewCompiler;

  constructor(modules: readonly BoundModule[]) {
    this.registry = new Registry(modules);
    this.#compiler = new ViewCompiler(this.registry);
  }

  /** The answer to a request of SNMPv2c that looks through `tree`; `fields` are those of a GETBULK. */
  ask(
    tree: ViewTree,
    type: number,
    names: readonly (string | WireVarbind)[],
    fields: Partial<WireMessage> = {},
  ): WireMessage {
    const varbinds = names.map((name) =>
      typeof name === 'string' ? { oid: name, value: value.null } : name,
    );
    const message = {
      version: 1,
      community: '',
      requestId: 1,
      fieldA: 0,
      fieldB: 0,
      type,
      varbinds,
      ...fields,
    };
    const reader = new Reader();
    const envelope = new CommunityEnvelope();
    const pdu = new Pdu();
    reader.reset(encode(message));
    envelope.version = readVersion(reader);
    readCommunity(reader, envelope);
    readPdu(reader, pdu);
    const writer = new Writer();
    const e = new Evaluation(pdu, writer, this.registry, silentLogger);
    e.begin(message.version === 0, e.requester, this.#compiler.compile(tree), 60_000, 60_000);
    EVALUATE[type]!(e);
    if (e.bindings === 'echoed') {
      writer.reset();
      writer.append(pdu.bytes, pdu.bindingsStart, pdu.bindingsEnd);
    }
    finishResponse(writer, envelope, pdu.requestId, e.status, e.index);
    return decode(writer.view());
  }

  /** Everything that a walk by GETNEXT shows, in its order. */
  walk(tree: ViewTree, version = 1): WireVarbind[] {
    const seen: WireVarbind[] = [];
    for (let name = '0.0'; ; ) {
      const answer = this.ask(tree, WIRE.getNext, [name], { version });
      const [varbind] = answer.varbinds;
      if (answer.fieldA !== 0 || !varbind || varbind.value.tag === WIRE.endOfMibView) return seen;
      if (seen.length > 100_000) throw new Error('the walk does not end');
      seen.push(varbind);
      name = varbind.oid;
    }
  }
}

/** A tree out of families such as `+1.3.6` and `-1.3.6.1/f8`: included or not, subtree, and mask in hexadecimal. */
export function tree(...families: readonly string[]): ViewTree {
  return new ViewTree(families.map(family));
}

function family(text: string): ViewFamily {
  const [subtree = '', mask = ''] = text.slice(1).split('/');
  return {
    subtree: subtree.split('.').map(Number),
    mask: Buffer.from(mask, 'hex'),
    included: text.startsWith('+'),
  };
}
