import { Reader } from '../../agent/ber/reader.ts';
import { MAX_SUBIDS, TAG } from '../../agent/ber/tags.ts';
import { Writer } from '../../agent/ber/writer.ts';
import type { Rows } from '../../agent/mib/rows.ts';

const writer = new Writer();
const reader = new Reader();

/** The index of a row as it is written into an object identifier. */
export function writtenIndex(rows: Rows<unknown>, position: number): number[] {
  writer.reset();
  const mark = writer.open(TAG.OBJECT_IDENTIFIER);
  writer.appendOidContent([1, 3]);
  rows.appendIndex(position, writer);
  writer.close(mark);
  reader.reset(writer.view().slice());
  const ids = new Uint32Array(MAX_SUBIDS + 2);
  return Array.from(ids.subarray(2, reader.readOid(ids, 0)));
}
