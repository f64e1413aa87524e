import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { AlarmEvent } from '../../agent/emulation/events.ts';
import { describeWithNetSnmp, netSnmp } from '../support/net-snmp.ts';
import { type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';

const V2C = ['-v2c', '-c', 'public'];
const WRITE = ['-v2c', '-c', 'private'];

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-alarms-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Has the first guest crash for good. */
function crash({ daemon }: RunningDaemon): string {
  const domain = [...daemon.hypervisor.hosts[0]!.domains].find(({ isActive }) => isActive)!;
  daemon.hypervisor.apply({ op: 'act', domain, action: 'kill' });
  return domain.name;
}

function hear({ daemon }: RunningDaemon): AlarmEvent[] {
  const heard: AlarmEvent[] = [];
  daemon.hypervisor.onEvent((event) => {
    if (event.kind === 'alarm') heard.push(event);
  });
  return heard;
}

/** The columns and rows of a table, as snmptable shows them. */
async function table(endpoint: string, name: string): Promise<Record<string, string>[]> {
  const { lines } = await netSnmp('snmptable', ...V2C, '-Ci', '-Cb', '-Cf', '|', endpoint, name);
  const [, heads = '', ...rows] = lines;
  const names = heads.split('|');
  return rows.map((row) => Object.fromEntries(row.split('|').map((cell, i) => [names[i]!, cell])));
}

describeWithNetSnmp('alarms over the wire', () => {
  it('show what is up, with its notification, and what was', async () => {
    const running = await startDaemon();
    const { endpoint, daemon } = running;
    const name = crash(running);
    const [lvs] = await table(endpoint, 'lvsAlarmTable');
    expect(lvs).toMatchObject({
      index: '1',
      Kind: 'guestCrashed',
      Severity: 'critical',
      ProbableCause: '545',
      GuestName: name,
      Text: 'The guest has crashed',
    });
    expect(lvs!['Resource']).toMatch(/^LIBVIRT-STATS-MIB::lvsGuestTitle\./);
    const [active] = await table(endpoint, 'alarmActiveTable');
    expect(active).toMatchObject({
      EngineAddressType: 'ipv4',
      Variables: '17',
      NotificationID: 'LIBVIRT-STATS-MIB::lvsGuestCrashedRaised',
      ResourceId: lvs!['Resource'],
      SpecificPointer: 'LIBVIRT-STATS-MIB::lvsAlarmKind.1',
    });
    const pointer = active!['ModelPointer']!;
    expect(pointer).toBe('ALARM-MIB::alarmModelNotificationId."".15.6');
    const model = await netSnmp('snmpget', ...V2C, '-Oqv', endpoint, 'alarmModelNotificationId.0.15.6');
    expect(model.lines).toEqual([active!['NotificationID']]);
    // The variable that tells the severity is where the model says, with the value that it says.
    const place = await netSnmp('snmpget', ...V2C, '-Oqv', endpoint, 'alarmModelVarbindIndex.0.15.6');
    const variable = await netSnmp(
      'snmpget',
      ...V2C,
      '-Oqv',
      endpoint,
      `alarmActiveVariableID.0.1.${place.lines[0]}`,
      `alarmActiveVariableInteger32Val.0.1.${place.lines[0]}`,
      'alarmModelVarbindValue.0.15.6',
    );
    expect(variable.lines).toEqual(['LIBVIRT-STATS-MIB::lvsAlarmSeverity.1', '3', '3']);
    const variables = await table(endpoint, 'alarmActiveVariableTable');
    expect(variables).toHaveLength(17);
    const domain = daemon.hypervisor.hosts[0]!.domains.byName(name)!;
    daemon.hypervisor.apply({ op: 'act', domain, action: 'start' });
    expect(await table(endpoint, 'alarmActiveTable')).toEqual([]);
    const [cleared] = await table(endpoint, 'alarmClearTable');
    expect(cleared).toMatchObject({
      NotificationID: 'LIBVIRT-STATS-MIB::lvsGuestCrashedCleared',
      ResourceId: lvs!['Resource'],
      ModelPointer: pointer,
      LogIndex: '0',
    });
    const [stats] = await table(endpoint, 'alarmActiveStatsTable');
    expect(stats).toMatchObject({ ActiveCurrent: '0', Actives: '1' });
    const { lines } = await netSnmp('snmpwalk', ...V2C, '-Oqv', endpoint, 'lvsAlarmCounts');
    expect(lines.slice(0, 8)).toEqual([...Array(6).fill('0 alarms'), '1 alarms', '1 alarms']);
  });

  it('keep as many of the past as a manager wants', async () => {
    const state = stateFolder();
    const running = await startDaemon(testConfig({ state }));
    const { endpoint, daemon } = running;
    const name = crash(running);
    const domain = daemon.hypervisor.hosts[0]!.domains.byName(name)!;
    daemon.hypervisor.apply({ op: 'act', domain, action: 'start' });
    expect(await table(endpoint, 'alarmClearTable')).toHaveLength(1);
    await netSnmp('snmpset', ...WRITE, endpoint, 'alarmClearMaximum.0', 'u', '0');
    expect(await table(endpoint, 'alarmClearTable')).toEqual([]);
    const tooMany = await netSnmp('snmpset', ...WRITE, endpoint, 'alarmClearMaximum.0', 'u', '10001');
    expect(tooMany.stderr).toContain('wrongValue');
    await daemon.stop();
    const again = await startDaemon(testConfig({ state }));
    const { lines } = await netSnmp('snmpget', ...V2C, '-Oqv', again.endpoint, 'alarmClearMaximum.0');
    expect(lines).toEqual(['0']);
  });
});

describeWithNetSnmp('alarms of a configuration that is read again', () => {
  it('go when their kind is no longer enabled', async () => {
    const config = testConfig();
    const running = await startDaemon(config);
    crash(running);
    const heard = hear(running);
    const guestCrashed = { ...config.alarms.guestCrashed, enabled: false };
    running.daemon.reload({ ...config, alarms: { ...config.alarms, guestCrashed } });
    running.clock.advanceTo(2000);
    expect(heard.map(({ event, alarm }) => [event, alarm.kind])).toEqual([['CLEARED', 'guestCrashed']]);
    expect(await table(running.endpoint, 'lvsAlarmTable')).toEqual([]);
  });
});

describeWithNetSnmp('alarms over a restart', () => {
  it('that are over with it are cleared once, and no number is given twice', async () => {
    const state = stateFolder();
    const first = await startDaemon(testConfig({ state }));
    const name = crash(first);
    await first.daemon.stop();
    const file = join(state, `${first.daemon.hosts[0]!.name}.alarms.journal`);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const second = await startDaemon(testConfig({ state }));
    const [host] = second.daemon.hypervisor.hosts;
    const [restored] = host!.alarms.active;
    expect(restored).toMatchObject({ number: 1, kind: 'guestCrashed', guest: { name } });
    const [row] = await table(second.endpoint, 'lvsAlarmTable');
    expect(row).toMatchObject({ index: '1', RaisedUpTime: '0:0:00:00.00' });
    const heard = hear(second);
    second.clock.advanceTo(60_000);
    expect(heard.map(({ event, alarm }) => [event, alarm.number])).toEqual([['CLEARED', 1]]);
    crash(second);
    expect(host!.alarms.active.map(({ number }) => number)).toEqual([2]);
    await second.daemon.stop();

    const third = await startDaemon(testConfig({ state }));
    expect(third.daemon.hypervisor.hosts[0]!.alarms.active.map(({ number }) => number)).toEqual([2]);
  });

  it('that go on stay as they were, and are not raised again', async () => {
    const state = stateFolder();
    // All of the host is above 1 % of its memory, and stays so.
    const base = testConfig({ state });
    const setting = { ...base.alarms.hostMemoryPressure, raise: 1, clear: 0.5, holdSeconds: 0 };
    const config = { ...base, alarms: { ...base.alarms, hostMemoryPressure: setting } };
    const first = await startDaemon(config);
    first.clock.advanceTo(30_000);
    const [before] = first.daemon.hypervisor.hosts[0]!.alarms.active;
    expect(before).toMatchObject({ kind: 'hostMemoryPressure', number: 1 });
    await first.daemon.stop();

    const second = await startDaemon(config);
    const heard = hear(second);
    second.clock.advanceTo(600_000);
    expect(heard).toEqual([]);
    const [after] = second.daemon.hypervisor.hosts[0]!.alarms.active;
    expect(after).toMatchObject({ number: 1, raisedWallMs: before!.raisedWallMs, text: before!.text });
    expect(second.daemon.hypervisor.hosts[0]!.alarms.raised).toBe(0);
  });

  it('are in the file before anybody is told', async () => {
    const state = stateFolder();
    const running = await startDaemon(testConfig({ state }));
    const file = join(state, `${running.daemon.hosts[0]!.name}.alarms.journal`);
    const size = readFileSync(file).length;
    let known = 0;
    running.daemon.hypervisor.onEvent((event) => {
      if (event.kind === 'alarm') known = readFileSync(file).length;
    });
    crash(running);
    expect(known).toBeGreaterThan(size);
    expect(readFileSync(file).toString()).toContain('"kind":"guestCrashed"');
  });
});
