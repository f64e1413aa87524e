/**
 * An originator in a process of its own, for killing: `inform-child.ts FOLDER PORT LOG FIRST`.
 *
 * It sends numbered informs to a port of this machine, from FIRST on, or none when FIRST is `drain`, and appends to LOG
 * `will N` before it sends one and `did N ID` when that is in the journal. A line on standard output for each ten;
 * `drained` when nothing is left to be sent.
 */
import { openSync, writeSync } from 'node:fs';
import { presetAccess, presetFamilies } from '../../agent/access/presets.ts';
import { Vacm } from '../../agent/access/vacm.ts';
import { TAG } from '../../agent/ber/tags.ts';
import { SnmpCounters } from '../../agent/message/counters.ts';
import { Journal } from '../../agent/notify/journal.ts';
import { Originator } from '../../agent/notify/originator.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { targetAt } from './notify-laboratory.ts';
import { ENGINE_ID, UsmLaboratory } from './usm-laboratory.ts';

const [folder = '', port = '', log = '', first = ''] = process.argv.slice(2);
/** Small, so that segments come and go. */
const SEGMENT_OCTETS = 4000;
const file = openSync(log, 'a');

const vacm = new Vacm();
vacm.configure({
  contexts: [''],
  groups: [{ securityModel: 2, securityName: 'trap', groupName: 'admin', storageType: 4, status: 1 }],
  access: [presetAccess('admin', { securityModel: 0, securityLevel: 1 })],
  families: presetFamilies(),
});
const originator = new Originator({
  address: '127.0.0.1',
  vacm,
  counters: new SnmpCounters(),
  logger: silentLogger,
  journal: new Journal({ folder, logger: silentLogger, segmentOctets: SEGMENT_OCTETS }),
  engine: { id: ENGINE_ID, usm: new UsmLaboratory().usm },
  userAt: () => undefined,
});
const target = targetAt(Number(port), { name: 'receiver', kind: 'inform', timeoutMs: 20, retries: 1000 });
originator.setTargets([target]);
process.stdout.write('ready\n');
if (first === 'drain') setInterval(drain, 5);
else send(Number(first));

function send(number: number): void {
  writeSync(file, `will ${number}\n`);
  const id = originator.send({
    oid: [1, 3, 6, 1, 4, 1, 36957, 0, 1],
    upTimeCentiseconds: number,
    eventSequence: number,
    varbinds: [{ oid: [1, 3, 6, 1, 4, 1, 36957, 1, 1], tag: TAG.INTEGER, value: number }],
  });
  originator.flush();
  writeSync(file, `did ${number} ${id}\n`);
  if (number % 10 === 0) process.stdout.write(`${number}\n`);
  setImmediate(send, number + 1);
}

function drain(): void {
  if (originator.waiting('receiver') > 0) return;
  process.stdout.write('drained\n');
  originator.stop().then(() => process.exit(0));
}
