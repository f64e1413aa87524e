import { Reader } from '../ber/reader.ts';
import { TAG } from '../ber/tags.ts';
import { MAX_VALUE, Writer } from '../ber/writer.ts';
import { Evaluation } from '../dispatch/evaluation.ts';
import { evaluateSet } from '../dispatch/set.ts';
import { ERROR_STATUS, PDU } from '../message/constants.ts';
import { Pdu, readPdu } from '../message/pdu.ts';
import type { Registry } from '../mib/registry.ts';
import { appendValue } from '../mib/value.ts';
import type { SetObject } from '../objects/event-mib/event-runner.ts';
import type { Logger } from '../util/logger.ts';

/** The requester of what the configuration wants to be set: none that a security model knows. */
const CONFIGURATION = { securityModel: 0, securityName: '', securityLevel: 3 } as const;

/**
 * Sets an object of a registry to a number by a SetRequest that never was a message, so that all that is tested of one
 * is tested of it.
 */
export function objectSetter(registry: Registry, logger: Logger): SetObject {
  const pdu = new Pdu();
  const writer = new Writer();
  const evaluation = new Evaluation(pdu, new Writer(), registry, logger);
  return (oid, value, view, creator) => {
    const leaf = registry.covering(oid, 0, oid.length);
    // Only the name is judged where there is no such object: the type of the value does not matter then.
    const tag = leaf?.tag ?? TAG.INTEGER;
    writer.reset();
    const request = writer.open(PDU.SET);
    for (let field = 0; field < 3; field++) writer.appendInteger(0);
    const list = writer.open(TAG.SEQUENCE);
    const binding = writer.open(TAG.SEQUENCE);
    writer.appendOid(oid);
    try {
      appendValue(writer, tag, value);
    } catch {
      // mteEventSetValue is an Integer32, which not every type has a value for.
      return ERROR_STATUS.wrongType;
    }
    for (const mark of [binding, list, request]) writer.close(mark);
    const reader = new Reader();
    reader.reset(writer.view());
    readPdu(reader, pdu);
    const requester = creator === 'configuration' ? CONFIGURATION : creator;
    evaluation.begin(false, requester, view, MAX_VALUE, MAX_VALUE);
    evaluateSet(evaluation);
    return evaluation.status;
  };
}
