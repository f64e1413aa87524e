import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { isPagePath } from './page/page-path.ts';
import { PROBLEM_TYPE, type Problem } from './problem.ts';

/** Who may use the API over one of its sockets. */
export interface GuardOptions {
  /** The secret that each request must bring (RFC 6750 section 2.1); nobody needs one when absent. */
  readonly token: string | undefined;
  /** Names under which the API may be asked beside numeric addresses and localhost. */
  readonly names: readonly string[];
}

/**
 * Lets in whom the options let in.
 *
 * A page of another site that a browser shows may send requests here: their Origin tells, and after DNS
 * rebinding their Host does. A request without Origin comes from no page.
 */
export function guard({ token, names }: GuardOptions): MiddlewareHandler {
  const known = new Set(['localhost', ...names]);
  return async (context, next) => {
    const host = context.req.header('host');
    if (host === undefined || !isOurs(host, known)) {
      return refuse(
        403,
        'FORBIDDEN',
        `the API is not to be asked as ${host ?? 'nobody'}: use its address or localhost`,
      );
    }
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      return refuse(403, 'FORBIDDEN', `a page of ${origin} may not use this API`);
    }
    // The page itself tells nothing: what it shows it asks for with the token.
    if (
      token !== undefined &&
      !isPagePath(context.req.path) &&
      !isToken(context.req.header('authorization'), token)
    ) {
      return refuse(401, 'FORBIDDEN', 'this API wants a header Authorization: Bearer TOKEN with its token', {
        'WWW-Authenticate': 'Bearer realm="virtsnmp"',
      });
    }
    await next();
    return undefined;
  };
}

/** A response with problem details. */
export function refuse(
  status: number,
  code: Problem['code'],
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const title = status === 401 ? 'Unauthorized' : status === 403 ? 'Forbidden' : 'Refused';
  const body: Problem = { status, title, detail, code };
  return Response.json(body, { status, headers: { ...headers, 'Content-Type': PROBLEM_TYPE } });
}

function isOurs(host: string, known: ReadonlySet<string>): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return known.has(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Compares in a time that does not depend on where the two differ. */
function isToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (given === undefined) return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
