import fc from 'fast-check';
import { ciSeed } from './ci-seed.ts';

/** Properties are tried with other cases each time, but for CI. FC_SEED repeats a run. */
const given = process.env['FC_SEED'];
const seed = given !== undefined ? Number(given) : ciSeed();
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
