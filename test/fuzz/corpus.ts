import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../support/hex.ts';

/** The committed datagrams of a folder here by file name: each once made, or could make, a decoder stumble. */
export function corpus(folder: string): Map<string, Uint8Array> {
  const path = join(import.meta.dirname, folder);
  const files = readdirSync(path).filter((name) => name.endsWith('.hex'));
  return new Map(files.sort().map((name) => [name, fromHex(readFileSync(join(path, name), 'utf8'))]));
}
