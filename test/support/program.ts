import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const built = process.env['VIRTSNMP_PROGRAM'];

/** What Node is given to run the program: from its sources, or as `npm test` has built it. */
export const PROGRAM: readonly string[] =
  built === undefined ? ['--import', 'tsx', join(root, 'agent/main.ts')] : [built];
