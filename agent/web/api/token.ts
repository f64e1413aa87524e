import { signal } from '@preact/signals';

const KEY = 'virtsnmp-token';

/** The token of the control API, as long as this tab is open; empty when none was needed so far. */
export const token = signal(sessionStorage.getItem(KEY) ?? '');

/** Whether the API has refused what it was asked for want of the right token. */
export const tokenWanted = signal(false);

/** Keeps the token for this tab. */
export function keepToken(text: string): void {
  sessionStorage.setItem(KEY, text);
  token.value = text;
  tokenWanted.value = false;
}

/** The header that a request brings. */
export function authorization(): Record<string, string> {
  return token.value === '' ? {} : { Authorization: `Bearer ${token.value}` };
}
