import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { moduleFolders } from '../../agent/mib/generate.ts';
import { type LoadedModules, loadModules, readClauses } from '../../agent/mib/smi-modules.ts';

const FACTS = new URL('../../../shared/facts/', import.meta.url);
const MODULES = [
  'ALARM-MIB',
  'DISMAN-EVENT-MIB',
  'ENTITY-MIB',
  'HOST-RESOURCES-MIB',
  'HOST-RESOURCES-TYPES',
  'NOTIFICATION-LOG-MIB',
  'SNMP-COMMUNITY-MIB',
  'SNMP-FRAMEWORK-MIB',
  'SNMP-MPD-MIB',
  'SNMP-NOTIFICATION-MIB',
  'SNMP-TARGET-MIB',
  'SNMP-USER-BASED-SM-MIB',
  'SNMP-USM-AES-MIB',
  'SNMP-VIEW-BASED-ACM-MIB',
  'VM-MIB',
];

/** What the facts of a module leave out; mib-definitions.test.ts compares its objects all the same. */
const LEFT_OUT: Readonly<Record<string, { readonly group: number; readonly object: number }>> = {
  'DISMAN-EVENT-MIB': { group: 2, object: 10 },
  'ENTITY-MIB': { group: 3, object: 12 },
};

// The fact tables are kept beside the project, not in it.
const factsAbsent = !existsSync(new URL('SNMP-MPD-MIB.tsv', FACTS));
if (factsAbsent)
  console.warn(`the comparison with the fact tables is skipped: there is no ${FACTS.pathname}`);

/** Rows of a fact table by column name. */
function readFacts(module: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(new URL(`${module}.tsv`, FACTS), 'utf8')
    .trimEnd()
    .split('\n');
  const keys = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(keys.map((key, i) => [key, cells[i] ?? '']));
  });
}

/** The items within braces, as the fact tables write lists. */
function list(text: string): string {
  return text
    .replace(/[{}]/g, '')
    .split(',')
    .map((item) => item.trim())
    .join(', ');
}

/** Text without spaces next to braces, where the fact tables and tokens differ. */
function tight(text: string): string {
  return text.replace(/\s*([{}()])\s*/g, '$1');
}

/** A MODULE-COMPLIANCE in the form of the fact tables: what is mandatory, and the refinements. */
function readCompliance(loaded: LoadedModules, module: string, name: string): string {
  const tokens = loaded.parser.SymbolBuffer[module] ?? [];
  const start = tokens.findIndex((token, i) => token === name && tokens[i + 1] === 'MODULE-COMPLIANCE');
  const text = tokens
    .slice(start + 2, tokens.indexOf('::=', start))
    .filter((token) => token !== 'DESCRIPTION' && !token.startsWith('"'))
    .join(' ');
  const keywords = / (?=(?:MODULE|MANDATORY-GROUPS|GROUP|OBJECT) )/;
  const parts: string[] = [];
  for (const clause of text.split(keywords).map((part) => part.trim())) {
    const [keyword = '', ...rest] = clause.split(/\s+/);
    const value = rest.join(' ');
    if (keyword === 'MODULE' && value !== '') parts.push(`module: ${value}`);
    if (keyword === 'MANDATORY-GROUPS') parts.push(`mandatory: ${list(value)}`);
    if (keyword === 'GROUP') parts.push(`conditional: ${value}`);
    if (keyword === 'OBJECT') {
      const [object = '', ...refined] = value.split(/ (?=(?:WRITE-SYNTAX|SYNTAX|MIN-ACCESS) )/);
      const refinements = refined.map((part) => part.replace(/^\S+/, (word) => word.toLowerCase()));
      parts.push(`refine: ${object} [${refinements.join('; ')}]`);
    }
  }
  return parts.join('; ');
}

describe.skipIf(factsAbsent)('what definitions leave out is as published', () => {
  const loaded = loadModules(moduleFolders(), MODULES);

  test.each(MODULES)('%s', (module) => {
    const compared = { group: 0, compliance: 0, object: 0, identity: 0 };
    for (const fact of readFacts(module)) {
      const { name = '', kind, syntax = '', objects, status, defval } = fact;
      if (kind === 'group') {
        const clauses = readClauses(loaded, module, name, syntax);
        const members = clauses.get('OBJECTS') ?? clauses.get('NOTIFICATIONS') ?? '';
        expect([name, list(members)]).toEqual([name, objects]);
        expect([name, clauses.get('STATUS')]).toEqual([name, status]);
        compared.group++;
      } else if (kind === 'compliance') {
        expect([name, tight(readCompliance(loaded, module, name))]).toEqual([name, tight(objects ?? '')]);
        expect(readClauses(loaded, module, name, 'MODULE-COMPLIANCE').get('STATUS')).toBe(status);
        compared.compliance++;
      } else if (kind === 'scalar' || kind === 'column') {
        const clause = readClauses(loaded, module, name, 'OBJECT-TYPE').get('DEFVAL') ?? '';
        expect([name, clause.replace(/^\{\s*|\s*\}$/g, '').replaceAll(' ,', ',')]).toEqual([name, defval]);
        compared.object++;
      } else if (syntax === 'OBJECT-IDENTITY') {
        expect([name, readClauses(loaded, module, name, syntax).get('STATUS')]).toEqual([name, status]);
        compared.identity++;
      }
    }
    const tokens = loaded.parser.SymbolBuffer[module] ?? [];
    const used = (macro: string) => tokens.filter((token, i) => token === macro && i > tokens.indexOf(';'));
    const tablesAndRows =
      tokens.filter((token, i) => token === '::=' && tokens[i + 1] === 'SEQUENCE').length * 2;
    const leftOut = LEFT_OUT[module] ?? { group: 0, object: 0 };
    expect(compared).toEqual({
      group: used('OBJECT-GROUP').length + used('NOTIFICATION-GROUP').length - leftOut.group,
      compliance: used('MODULE-COMPLIANCE').length,
      object: used('OBJECT-TYPE').length - tablesAndRows - leftOut.object,
      identity: used('OBJECT-IDENTITY').length,
    });
  });
});
