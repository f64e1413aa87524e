/** Whether a name fits a pattern in which `*` stands for any characters, also none, and `?` for one. */
export function globMatch(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  /** Where the latest `*` stands, and what it covers so far. */
  let star = -1;
  let covered = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      covered = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++covered;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
