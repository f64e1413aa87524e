import type { Findings } from './diagnosis.ts';
import type { Noise } from './exchange.ts';
import type { DoctorRequest } from './request.ts';

/** What no answer looked like: how long it was waited for, and what came instead. */
export function silenceText({ timeoutMs, retries }: DoctorRequest, noise: Noise): string {
  const tries = retries === 0 ? 'one try' : `${retries + 1} tries`;
  const waited = `no answer to ${tries} of ${timeoutMs / 1000} s`;
  if (noise.count === 0) return waited;
  const came = noise.count === 1 ? 'one datagram came' : `${noise.count} datagrams came`;
  return `${waited}; ${came} that cannot count (${noise.why})`;
}

/** Puts down that the network refused a request. */
export function putUnreachable(findings: Findings, request: DoctorRequest, code: string): void {
  const { host, port } = request;
  const facts = { code };
  switch (code) {
    case 'ECONNREFUSED':
      findings.failed(
        'answer',
        `nothing listens on UDP port ${port} there (ICMP port unreachable)`,
        [
          `Start the agent on ${host}, or give the port that it listens on behind the address: ${host}:PORT.`,
          'An agent that listens on 127.0.0.1 only is not there for other machines: see where it listens with `ss -lun`.',
          'A firewall may also refuse in this way what it does not let through.',
        ],
        facts,
      );
      return;
    case 'EPERM':
    case 'EACCES':
      findings.failed(
        'answer',
        `this machine does not let datagrams go to ${host} (${code})`,
        'Look for a rule of the local firewall that forbids outgoing UDP to this address and port.',
        facts,
      );
      return;
    default:
      findings.failed(
        'answer',
        `the network has no way to ${host} (${code})`,
        'Check the address, the routes and any VPN: the datagram did not get there.',
        facts,
      );
  }
}

/** What to look at when nothing at all comes back. */
export function silenceAdvice({ host, port, timeoutMs }: DoctorRequest, noise: Noise): string[] {
  if (noise.count > 0) {
    return [
      `Something on ${host}:${port} answers, but not as an SNMP agent should: find out which program has that port.`,
    ];
  }
  return [
    `Check the address and port: ${host}:${port}. UDP gives no sign of a wrong one.`,
    `Look for a firewall between here and there that drops UDP port ${port}, in either direction, and for a list of allowed sources at the agent.`,
    'An agent on a machine with several addresses may answer from another one; such an answer does not count.',
    `If the agent is slow or far away, wait longer than ${timeoutMs / 1000} s: -t SECONDS.`,
  ];
}
