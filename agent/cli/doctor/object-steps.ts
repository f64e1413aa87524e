import { TAG } from '../../ber/tags.ts';
import { ERROR_STATUS, PDU } from '../../message/constants.ts';
import { compareOids, type Oid } from '../../util/oid.ts';
import type { Findings } from './diagnosis.ts';
import { type AskObject, type Binding, type PduAnswer, statusName, valueText } from './pdu-answer.ts';
import { putUnreachable, silenceText } from './reach.ts';
import type { DoctorRequest } from './request.ts';

/** sysUpTime.0: every agent has it (RFC 3418). */
export const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];

/** What the steps about access and the object need to know. */
export interface ObjectCase {
  readonly request: DoctorRequest;
  readonly findings: Findings;
  readonly ask: AskObject;
  /** The answer to a GET of sysUpTime.0. */
  readonly base: PduAnswer;
  /** Who asks, as in "the user NAME". */
  readonly who: string;
  /** Finds out what to change when access is refused. */
  readonly accessAdvice: () => Promise<readonly string[]>;
}

/** The steps `access` and `object`: may the one who asks read anything, and what he asked for? */
export async function objectSteps(found: ObjectCase): Promise<void> {
  const { request, findings, base, who } = found;
  if (isRefused(base)) return putRefused(found, base);
  const isBase = compareOids(request.oid, SYS_UP_TIME) === 0;
  const answer = isBase ? base : await asked(found, PDU.GET);
  if (!answer) return;
  if (isRefused(answer)) return putRefused(found, answer);
  findings.ok('access', `${who} may read`);
  const { binding } = answer;
  if (answer.status === ERROR_STATUS.noError && binding && !isException(binding)) {
    if (compareOids(binding.oid, request.oid) !== 0) {
      const says = `the answer is about ${request.nameOf(binding.oid)}, which was not asked for`;
      findings.failed('object', says, 'The agent answers wrongly: report it to its maker.');
      return;
    }
    findings.ok('object', `${request.nameOf(request.oid)} = ${valueText(binding)}`);
    return;
  }
  if (answer.status !== ERROR_STATUS.noError && answer.status !== ERROR_STATUS.noSuchName) {
    putErrorStatus(found, answer.status);
    return;
  }
  const next = await asked(found, PDU.GET_NEXT);
  if (next) putMissing(found, binding?.tag, answer.status, next);
}

/** The answer about the object in question; `undefined` when none came, which is put down. */
async function asked({ request, findings, ask }: ObjectCase, type: number): Promise<PduAnswer | undefined> {
  const outcome = await ask(type, request.oid);
  if (outcome.kind === 'answer') {
    if (outcome.answer.type !== PDU.REPORT) return outcome.answer;
    findings.failed(
      'object',
      `the agent answered the same user before, and now by a Report about ${request.nameOf(outcome.answer.binding?.oid ?? [])}`,
      'Ask again: if it comes and goes, the agent may have started again, or two agents answer behind this address.',
    );
    return undefined;
  }
  if (outcome.kind === 'unreachable') {
    putUnreachable(findings, request, outcome.code);
    return undefined;
  }
  const how = type === PDU.GET ? 'GET' : 'GETNEXT';
  const says = `a ${how} of ${request.nameOf(request.oid)}: ${silenceText(request, outcome.noise)}`;
  findings.failed('object', says, [
    'The agent answers other requests, but not this one: it may be too slow for it (-t SECONDS), limit how often it is asked, or fail. Its log should tell.',
  ]);
  return undefined;
}

/** RFC 3413 section 3.2: no group or access entry. Some agents say noAccess. */
function isRefused({ status }: PduAnswer): boolean {
  return status === ERROR_STATUS.authorizationError || status === ERROR_STATUS.noAccess;
}

async function putRefused({ findings, who, accessAdvice }: ObjectCase, { status }: PduAnswer): Promise<void> {
  const says = `${who} is known, but may not read here: ${statusName(status)}`;
  findings.failed('access', says, await accessAdvice(), { errorStatus: statusName(status) });
}

function putErrorStatus({ request, findings }: ObjectCase, status: number): void {
  const says = `the agent answers ${statusName(status)} for ${request.nameOf(request.oid)}`;
  const advice =
    status === ERROR_STATUS.genErr
      ? 'genErr means that the agent failed to find the value out: its log should tell why.'
      : status === ERROR_STATUS.tooBig
        ? 'tooBig means that the value does not fit the largest message that the agent sends.'
        : 'That is no answer that a read should get: look into the log of the agent.';
  findings.failed('object', says, advice, { errorStatus: statusName(status) });
}

/** Puts down that there is no value, and what GETNEXT shows of the neighbourhood. */
function putMissing(
  { request, findings, who, base }: ObjectCase,
  tag: number | undefined,
  status: number,
  next: PduAnswer,
): void {
  const { oid, nameOf } = request;
  const name = nameOf(oid);
  const exception =
    status === ERROR_STATUS.noSuchName
      ? 'noSuchName'
      : tag === TAG.NO_SUCH_INSTANCE
        ? 'noSuchInstance'
        : tag === TAG.NO_SUCH_OBJECT
          ? 'noSuchObject'
          : 'no value';
  const facts = { exception };
  const follower = follows(next, oid) ? next.binding : undefined;
  if (follower && isUnder(follower.oid, oid)) {
    findings.failed(
      'object',
      `${name} is no instance: what is below it begins with ${nameOf(follower.oid)} (${exception})`,
      `Ask for an instance, such as ${nameOf(follower.oid)}, or walk: snmpwalk instead of snmpget.`,
      facts,
    );
    return;
  }
  const behind = follower
    ? `the next that can be seen is ${nameOf(follower.oid)}`
    : 'nothing behind it can be seen';
  if (tag === TAG.NO_SUCH_INSTANCE) {
    const sibling =
      follower && isUnder(follower.oid, oid.slice(0, -1)) ? [`There is ${nameOf(follower.oid)}.`] : [];
    findings.failed(
      'object',
      `the object is there, but it has no instance ${name} now (noSuchInstance); ${behind}`,
      ['Check the index: an object that is no column of a table has the one instance 0.', ...sibling],
      facts,
    );
    return;
  }
  const others =
    base.status === ERROR_STATUS.noError && base.binding && !isException(base.binding)
      ? 'Other objects can be read, so the view is not empty.'
      : 'sysUpTime.0 cannot be read either, which every agent has: the view is empty or a narrow one.';
  findings.failed(
    'object',
    `${name} is not in the view of ${who}, or not there (${exception}); ${behind}`,
    [
      others,
      'An agent does not tell what is hidden from what is missing: look at the view in its configuration (vacmViewTreeFamilyTable), or ask as somebody who may see everything.',
    ],
    facts,
  );
}

function isException({ tag }: Binding): boolean {
  return tag === TAG.NO_SUCH_OBJECT || tag === TAG.NO_SUCH_INSTANCE || tag === TAG.END_OF_MIB_VIEW;
}

/** Whether an answer to GETNEXT names something that does follow. */
function follows({ status, binding }: PduAnswer, oid: Oid): boolean {
  if (status !== ERROR_STATUS.noError || !binding || isException(binding)) return false;
  return compareOids(binding.oid, oid) > 0;
}

function isUnder(oid: Oid, root: Oid): boolean {
  return oid.length > root.length && root.every((subid, i) => subid === oid[i]);
}
