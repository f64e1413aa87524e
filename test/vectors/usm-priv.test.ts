import { describe, expect, it } from 'vitest';
import { desCbcDecrypt, desCbcEncrypt } from '../../agent/security/usm/des-cbc.ts';
import { privProtocolByName } from '../../agent/security/usm/priv-protocols.ts';
import { SaltSource } from '../../agent/security/usm/salt.ts';
import { Secret } from '../../agent/util/secret.ts';
import { fromHex } from '../support/hex.ts';

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

/** The initialization vector of SP 800-38A split as RFC 3826 section 3.1.2.1 puts one together. */
const SP_800_38A_IV = { boots: 0x00010203, time: 0x04050607, salt: '08090a0b0c0d0e0f' };
const SP_800_38A_PLAIN = `6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51
  30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710`;
const FIPS_197_IV = { boots: 0x00112233, time: 0x44556677, salt: '8899aabbccddeeff' };
const ZEROS = '00'.repeat(16);

/** Name, key, initialization vector, plain text, and what it is encrypted to. */
const AES = [
  [
    'AES',
    'SP 800-38A F.3.13, CFB128-AES128',
    '2b7e151628aed2a6abf7158809cf4f3c',
    SP_800_38A_IV,
    SP_800_38A_PLAIN,
    `3b3fd92eb72dad20333449f8e83cfb4a c8a64537a0b3a93fcde3cdad9f1ce58b
     26751f67a3cbb140b1808cf187a4f4df c04b05357c5d1c0eeac4c66f9ff7f2e6`,
  ],
  [
    'AES-192',
    'SP 800-38A F.3.15, CFB128-AES192',
    '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    SP_800_38A_IV,
    SP_800_38A_PLAIN,
    `cdc80d6fddf18cab34c25909c99a4174 67ce7f7f81173621961a2b70171d3d7a
     2e1e8a1dd59b88b1c8e60fed1efac4c9 c05f9f9ca9834fa042ae8fba584b09ff`,
  ],
  [
    'AES-256',
    'SP 800-38A F.3.17, CFB128-AES256',
    '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    SP_800_38A_IV,
    SP_800_38A_PLAIN,
    `dc7e84bfda79164b7ecd8486985d3860 39ffed143b28b1c832113c6331e5407b
     df10132415e54b92a13ed0a8267ae2f9 75a385741ab9cef82031623d55b1e471`,
  ],
  // The first block of CFB over zeros is the cipher applied to the initialization vector.
  [
    'AES',
    'FIPS 197 C.1',
    '000102030405060708090a0b0c0d0e0f',
    FIPS_197_IV,
    ZEROS,
    '69c4e0d86a7b0430d8cdb78070b4c55a',
  ],
  [
    'AES-192-C',
    'FIPS 197 C.2',
    '000102030405060708090a0b0c0d0e0f1011121314151617',
    FIPS_197_IV,
    ZEROS,
    'dda97ca4864cdfe06eaf70a0ec0d7191',
  ],
  [
    'AES-256-C',
    'FIPS 197 C.3',
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    FIPS_197_IV,
    ZEROS,
    '8ea2b7ca516745bfeafc49904b496089',
  ],
] as const;

describe.each(AES)('%s: %s', (name, _source, keyHex, { boots, time, salt }, plainHex, cipherHex) => {
  const protocol = privProtocolByName(name)!;
  const key = new Secret(fromHex(keyHex));
  const plain = fromHex(plainHex);
  const ciphertext = fromHex(cipherHex);

  it('encrypts', () => {
    const encrypted = protocol.encrypt(key, { boots, time }, new SaltSource(fromHex(salt)), plain);
    expect(hex(encrypted.data)).toBe(hex(ciphertext));
    expect(hex(encrypted.salt)).toBe(salt);
  });

  it('decrypts', () => {
    expect(hex(protocol.decrypt(key, { boots, time }, fromHex(salt), ciphertext)!)).toBe(hex(plain));
  });

  it('takes a salt of 8 octets alone (RFC 3826 section 3.3.2 step 1)', () => {
    expect(protocol.decrypt(key, { boots, time }, fromHex(salt).subarray(1), ciphertext)).toBeUndefined();
    expect(protocol.decrypt(key, { boots, time }, new Uint8Array(0), ciphertext)).toBeUndefined();
  });
});

