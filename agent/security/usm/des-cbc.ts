import { CBC, DES } from 'des.js';

/** Octets of a DES block. */
export const DES_BLOCK = 8;

const DesCbc = CBC.instantiate(DES);

/** Encrypts whole blocks in CBC mode with an 8-octet key and an 8-octet initialization vector (FIPS 46-3, FIPS 81). */
export function desCbcEncrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  return run('encrypt', key, iv, plain);
}

/** Decrypts what {@link desCbcEncrypt} gives. `data` is a multiple of 8 octets, as it is there. */
export function desCbcDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  return run('decrypt', key, iv, data);
}

function run(type: 'encrypt' | 'decrypt', key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length === 0) return new Uint8Array(0);
  const cipher = DesCbc.create({ type, key, iv, padding: false });
  const result = new Uint8Array(data.length);
  const first = cipher.update(data);
  result.set(first);
  // Deciphering keeps the last block back, as there could be padding in it.
  if (first.length < data.length) result.set(cipher.final(), first.length);
  return result;
}
