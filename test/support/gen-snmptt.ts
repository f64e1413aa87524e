/**
 * Writes `config/dashboards/snmptt/snmptt.conf` from the texts in `mibs/` with snmptt's own converter:
 * `npm run gen:snmptt`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mibFolders } from '../../agent/util/package-info.ts';

/** What is committed. */
export const SNMPTT_CONF = fileURLToPath(
  new URL('../../config/dashboards/snmptt/snmptt.conf', import.meta.url),
);

/** Modules whose notifications the agent sends. */
const MODULES = ['LIBVIRT-MIB', 'LIBVIRT-STATS-MIB', 'IF-MIB', 'VM-MIB', 'ENTITY-MIB', 'DISMAN-EVENT-MIB'];

/** Whether snmptt's tools are there. */
export function hasSnmptt(): boolean {
  return ['snmpttconvertmib', 'snmptt', 'snmptthandler'].every(
    (tool) => !spawnSync(tool, ['--version']).error,
  );
}

/** What snmptt's converter makes of the modules, without the places and times that it was made at. */
export function convertMibs(): string {
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-snmptt-'));
  try {
    const out = join(folder, 'snmptt.conf');
    for (const module of MODULES) {
      const result = spawnSync('snmpttconvertmib', [`--in=${textOf(module)}`, `--out=${out}`], {
        encoding: 'utf8',
        env: { ...process.env, MIBDIRS: mibFolders().join(':'), MIBS: 'ALL', SNMPCONFPATH: '/nonexistent' },
      });
      if (result.error) throw result.error;
      if (!/Failed translations:\s+0\b/.test(result.stdout))
        throw new Error(`snmpttconvertmib does not convert ${module}: ${result.stdout.slice(-500)}`);
    }
    return readFileSync(out, 'utf8').replace(/ \(file:.*?\) converted on .*? using/g, ' converted using');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The file with the text of a module. */
function textOf(module: string): string {
  const [own, base] = mibFolders();
  return [join(own, `${module}.txt`), join(base, `${module}.mib`)].find((file) => existsSync(file))!;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SNMPTT_CONF, convertMibs());
  console.log(`${SNMPTT_CONF}: written`);
}
