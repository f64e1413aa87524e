const TOKEN = /"[^"]*"|--.*$|[^\s"]+/gm;
const MACROS = new Set([
  'OBJECT-TYPE',
  'OBJECT-IDENTITY',
  'MODULE-IDENTITY',
  'NOTIFICATION-TYPE',
  'OBJECT-GROUP',
  'NOTIFICATION-GROUP',
  'MODULE-COMPLIANCE',
]);

/** The DESCRIPTION of each name that a module's text defines by a macro of SMIv2, its lines joined. */
export function readDescriptions(text: string): ReadonlyMap<string, string> {
  const descriptions = new Map<string, string>();
  let name = '';
  let before = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('--')) continue;
    if (MACROS.has(token)) name = before;
    // Revisions and compliance items of the same name have theirs after it.
    if (before === 'DESCRIPTION' && token.startsWith('"') && !descriptions.has(name)) {
      descriptions.set(
        name,
        token
          .slice(1, -1)
          .trim()
          .replace(/\s*\n\s*/g, ' '),
      );
    }
    before = token;
  }
  return descriptions;
}
