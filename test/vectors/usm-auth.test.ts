import { describe, expect, it } from 'vitest';
import { authProtocolByName, digestIsRight, messageDigest } from '../../agent/security/usm/auth-protocols.ts';
import { Secret } from '../../agent/util/secret.ts';

const octets = (octet: number, count: number) => Buffer.alloc(count, octet);
const ascii = (text: string) => Buffer.from(text, 'ascii');

/** The test cases of RFC 2202 (MD5 and SHA-1) and RFC 4231 (SHA-2), as hexadecimal of the whole HMAC. */
const CASES: readonly {
  readonly what: string;
  readonly key: Uint8Array;
  readonly data: Uint8Array;
  readonly hmac: Readonly<Record<string, string>>;
}[] = [
  {
    what: 'RFC 2202 sections 2 and 3, test case 1 (MD5 has a key of 16 octets)',
    key: octets(0x0b, 16),
    data: ascii('Hi There'),
    hmac: { MD5: '9294727a3638bb1c13f48ef8158bfc9d' },
  },
  {
    what: 'RFC 2202 section 3 and RFC 4231 section 4.2: a key of 20 octets',
    key: octets(0x0b, 20),
    data: ascii('Hi There'),
    hmac: {
      SHA: 'b617318655057264e28bc0b6fb378c8ef146be00',
      'SHA-224': '896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22',
      'SHA-256': 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      'SHA-384':
        'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
      'SHA-512':
        '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    },
  },
  {
    what: 'RFC 2202 sections 2 and 3, RFC 4231 section 4.3: a key shorter than the HMAC',
    key: ascii('Jefe'),
    data: ascii('what do ya want for nothing?'),
    hmac: {
      MD5: '750c783e6ab0b503eaa86e310a5db738',
      SHA: 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
      'SHA-224': 'a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44',
      'SHA-256': '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      'SHA-384':
        'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
      'SHA-512':
        '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
    },
  },
  {
    what: 'RFC 4231 section 4.6: cut to 128 bits',
    key: octets(0x0c, 20),
    data: ascii('Test With Truncation'),
    hmac: {
      'SHA-224': '0e2aea68a90c8d37c988bcdb9fca6fa8',
      'SHA-256': 'a3b6167473100ee06e0c796c2955552b',
      'SHA-384': '3abf34c3503b2a23a46efc619baef897',
      'SHA-512': '415fad6271580a531d4179bc891d87a6',
    },
  },
];

/** Octets of each digest: 96 bits (RFC 3414), and those of RFC 7860 section 4.1. */
const DIGEST_LENGTHS = { MD5: 12, SHA: 12, 'SHA-224': 16, 'SHA-256': 24, 'SHA-384': 32, 'SHA-512': 48 };

describe.each(CASES)('$what', ({ key, data, hmac }) => {
  it.each(Object.entries(hmac))('%s', (name, expected) => {
    const protocol = authProtocolByName(name)!;
    const digest = messageDigest(protocol, new Secret(key), data);
    expect(digest).toHaveLength(DIGEST_LENGTHS[name as keyof typeof DIGEST_LENGTHS]);
    const shared = Math.min(digest.length, expected.length / 2);
    expect(shared).toBeGreaterThanOrEqual(12);
    expect(digest.toString('hex').slice(0, shared * 2)).toBe(expected.slice(0, shared * 2));
  });
});

describe.each(Object.keys(DIGEST_LENGTHS))('the digest in a message, %s', (name) => {
  const protocol = authProtocolByName(name)!;
  const key = new Secret(octets(0x5a, protocol.keyLength));
  const at = 7;
  const signed = () => {
    const message = Buffer.alloc(100, 0xc3).fill(0, at, at + protocol.digestLength);
    message.set(messageDigest(protocol, key, message), at);
    return message;
  };
  const end = at + protocol.digestLength;

  it('is right where it was computed over zeros, and is restored', () => {
    const message = signed();
    const before = Buffer.from(message);
    expect(digestIsRight(protocol, key, message, at, end)).toBe(true);
    expect(message).toEqual(before);
  });

  it('is wrong when any octet of the message differs, and is restored', () => {
    for (let i = 0; i < 100; i++) {
      const message = signed();
      message[i]! ^= 1;
      const before = Buffer.from(message);
      expect(digestIsRight(protocol, key, message, at, end), `octet ${i}`).toBe(false);
      expect(message).toEqual(before);
    }
  });

  it('is wrong with another length', () => {
    expect(digestIsRight(protocol, key, signed(), at, end - 1)).toBe(false);
    expect(digestIsRight(protocol, key, signed(), at, end + 1)).toBe(false);
    expect(digestIsRight(protocol, key, signed(), at, at)).toBe(false);
  });
});
