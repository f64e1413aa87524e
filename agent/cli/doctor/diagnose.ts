import { VERSION } from '../../message/constants.ts';
import { errorText } from '../../util/errors.ts';
import { diagnoseCommunity } from './community-diagnosis.ts';
import type { Findings } from './diagnosis.ts';
import { Exchange, resolveHost } from './exchange.ts';
import { putUnreachable } from './reach.ts';
import type { DoctorRequest } from './request.ts';
import { diagnoseV3 } from './v3-diagnosis.ts';

/** All steps behind `flags`: makes the request against the agent, and puts down what is found. */
export async function diagnose(request: DoctorRequest, findings: Findings): Promise<void> {
  const { host, port, security } = request;
  const resolved = await resolve(request, findings);
  if (!resolved) return;
  const { address, family } = resolved;
  const where = family === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  findings.ok('address', address === host ? where : `${host} is ${where}`, { address, port });
  let exchange: Exchange;
  try {
    exchange = await Exchange.open(address, family, request);
  } catch (thrown) {
    putUnreachable(findings, request, (thrown as NodeJS.ErrnoException).code ?? errorText(thrown));
    return;
  }
  try {
    if (security.version === VERSION.V3) await diagnoseV3(request, security, exchange, findings);
    else await diagnoseCommunity(request, security, exchange, findings);
  } finally {
    exchange.close();
  }
}

async function resolve(
  request: DoctorRequest,
  findings: Findings,
): Promise<Awaited<ReturnType<typeof resolveHost>> | undefined> {
  try {
    return await resolveHost(request);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? errorText(thrown);
    findings.failed(
      'address',
      `the name ${request.host} cannot be resolved (${code})`,
      code === 'EAI_AGAIN'
        ? 'The name server does not answer: try again, or give the IP address.'
        : 'Check the spelling of the name, or give the IP address.',
      { code },
    );
    return undefined;
  }
}
