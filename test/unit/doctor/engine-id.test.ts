import { describe, expect, it } from 'vitest';
import { engineIdProblem, engineIdText } from '../../../agent/cli/doctor/engine-id.ts';
import { fromHex } from '../../support/hex.ts';

describe('an engine ID in words (RFC 3411 section 5)', () => {
  it.each([
    ['80001f8880266e5a5619c4046b00000000', 'Net-SNMP (enterprise 8072), random octets and a time'],
    ['80001f88050102030405', 'Net-SNMP (enterprise 8072), 5 octets that an administrator assigned'],
    ['8000000901c0000207', 'Cisco (enterprise 9), IPv4 address 192.0.2.7'],
    ['8000000901c00002', 'Cisco (enterprise 9), IPv4 address of 3 octets'],
    [
      '80000a4c0220010db8000000000000000000000007',
      'Juniper (enterprise 2636), IPv6 address 2001:0db8:0000:0000:0000:0000:0000:0007',
    ],
    ['8000000903001122aabbcc', 'Cisco (enterprise 9), MAC address 00:11:22:aa:bb:cc'],
    ['800000090473772d31', 'Cisco (enterprise 9), text "sw-1"'],
    ['8000000904731b5b326a', 'Cisco (enterprise 9), text "s?[2j"'],
    ['80000009070102', 'Cisco (enterprise 9), reserved format 7'],
    ['80000009fe0102', "Cisco (enterprise 9), the enterprise's own format 254"],
    ['ffffffff050102', 'enterprise 2147483647, 2 octets that an administrator assigned'],
    ['000000090102030405060708', 'Cisco (enterprise 9), in the form of SNMPv2'],
    ['0000000901', 'Cisco (enterprise 9), of 5 octets, not 12'],
    ['80000009', 'Cisco (enterprise 9)'],
    ['800000', 'too short to say whose it is'],
    ['', 'too short to say whose it is'],
  ])('%s', (hex, words) => {
    expect(engineIdText(fromHex(hex))).toBe(words);
  });

  it.each([
    ['00'.repeat(4), 'it has 4 octets, and RFC 3411 wants 5 to 32'],
    ['80'.repeat(33), 'it has 33 octets, and RFC 3411 wants 5 to 32'],
    ['00'.repeat(5), 'it is all zeros, which RFC 3411 forbids'],
    ['ff'.repeat(32), 'it is all ones, which RFC 3411 forbids'],
    ['80'.repeat(5), undefined],
    ['80'.repeat(32), undefined],
  ])('judges %s', (hex, problem) => {
    expect(engineIdProblem(fromHex(hex))).toBe(problem);
  });
});
