import type { Findings } from './diagnosis.ts';
import { engineIdProblem, engineIdText } from './engine-id.ts';
import { putUnreachable, silenceAdvice, silenceText } from './reach.ts';
import type { DoctorRequest, V3Security } from './request.ts';
import type { EngineClock, V3Manager } from './v3-manager.ts';

/**
 * The steps `answer` and `engine`: does an SNMPv3 agent answer, and who does it say that it is? The engine to go on
 * with; `undefined` when there is none.
 */
export async function engineStep(
  request: DoctorRequest,
  security: V3Security,
  manager: V3Manager,
  findings: Findings,
): Promise<EngineClock | undefined> {
  const outcome = await manager.discover();
  if (outcome.kind === 'unreachable') {
    putUnreachable(findings, request, outcome.code);
    return undefined;
  }
  if (outcome.kind === 'silence') {
    findings.failed('answer', silenceText(request, outcome.noise), [
      ...silenceAdvice(request, outcome.noise),
      'If the agent speaks SNMPv1 or SNMPv2c only, it does not answer this: virtsnmp doctor -v2c -c COMMUNITY ADDRESS.',
    ]);
    return undefined;
  }
  findings.ok('answer', `an SNMPv3 agent answers after ${Math.ceil(outcome.elapsedMs)} ms`);
  return engineOf(outcome.answer.engine, security.engineId, findings);
}

/** Judges the engine ID that an agent told, beside the one that the flags say. */
function engineOf(
  engine: EngineClock,
  given: Uint8Array | undefined,
  findings: Findings,
): EngineClock | undefined {
  const id = hex(engine.id);
  const words = `${id || 'empty'}: ${engineIdText(engine.id)}; boots ${engine.boots}, time ${engine.time} s`;
  const facts = { engineId: id, boots: engine.boots, timeSeconds: engine.time };
  const problem = engineIdProblem(engine.id);
  if (problem !== undefined) {
    findings.failed(
      'engine',
      `the agent's engine ID is not a legal one: ${problem}. It is ${words}`,
      'Give the agent a legal engine ID; managers may refuse this one.',
      facts,
    );
    // Without one there is nothing that a key could be made for.
    return engine.id.length === 0 || engine.id.length > 32 ? undefined : engine;
  }
  if (given && Buffer.compare(given, engine.id) !== 0) {
    findings.failed(
      'engine',
      `the request is made for the engine ID ${hex(given)}, but the agent's is ${words}`,
      `Leave -e out, so that the engine ID is discovered, or give the right one: -e 0x${id}.`,
      facts,
    );
    return engine;
  }
  findings.ok('engine', words, facts);
  return engine;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
