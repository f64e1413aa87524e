import { describe, expect, it } from 'vitest';
import { nameOfOid } from '../../../agent/cli/doctor/object-names.ts';
import { readOid } from '../../../agent/cli/snmp/oid-text.ts';

describe('the OID that doctor asks for', () => {
  it.each([
    ['1.3.6.1.2.1.1.3.0', [1, 3, 6, 1, 2, 1, 1, 3, 0]],
    ['.1.3.6.1', [1, 3, 6, 1]],
    ['sysUpTime.0', [1, 3, 6, 1, 2, 1, 1, 3, 0]],
    ['SNMPv2-MIB::sysUpTime.0', [1, 3, 6, 1, 2, 1, 1, 3, 0]],
    ['libvirtGuestTable', [1, 3, 6, 1, 4, 1, 36957, 1, 1]],
    ['system', [1, 3, 6, 1, 2, 1, 1]],
  ])('reads %s', (text, oid) => {
    expect(readOid(text)).toEqual({ oid });
  });

  it.each([
    ['sysUpTme.0', 'the name sysUpTme is not known here', 'Write sysUpTime'],
    ['ipForwarding.0', 'the name ipForwarding is not known here', 'in numbers'],
    ['constructor', 'the name constructor is not known here', 'in numbers'],
    ['1.3.', '"1.3." is not an OID', 'sysUpTime.0'],
    ['sysUpTime.9999999999', 'has a number above 4294967295', 'at most 128'],
    [`sysUpTime${'.1'.repeat(130)}`, 'or too many', 'at most 128'],
  ])('refuses %s', (text, what, change) => {
    expect(readOid(text)).toEqual({
      problem: expect.stringContaining(what),
      change: expect.stringContaining(change),
    });
  });

  it.each([
    [[1, 3, 6, 1, 2, 1, 1, 3, 0], 'sysUpTime.0'],
    [[1, 3, 6, 1, 2, 1, 4, 1, 0], '1.3.6.1.2.1.4.1.0'],
    [[1, 3, 6, 1, 4, 1, 36957, 1, 1], 'libvirtGuestTable'],
    [[1, 3, ...new Array<number>(100).fill(7)], `1.3${'.7'.repeat(38)}...`],
  ])('shows %j', (oid, text) => {
    expect(nameOfOid(oid)).toBe(text);
  });
});
