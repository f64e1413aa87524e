import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../agent/config/schema.ts';
import { LIBVIRT_STATS_MIB } from '../../agent/mib/generated/libvirt-stats-mib.ts';
import { mibFolders } from '../../agent/util/package-info.ts';
import { freePort } from '../support/free-port.ts';
import { snmpttIni } from '../support/snmptt-ini.ts';
import { isThere, type Programs, pathOf } from './programs.ts';

/** Notifications that an alarm was raised, and that it was cleared; nothing raises one of the kind `other`. */
export const ALARM_NOTIFICATIONS = Object.entries(LIBVIRT_STATS_MIB.notifications)
  .filter(([name]) => /^lvs(?!Other).*(?:Raised|Cleared)$/.test(name))
  .map(([name, { oid }]) => ({ name, oid }));

/** All objects of LIBVIRT-STATS-MIB, which its notifications carry. */
const OBJECTS = [...LIBVIRT_STATS_MIB.oid, 1];

/** snmptrapd, and snmptt behind it. */
export interface Receiver {
  readonly port: number;
  /** What they have told of, one line for each notification. */
  lines(): string[];
  /** Who has told it. */
  readonly by: string;
}

/** Starts snmptrapd with snmptt where it is found; nothing without snmptrapd. */
export async function startReceiver(programs: Programs, folder: string): Promise<Receiver | undefined> {
  if (!isThere('snmptrapd')) return undefined;
  const port = await freePort();
  const withSnmptt = isThere('snmptt') && isThere('snmptthandler');
  const log = join(folder, 'snmptt.log');
  const ini = join(folder, 'snmptt.ini');
  const conf = join(folder, 'snmptrapd.conf');
  const handler = withSnmptt ? `traphandle default ${pathOf('snmptthandler')} --ini=${ini}\n` : '';
  writeFileSync(conf, `authCommunity log,execute public\n${handler}`);
  if (withSnmptt) {
    mkdirSync(join(folder, 'spool'));
    writeFileSync(ini, snmpttIni(join(folder, 'spool/'), log));
    programs.start('snmptt', ['--daemon', `--ini=${ini}`]);
  }
  const format = ['-F', '%v\\n'];
  const args = ['-f', '-Lo', '-n', '-On', '-C', '-c', conf, ...format, `127.0.0.1:${port}`];
  const printed = programs.start('snmptrapd', args, {
    MIBDIRS: mibFolders().join(':'),
    MIBS: 'SNMPv2-MIB:LIBVIRT-STATS-MIB',
    SNMPCONFPATH: '/nonexistent',
    LC_ALL: 'C',
  });
  const text = () => (withSnmptt ? (existsSync(log) ? readFileSync(log, 'utf8') : '') : printed());
  return { port, by: withSnmptt ? 'snmptrapd and snmptt' : 'snmptrapd', lines: () => text().split('\n') };
}

/** A receiver of what alarms tell, and of nothing else: snmptthandler is started for each notification. */
export function alarmDestination(port: number): Config['traps']['destinations'][number] {
  const include = [...ALARM_NOTIFICATIONS.map(({ oid }) => oid), OBJECTS].map((subtree) => ({
    subtree,
    any: [],
  }));
  const network = { host: '127.0.0.1', port, timeout: 2, retries: 3, queue: 10_000, tags: [] };
  return { ...network, version: 'v2c', type: 'trap', community: 'public', filter: { include, exclude: [] } };
}
