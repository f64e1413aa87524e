/** Where the web console's files are served. */
export const PAGE_FILES = '/ui/';

/** Whether a path belongs to the web console itself, which is the same for everybody, and not to the API. */
export function isPagePath(path: string): boolean {
  return path === '/' || path.startsWith(PAGE_FILES);
}
