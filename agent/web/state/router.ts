import { signal } from '@preact/signals';

/** Where the page is: the parts of the hash between slashes, and its query. */
export interface Route {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** The present route. */
export const route = signal(parse(location.hash));

addEventListener('hashchange', () => {
  route.value = parse(location.hash);
});

function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return {
    parts: path.split('/').filter(Boolean).map(decodeURIComponent),
    query: new URLSearchParams(query),
  };
}

/** The hash of a route. */
export function href(...parts: readonly string[]): string {
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** The hash of a guest's page. */
export function guestHref({ host, uuid }: { readonly host: string; readonly uuid: string }): string {
  return href('guest', host, uuid);
}
