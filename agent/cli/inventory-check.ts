import type { DomainConfig } from '../emulation/domain/domain-config.ts';
import { readDomainFiles } from '../emulation/inventory/xml-folder.ts';
import { EXIT } from './exit-code.ts';

/** One domain as `inventory check --json` prints it: amounts in KiB, devices counted. */
export interface CheckedDomain {
  readonly name: string;
  readonly uuid: string;
  readonly type: string;
  readonly memoryKiB: number;
  readonly currentMemoryKiB: number;
  readonly vcpus: number;
  readonly maxVcpus: number;
  readonly nics: number;
  readonly disks: number;
}

/**
 * The command `inventory check PATH...`: reads libvirt domain XML and says what it defines.
 *
 * What was read goes to `out`, as one JSON array or as a table; each refused file is one line to `err`. Files that
 * share a name or UUID are refused from the second on, as when they are served together. Returns the exit code:
 * 0, or 1 when anything was refused.
 */
export function inventoryCheck(
  paths: readonly string[],
  options: { readonly json: boolean },
  out: (line: string) => void,
  err: (line: string) => void,
): number {
  const { domains, refused } = readDomainFiles(paths);
  const checked = domains.map(summary);
  if (options.json) out(JSON.stringify(checked, null, 2));
  else for (const line of table(checked)) out(line);
  for (const { message } of refused) err(message);
  return refused.length > 0 ? EXIT.failed : EXIT.ok;
}

function summary(domain: DomainConfig): CheckedDomain {
  const { name, uuid, type, memoryKiB, currentMemoryKiB, vcpus, maxVcpus, nics, disks } = domain;
  return {
    name,
    uuid,
    type,
    memoryKiB,
    currentMemoryKiB,
    vcpus,
    maxVcpus,
    nics: nics.length,
    disks: disks.length,
  };
}

const HEADINGS = ['NAME', 'UUID', 'TYPE', 'MEMORY KiB', 'CURRENT KiB', 'VCPUS', 'MAX', 'NICS', 'DISKS'];
/** Columns from this one on are numbers, and stand at the right. */
const FIRST_NUMBER = 3;

function table(domains: readonly CheckedDomain[]): string[] {
  const rows = domains.map((domain) => Object.values(domain).map((value) => printable(String(value))));
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]!.length)),
  );
  return [HEADINGS, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column < FIRST_NUMBER ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** A name may hold anything but a slash and a line feed; a terminal should not act on it. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