/** Key, initialization vector, plain text, and what it is encrypted to. */
const DES = [
  [
    'FIPS 81 table C1, CBC',
    '0123456789abcdef',
    '1234567890abcdef',
    hex(Buffer.from('Now is the time for all ')),
    'e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6',
  ],
  [
    'FIPS 81 table B1, one block',
    '0123456789abcdef',
    ZEROS.slice(16),
    '4e6f772069732074',
    '3fa40e8a984d4815',
  ],
  // SP 800-17 table A.1 and A.2: variable plain text, and variable key.
  ['SP 800-17 A.1', '0101010101010101', ZEROS.slice(16), '8000000000000000', '95f8a5e5dd31d900'],
  ['SP 800-17 A.2', '8001010101010101', ZEROS.slice(16), '0000000000000000', '95a8d72813daa94d'],
] as const;

describe.each(DES)('DES: %s', (_source, keyHex, ivHex, plainHex, cipherHex) => {
  it('encrypts and decrypts', () => {
    expect(hex(desCbcEncrypt(fromHex(keyHex), fromHex(ivHex), fromHex(plainHex)))).toBe(cipherHex);
    expect(hex(desCbcDecrypt(fromHex(keyHex), fromHex(ivHex), fromHex(cipherHex)))).toBe(plainHex);
  });

  it('takes the pre-IV from the last half of the key and the salt from boots and counter (RFC 3414 section 8.1.1.1)', () => {
    // boots 7 and counter 9 as salt: the pre-IV is chosen so that the xor of both is the vector's own.
    const salt = fromHex('00000007 00000009');
    const preIv = fromHex(ivHex).map((octet, i) => octet ^ salt[i]!);
    const key = new Secret(Buffer.concat([fromHex(keyHex), preIv]));
    const des = privProtocolByName('DES')!;
    const clock = { boots: 7, time: 123 };
    const salts = new SaltSource(fromHex('ffffffff 00000009'));
    const encrypted = des.encrypt(key, clock, salts, fromHex(plainHex));
    expect(hex(encrypted.salt)).toBe(hex(salt));
    expect(hex(encrypted.data)).toBe(cipherHex);
    expect(hex(des.decrypt(key, clock, encrypted.salt, encrypted.data)!)).toBe(plainHex);
  });
});

describe('DES in a message', () => {
  const des = privProtocolByName('DES')!;
  const key = new Secret(Buffer.alloc(16, 0x33));
  const clock = { boots: 1, time: 1 };

  it('pads to a whole block (RFC 3414 section 8.1.1.2)', () => {
    for (let length = 1; length <= 17; length++) {
      const plain = Buffer.alloc(length, 0x77);
      const { data, salt } = des.encrypt(key, clock, new SaltSource(), plain);
      expect(data).toHaveLength(Math.ceil(length / 8) * 8);
      expect(hex(des.decrypt(key, clock, salt, data)!.subarray(0, length))).toBe(hex(plain));
    }
  });

  it('refuses a broken block and a salt of another length (RFC 3414 section 8.3.2 step 1)', () => {
    const salt = new Uint8Array(8);
    expect(des.decrypt(key, clock, salt, new Uint8Array(15))).toBeUndefined();
    expect(des.decrypt(key, clock, salt.subarray(1), new Uint8Array(16))).toBeUndefined();
  });
});

describe('salts', () => {
  it('count through 64 bits, and the lower 32 of them beside boots', () => {
    const salts = new SaltSource(fromHex('00000001 fffffffe'));
    expect(hex(salts.next64())).toBe('00000001fffffffe');
    expect(hex(salts.nextWithBoots(5))).toBe('00000005ffffffff');
    expect(hex(salts.next64())).toBe('0000000200000000');
    const last = new SaltSource(fromHex('ffffffff ffffffff'));
    last.next64();
    expect(hex(last.next64())).toBe('0000000000000000');
  });

  it('start at another place each time', () => {
    expect(hex(new SaltSource().next64())).not.toBe(hex(new SaltSource().next64()));
  });
});
