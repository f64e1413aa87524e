/**
 * Writes `config/dashboards/snmp_exporter/snmp*.yml` from its generator.yml and the texts in `mibs/`, with
 * snmp_exporter's own generator: `npm run gen:exporter`.
 *
 * Debian 12 has 0.21, whose files have the credentials within each module; since 0.23 they stand beside the modules,
 * which are the same else.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { mibFolders } from '../../agent/util/package-info.ts';

/** Where what is committed stands. */
const FOLDER = fileURLToPath(new URL('../../config/dashboards/snmp_exporter/', import.meta.url));
/** What is committed, for 0.23 and later, and for Debian's 0.21. */
export const SNMP_YML = join(FOLDER, 'snmp.yml');
export const SNMP_YML_0_21 = join(FOLDER, 'snmp-0.21.yml');

const GENERATOR = 'prometheus-snmp-generator';
const HEAD =
  '# Generated from generator.yml and the texts of the modules by `npm run gen:exporter`. Edit those.\n';

type Module = Readonly<Record<string, unknown>>;
/** What snmp.yml has in 0.21. */
type Flat = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

/** What generator.yml and snmp.yml have since 0.23. */
interface Current {
  readonly auths: Readonly<Record<string, Module & { readonly version: number; readonly community: string }>>;
  readonly modules: Readonly<Record<string, unknown>>;
}

/** Whether the generator is there. */
export function hasGenerator(): boolean {
  return !spawnSync(GENERATOR, ['--help']).error;
}

/** The text of snmp.yml for both formats. */
export function generate(): { readonly current: string; readonly flat: string } {
  const { auths, modules } = parse(readFileSync(join(FOLDER, 'generator.yml'), 'utf8')) as Current;
  const { version, community } = auths['public_v2']!;
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-exporter-'));
  try {
    const flatInput = Object.fromEntries(
      Object.entries(modules).map(([name, module]) => [
        name,
        { version, auth: { community }, ...(module as Module) },
      ]),
    );
    writeFileSync(join(folder, 'generator.yml'), stringify({ modules: flatInput }));
    const result = spawnSync(GENERATOR, ['generate', '-o', 'snmp.yml'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, MIBDIRS: mibFolders().join(':'), MIBS: 'ALL', SNMPCONFPATH: '/nonexistent' },
    });
    if (result.error) throw result.error;
    if (result.status !== 0) throw new Error(`${GENERATOR}: ${result.stderr.slice(-500)}`);
    // The keys of enumerations have to stay numbers.
    const flat = parse(readFileSync(join(folder, 'snmp.yml'), 'utf8'), { mapAsMap: true }) as Flat;
    return { flat: textOf(flat), current: textOf(currentOf(flat, auths)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same modules in the format of 0.23 and later. */
function currentOf(flat: Flat, auths: Current['auths']): Current {
  const modules = Array.from(flat, ([name, module]) => {
    const settings = Array.from(module).filter(([key]) => key !== 'version' && key !== 'auth');
    return [name, new Map(settings)] as const;
  });
  return { auths, modules: Object.fromEntries(modules) };
}

function textOf(data: unknown): string {
  return HEAD + stringify(data, { lineWidth: 130, aliasDuplicateObjects: false });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { current, flat } = generate();
  writeFileSync(SNMP_YML, current);
  writeFileSync(SNMP_YML_0_21, flat);
  console.log(`${SNMP_YML}, ${SNMP_YML_0_21}: written`);
}
