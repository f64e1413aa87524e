import { describe, expect, it } from 'vitest';
import { nameText } from '../../../agent/cli/snmp/name-text.ts';
import { readOid } from '../../../agent/cli/snmp/oid-text.ts';
import { type OutputOptions, readOutputOptions } from '../../../agent/cli/snmp/output-options.ts';
import { setValue } from '../../../agent/cli/snmp/set-value.ts';
import { varbindText } from '../../../agent/cli/snmp/value-text.ts';
import type { ReadVarbind } from '../../../agent/cli/snmp/varbind.ts';
import { hintedText } from '../../../agent/mib/display-hint.ts';

const options = (letters: string) => readOutputOptions(letters) as OutputOptions;
const LAST_CHANGE = [1, 3, 6, 1, 2, 1, 1, 8, 0];

describe('values as text', () => {
  it.each([
    [0, '', '(0) 0:00:00.00'],
    [8_640_000, '', '(8640000) 1 day, 0:00:00.00'],
    [4_294_967_295, '', '(4294967295) 497 days, 2:27:52.95'],
  ])('tell %i hundredths of a second', (value, letters, text) => {
    const varbind: ReadVarbind = { oid: LAST_CHANGE, type: 'TimeTicks', value };
    expect(varbindText(varbind, options(letters))).toBe(`SNMPv2-MIB::sysORLastChange.0 = Timeticks: ${text}`);
  });

  it('tell days in a short form too', () => {
    const varbind: ReadVarbind = { oid: LAST_CHANGE, type: 'TimeTicks', value: 8_640_001 };
    expect(varbindText(varbind, options('q'))).toBe('SNMPv2-MIB::sysORLastChange.0 1:0:00:00.01');
  });

  it('tell a type that the module does not have', () => {
    const varbind: ReadVarbind = { oid: LAST_CHANGE, type: 'OctetString', value: Buffer.from('soon') };
    expect(varbindText(varbind, options(''))).toBe(
      'SNMPv2-MIB::sysORLastChange.0 = Wrong Type (should be Timeticks): STRING: "soon"',
    );
  });

  it('tell what is not there', () => {
    expect(varbindText({ oid: LAST_CHANGE, type: 'noSuchObject' }, options('v'))).toBe(
      'No Such Object available on this agent at this OID',
    );
  });

  it('take no letter that is not known', () => {
    expect(readOutputOptions('nz')).toEqual({ unknown: 'z' });
  });
});

describe('a hint (RFC 2579 section 3.1)', () => {
  it.each([
    ['1x:', [0x52, 0x54, 0, 1], '52:54:0:1'],
    ['255a', [0x61, 0x62], 'ab'],
    ['2d-1d-1d,1d:1d:1d.1d,1a1d:1d', [7, 234, 1, 5, 9, 0, 1, 0], '2026-1-5,9:0:1.0'],
    ['2d-1d-1d,1d:1d:1d.1d,1a1d:1d', [7, 234, 1, 5, 9, 0, 1, 0, 43, 1, 30], '2026-1-5,9:0:1.0,+1:30'],
    ['*1x:/1x:', [2, 10, 11, 12, 13], 'a:b/c:d'],
    ['1d.1d.1d.1d/2d', [192, 0, 2, 1, 0, 162], '192.0.2.1/162'],
  ])('%s', (hint, octets, text) => {
    expect(hintedText(Uint8Array.from(octets), hint)).toBe(text);
  });
});

describe('names as text and back', () => {
  it.each([
    'SNMPv2-MIB::sysName.0',
    "SNMP-TARGET-MIB::snmpTargetAddrTAddress.'noc'",
    'NOTIFICATION-LOG-MIB::nlmLogTime."errors".7',
    'SNMPv2-SMI::enterprises.9.1',
  ])('%s', (text) => {
    const read = readOid(text);
    expect(read).toHaveProperty('oid');
    expect(nameText((read as { oid: number[] }).oid, options(''))).toBe(text);
  });

  it('reads the names of numbers in an index', () => {
    const uuid = Array.from({ length: 16 }, (_, i) => i);
    const { oid } = readOid(`lvsQueueKicks.${uuid.join('.')}.0.0.tx`) as { oid: number[] };
    expect(nameText(oid, options('sb'))).toBe(`lvsQueueKicks.${uuid.join('.')}.0.0.2`);
  });

  it.each([
    ['sysUpTim.0', 'sysUpTime'],
    ['SNMPv2-MIBS::sysUpTime.0', 'SNMPv2-MIB'],
    ['SNMPv2-MIB::lvsHostName.0', 'LIBVIRT-STATS-MIB::lvsHostName'],
    ['sysUpTime."a".0', 'numbers'],
  ])('says what is wrong with %s', (text, change) => {
    expect(readOid(text)).toMatchObject({ change: expect.stringContaining(change) });
  });
});

describe('values for SET', () => {
  const enabled = [1, 3, 6, 1, 2, 1, 11, 30, 0];

  it.each([
    ['=', 'disabled', 2],
    ['i', 'enabled', 1],
    ['i', '-5', -5],
  ])('%s %s', (letter, text, value) => {
    expect(setValue(enabled, letter, text)).toMatchObject({ value });
  });

  it.each([
    ['i', 'enable', 'did you mean enabled'],
    ['u', '-1', 'no whole number'],
    ['x', 'abc', 'hexadecimal'],
    ['?', '1', 'no type'],
  ])('refuses %s %s', (letter, text, message) => {
    expect(() => setValue(enabled, letter, text)).toThrow(message);
  });
});
