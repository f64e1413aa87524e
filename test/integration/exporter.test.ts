import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { generate, hasGenerator, SNMP_YML, SNMP_YML_0_21 } from '../support/gen-exporter.ts';

const hasTool = hasGenerator();
if (!hasTool && process.env['CI'] === 'true')
  throw new Error('prometheus-snmp-generator not found (Debian: prometheus-snmp-exporter)');
if (!hasTool)
  console.warn('skipped: snmp.yml is not generated again, for prometheus-snmp-generator is not found');

const read = (file: string) => readFileSync(file, 'utf8');

describe('the modules for snmp_exporter', () => {
  it.skipIf(!hasTool)('are what its generator makes of the MIBs', () => {
    const { current, flat } = generate();
    expect(read(SNMP_YML) === current, 'snmp.yml is old: npm run gen:exporter').toBe(true);
    expect(read(SNMP_YML_0_21) === flat, 'snmp-0.21.yml is old: npm run gen:exporter').toBe(true);
  });

  it('are the same in both formats, but for the credentials', () => {
    const { auths, modules } = parse(read(SNMP_YML));
    const { version, community } = auths.public_v2;
    const flat = Object.entries(parse(read(SNMP_YML_0_21)) as Record<string, object>);
    expect(flat.map(([name]) => name)).toEqual(Object.keys(modules));
    for (const [name, module] of flat)
      expect(module).toEqual({ ...modules[name], version, auth: { community } });
  });

  it('have the name of the guest as a label wherever its UUID is an index', () => {
    const { modules } = parse(read(SNMP_YML));
    const metrics: { name: string; indexes?: { labelname: string }[]; lookups?: { labelname: string }[] }[] =
      modules.libvirt.metrics;
    const ofGuests = metrics.filter(({ indexes }) => indexes?.[0]?.labelname === 'libvirtGuestUUID');
    expect(ofGuests.length).toBeGreaterThan(200);
    for (const { name, lookups } of ofGuests)
      expect(
        lookups?.map(({ labelname }) => labelname),
        name,
      ).toContain('libvirtGuestName');
  });
});
