import { signal } from '@preact/signals';
import { authorization, tokenWanted } from './token.ts';

/** Whether the API answers. */
export const reachable = signal(true);

/** A refusal of the API, in its own words. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'RefusedError';
    this.status = status;
  }
}

/** Asks the API; throws {@link RefusedError} for a refusal, and when nobody answers. */
export async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await ask(method, path, body);
  if (response.status === 401) tokenWanted.value = true;
  if (!response.ok) throw new RefusedError(response.status, await detailOf(response));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Reads from the API. */
export function get<T>(path: string): Promise<T> {
  return request<T>('GET', path);
}

async function ask(method: string, path: string, body: unknown): Promise<Response> {
  const headers = authorization();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    const response = await fetch(path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    reachable.value = true;
    return response;
  } catch {
    reachable.value = false;
    throw new RefusedError(0, 'virtsnmp does not answer');
  }
}

async function detailOf(response: Response): Promise<string> {
  try {
    const { detail } = (await response.json()) as { detail?: string };
    return detail ?? response.statusText;
  } catch {
    return response.statusText;
  }
}

/** A path about a guest, which several hosts may have under one name. */
export function guestPath(guest: { readonly host: string; readonly uuid: string }, rest = ''): string {
  return `/guests/${guest.uuid}${rest}?host=${encodeURIComponent(guest.host)}`;
}
