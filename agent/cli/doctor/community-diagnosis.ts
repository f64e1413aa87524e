import { type CommunityVersion, PDU, VERSION } from '../../message/constants.ts';
import { CommunityManager } from './community-manager.ts';
import type { Findings } from './diagnosis.ts';
import { engineIdText } from './engine-id.ts';
import type { Exchange } from './exchange.ts';
import { objectSteps, SYS_UP_TIME } from './object-steps.ts';
import { putUnreachable, silenceAdvice, silenceText } from './reach.ts';
import type { CommunitySecurity, DoctorRequest } from './request.ts';
import { V3Manager } from './v3-manager.ts';

/** What people call the versions. */
export const VERSION_NAMES = { [VERSION.V1]: 'SNMPv1', [VERSION.V2C]: 'SNMPv2c' } as const;
const FLAGS = { [VERSION.V1]: '-v1', [VERSION.V2C]: '-v2c' } as const;

/** The steps of SNMPv1 and SNMPv2c behind the address. */
export async function diagnoseCommunity(
  request: DoctorRequest,
  { version, community }: CommunitySecurity,
  exchange: Exchange,
  findings: Findings,
): Promise<void> {
  const manager = new CommunityManager(exchange, community);
  const first = await manager.ask(version, PDU.GET, SYS_UP_TIME);
  if (first.kind === 'unreachable') {
    putUnreachable(findings, request, first.code);
    return;
  }
  if (first.kind === 'silence') {
    const says = silenceText(request, first.noise);
    await putSilence(request, version, manager, new V3Manager(exchange), findings, says, first.noise);
    return;
  }
  findings.ok('answer', `an ${VERSION_NAMES[version]} agent answers after ${Math.ceil(first.elapsedMs)} ms`);
  findings.ok('community', 'the agent takes the community');
  await objectSteps({
    request,
    findings,
    ask: (type, oid) => manager.ask(version, type, oid),
    base: first.answer,
    who: 'the community',
    accessAdvice: async () => [
      'Give the community a group and an access entry for this security model at the agent (VACM; Net-SNMP: rocommunity).',
    ],
  });
}

/** An agent does not answer a community that it does not take: finds out whether there is an agent at all. */
async function putSilence(
  request: DoctorRequest,
  version: CommunityVersion,
  manager: CommunityManager,
  v3: V3Manager,
  findings: Findings,
  says: string,
  noise: { readonly count: number; readonly why: string },
): Promise<void> {
  const otherVersion = version === VERSION.V1 ? VERSION.V2C : VERSION.V1;
  const other = await manager.ask(otherVersion, PDU.GET, SYS_UP_TIME, 1);
  if (other.kind === 'unreachable') {
    putUnreachable(findings, request, other.code);
    return;
  }
  if (other.kind === 'answer') {
    findings.ok('answer', `an agent answers ${VERSION_NAMES[otherVersion]}`);
    findings.failed(
      'community',
      `the agent takes the community with ${VERSION_NAMES[otherVersion]}, but not with ${VERSION_NAMES[version]}`,
      `Use ${FLAGS[otherVersion]}, or allow ${VERSION_NAMES[version]} at the agent.`,
    );
    return;
  }
  const discovery = await v3.discover(1);
  if (discovery.kind === 'answer') {
    const { id } = discovery.answer.engine;
    findings.ok('answer', `an agent is there: it answers SNMPv3 (${engineIdText(id)})`);
    findings.failed('community', `the agent does not answer this community with ${VERSION_NAMES[version]}`, [
      'Check the community: upper and lower case count, and an agent is silent about a wrong one.',
      'The agent may take the community from other source addresses only, or take no communities at all: then use SNMPv3 (-v3 -u USER -l authPriv ...).',
    ]);
    return;
  }
  const advice = silenceAdvice(request, noise);
  if (noise.count === 0) {
    advice.unshift(
      'Check the community: an agent is silent about a wrong one, and no SNMPv3 agent is there to tell it from no agent at all.',
    );
  }
  findings.failed('answer', says, advice);
}
