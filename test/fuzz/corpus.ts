import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../support/hex.ts';

const FOLDER = join(import.meta.dirname, 'corpus');

/** The committed datagrams by file name: each once made, or could make, a decoder stumble. */
export function corpus(): Map<string, Uint8Array> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.hex'));
  return new Map(files.sort().map((name) => [name, fromHex(readFileSync(join(FOLDER, name), 'utf8'))]));
}
