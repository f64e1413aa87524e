import { HTTPException } from 'hono/http-exception';
import type { ErrorCode } from '../util/errors.ts';
import { VirtsnmpError } from '../util/errors.ts';

/** A refusal as problem details (RFC 9457), with the project's stable code. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: ErrorCode | 'NOT_FOUND' | 'AMBIGUOUS' | 'REQUEST_INVALID' | 'FORBIDDEN' | 'INTERNAL';
}

/** Media type of problem details (RFC 9457 section 3). */
export const PROBLEM_TYPE = 'application/problem+json';

/** A request that cannot be served, thrown by a handler. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** Nothing has this name. `kind` is what was looked for; `known` says what there is, where nothing is near. */
export function notFound(
  kind: string,
  name: string,
  nearest: string | undefined,
  known?: string,
): ProblemError {
  const hint =
    nearest === undefined ? (known === undefined ? '' : `; ${known}`) : `; did you mean ${nearest}?`;
  return new ProblemError({
    status: 404,
    title: 'Not found',
    detail: `no ${kind} ${name}${hint}`,
    code: 'NOT_FOUND',
  });
}

/** The status that an expected failure of the emulation is answered with. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: 400,
  DOMAIN_INVALID: 400,
  SNAPSHOT_INVALID: 400,
  OPERATION_INVALID: 409,
  DUPLICATE: 409,
};

/** What anything that a handler threw is answered with; `undefined` for what nobody expected. */
export function problemOf(thrown: unknown): Problem | undefined {
  if (thrown instanceof ProblemError) return thrown.problem;
  // What the framework refuses: a body that is no JSON.
  if (thrown instanceof HTTPException && thrown.status < 500) return badRequest(thrown.message).problem;
  if (!(thrown instanceof VirtsnmpError)) return undefined;
  const status = STATUS[thrown.code] ?? 500;
  return { status, title: TITLES[status] ?? 'Failed', detail: thrown.message, code: thrown.code };
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  409: 'Conflict',
  500: 'Failed',
};

/** The request is not what the route takes. */
export function badRequest(detail: string): ProblemError {
  return new ProblemError({ status: 400, title: 'Bad request', detail, code: 'REQUEST_INVALID' });
}

/** The state of things does not allow it. */
export function conflict(detail: string): ProblemError {
  return new ProblemError({ status: 409, title: 'Conflict', detail, code: 'OPERATION_INVALID' });
}
