import { writeSync } from 'node:fs';
import { EngineIdentity } from '../../../agent/engine/identity.ts';
import { beforeEachStep, withoutFaults } from './identity-faults.ts';

/**
 * A start of an engine in a process of its own: `identity-child.ts FILE STEP TORN`.
 *
 * It kills itself as kill -9 does ahead of the given step of storing, or in the middle of that step when it is a
 * write and TORN is `torn`. When it lives so long it prints its boots, as an answer to a manager would.
 */
const [file, dies = '', torn] = process.argv.slice(2);
const last = Number(dies);

beforeEachStep((step, name, args) => {
  if (step !== last) return;
  if (torn === 'torn' && name === 'writeSync') {
    const [descriptor, content] = args as [number, string];
    withoutFaults();
    writeSync(descriptor, content.slice(0, content.length / 2));
  }
  process.kill(process.pid, 'SIGKILL');
});
const identity = new EngineIdentity({ file: file! });
withoutFaults();
writeSync(1, `${Buffer.from(identity.id).toString('hex')} ${identity.boots()}\n`);
process.kill(process.pid, 'SIGKILL');
