import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { errorText, VirtsnmpError } from '../../util/errors.ts';

/** Where the control API is, and with what it is asked. */
export interface ApiTarget {
  /** `http://HOST:PORT`, or the path of a Unix socket. */
  readonly api: string;
  readonly token?: string;
}

/** Where a daemon of this machine listens unless it was told otherwise. */
export const DEFAULT_API = 'http://127.0.0.1:8161';

/** What a command was refused with, in the API's words. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'ApiRefusal';
    this.status = status;
  }
}

/** The target that flags and environment name. Throws OPERATION_FAILED for a token that cannot be read. */
export function apiTarget(
  flags: { readonly url?: string; readonly tokenFile?: string },
  env: NodeJS.ProcessEnv,
): ApiTarget {
  const api = flags.url ?? env['VIRTSNMP_API'] ?? DEFAULT_API;
  if (flags.tokenFile === undefined) {
    const token = env['VIRTSNMP_TOKEN'];
    return { api, ...(token !== undefined && { token }) };
  }
  try {
    return { api, token: readFileSync(flags.tokenFile, 'utf8').trim() };
  } catch (thrown) {
    throw new VirtsnmpError('OPERATION_FAILED', `the token cannot be read: ${errorText(thrown)}`);
  }
}

/** Talks to the control API of a running daemon. */
export class ApiClient {
  readonly #target: ApiTarget;

  constructor(target: ApiTarget) {
    this.#target = target;
  }

  /** The body of a GET as JSON. */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text('GET', path)) as T;
  }

  /** Sends a JSON body; resolves with the answer's, or `undefined` when it has none. */
  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = await this.text(method, path, body === undefined ? undefined : JSON.stringify(body));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /**
   * Sends a body as it is and resolves with the answer's text.
   *
   * Throws {@link ApiRefusal} for whatever the API refuses, and VirtsnmpError UNREACHABLE when nobody
   * answers.
   */
  async text(
    method: string,
    path: string,
    body?: string | Uint8Array,
    type = 'application/json',
  ): Promise<string> {
    return (await this.tagged(method, path, body, { 'Content-Type': type })).text;
  }

  /** The same with headers of one's own, and the answer's entity tag. */
  async tagged(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly text: string; readonly tag: string | undefined }> {
    const response = await this.#open(method, path, body, headers);
    if ((response.statusCode ?? 0) >= 400) throw await refusalOf(response);
    return { text: await bodyOf(response), tag: response.headers.etag };
  }

  /** The body of a GET as it comes. Throws as {@link text} does. */
  async stream(path: string): Promise<IncomingMessage> {
    const response = await this.#open('GET', path);
    if ((response.statusCode ?? 0) < 400) return response;
    throw await refusalOf(response);
  }

  /** Sends a request and resolves with the answer as it begins; whoever asked reads its body. */
  #open(
    method: string,
    path: string,
    body?: string | Uint8Array,
    own: Readonly<Record<string, string>> = {},
  ): Promise<IncomingMessage> {
    const { api, token } = this.#target;
    const headers = {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { ...own, 'Content-Length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = api.startsWith('http')
        ? (api.startsWith('https:') ? secureRequest : request)(new URL(path, api), { method, headers })
        : request({ socketPath: api, path, method, headers: { ...headers, Host: 'localhost' } });
      outgoing.once('response', resolve);
      outgoing.once('error', (error) => {
        const hint = 'is virtsnmp serving there? --url or VIRTSNMP_API says where it is';
        reject(new VirtsnmpError('UNREACHABLE', `${api} does not answer (${errorText(error)}): ${hint}`));
      });
      outgoing.end(body);
    });
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

async function refusalOf(response: IncomingMessage): Promise<ApiRefusal> {
  const status = response.statusCode ?? 0;
  const detail = detailOf(await bodyOf(response));
  return new ApiRefusal(status, detail ?? `the API answers with status ${status}`);
}

function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail : undefined;
  } catch {
    return undefined;
  }
}
