import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from '../../agent/cli/program.ts';
import { commandHere } from '../support/command-here.ts';
import { freePort } from '../support/free-port.ts';
import { startDaemon, testConfig } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const domain = (name: string, uuid: string) =>
  `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>1024</memory>
<currentMemory unit='MiB'>1024</currentMemory><vcpu current='1'>2</vcpu><os><type>hvm</type></os>
<devices><disk type='file' device='disk'><source file='/images/${name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><source network='default'/><model type='virtio'/></interface>
<serial type='pty'/></devices></domain>`;
const NIC =
  "<interface type='network'><mac address='52:54:00:00:00:77'/><source network='default'/></interface>";

/** What a command line is to print, or the exit code with which it is refused. */
type Step = readonly [line: string, expected: RegExp | number];

/**
 * Each command against one running daemon, in this order: whoever adds a command adds a line. AGENT, FOLDER and LAB are
 * the agent's address, a folder with files, and a guest with a disk, a NIC and a console.
 */
const STEPS: readonly Step[] = [
  ['define FOLDER/lab.xml', /Domain 'lab' defined/],
  ['start lab', /Domain 'lab' started/],
  ['clock step 3m', /180\.000 s/],
  ['clock show', /paused|Speed/],
  ['clock seed', /^1\n$/],
  ['clock seed 2', 5],
  ['clock speed 2', /Speed: +2/],
  ['clock resume', /Speed: +1/],
  ['clock pause', /paused/],
  ['list --all', / lab +running/],
  ['dominfo lab', /State: +running/],
  ['domstate lab --reason', /running \(booted\)/],
  ['domstats lab --block', /block\.0\.name=vda/],
  ['domiflist lab', /network/],
  ['domblklist lab', /vda +\/images\/lab\.qcow2/],
  ['domblkstat lab vda', /rd_req/],
  ['dommemstat lab', /actual/],
  ['vcpuinfo lab', /VCPU:/],
  ['vcpupin lab', /VCPU +CPU Affinity/],
  ['numatune lab', /numa_mode/],
  ['dumpxml lab', /<name>lab<\/name>/],
  ['desc lab a guest', /updated/],
  ['schedinfo lab --cpu-shares 512', /^/],
  ['setmem lab 512M', /^/],
  ['setvcpus lab 2', /^/],
  ['autostart lab', /marked as autostarted/],
  ['domif-setlink lab 0 down', /updated/],
  ['inject-nmi lab', /NMI injected/],
  ['send-key lab KEY_A', /^/],
  ['console lab --no-follow', /^/],
  ['blockjob lab vda --start pull', /^/],
  ['attach-device lab FOLDER/nic.xml', /attached/],
  ['detach-device lab FOLDER/nic.xml', /detached/],
  ['clock step 1m', /^/],
  ['attach-interface lab network default --mac 52:54:00:00:00:78', /attached/],
  ['detach-interface lab network --mac 52:54:00:00:00:78', /detached/],
  ['clock step 1m', /^/],
  ['attach-disk lab /images/b.qcow2 vdb --targetbus virtio', /attached/],
  ['detach-disk lab vdb', /detached/],
  ['suspend lab', /suspended/],
  ['resume lab', /resumed/],
  ['dompmsuspend lab', /suspended/],
  ['clock step 1m', /^/],
  ['dompmwakeup lab', /woken up/],
  ['clock step 1m', /^/],
  ['reboot lab', /rebooted/],
  ['clock step 3m', /^/],
  ['reset lab', /reset/],
  ['clock step 3m', /^/],
  ['dump lab', /dumped/],
  ['domjobabort lab', /no job/],
  ['save lab', /saved/],
  ['clock step 5m', /^/],
  ['restore lab', /restored/],
  ['clock step 5m', /^/],
  ['managedsave lab', /saved/],
  ['clock step 5m', /^/],
  ['managedsave-remove lab', /no managed save/],
  ['start lab', /started/],
  ['clock step 3m', /^/],
  ['migrate lab host-2', /migrated to host-2/],
  ['clock step 10m', /^/],
  ['shutdown lab --host host-2', /shutdown/],
  ['clock step 5m', /^/],
  ['start other', 4],
  ['define FOLDER/other.xml', /'other' defined/],
  ['domrename other renamed', /renamed/],
  ['start renamed', /started/],
  ['destroy renamed', /destroyed/],
  ['undefine renamed', /undefined/],
  ['nodeinfo', /CPU model/],
  ['nodecpustats', /user|idle/],
  ['nodememstats', /total/],
  ['host list --name', /^host-1\nhost-2\n$/],
  ['host software host-1', /booted/],
  ['host install host-1 tool 1.0', /installed/],
  ['host erase host-1 99', 5],
  ['host select host-1 99', 5],
  ['host reboot host-2', /rebooted/],
  ['fault list', /Kind/],
  ['fault raise memory-leak --guest db-01 --set bytesPerSecond=1048576', /memory-leak/],
  ['fault clear 1', /cleared/],
  ['alarm list', /Severity/],
  ['event --since 0 --count 1', /DEFINED/],
  ['notification list', /Target/],
  ['snapshot save FOLDER/world.snapshot', /^/],
  ['snapshot diff FOLDER/world.snapshot FOLDER/world.snapshot', /^/],
  ['get AGENT sysName.0', /host-1/],
  ['getnext AGENT sysName', /sysName\.0/],
  ['bulkget AGENT sysORID', /snmpMIB/],
  ['walk AGENT sysORTable', /sysORDescr/],
  ['set AGENT -c private sysContact.0 = me', /STRING: me/],
  ['mibs', /mibs/],
  ['mibs tree sysORTable', /sysOREntry/],
];

/** Commands that are tried elsewhere: those that are daemons themselves, or need no daemon. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  serve: 'serve.test.ts',
  import: 'import.test.ts',
  doctor: 'doctor.test.ts',
  trapd: 'snmp-commands.test.ts',
  completion: 'completion.test.ts',
  edit: 'control-devices.test.ts',
  domifstat: 'control-devices.test.ts',
  'inventory check': 'exit-codes.test.ts',
  'scenario run': 'scenarios.test.ts',
  'scenario check': 'scenarios.test.ts',
  'scenario list': 'scenarios.test.ts',
  score: 'scenarios.test.ts',
  'snapshot restore': 'snapshot.test.ts',
};

function commandNames(command: Command, path: readonly string[] = []): string[] {
  return command.commands.flatMap((each) => {
    const words = [...path, each.name()];
    const isGroup = each.commands.length > 0 && each.options.length === 0;
    return [...(isGroup ? [] : [words.join(' ')]), ...commandNames(each, words)];
  });
}

it('every command is tried, here or where it says', () => {
  const tried = (name: string) =>
    ELSEWHERE[name] !== undefined || STEPS.some(([line]) => line === name || line.startsWith(`${name} `));
  expect(commandNames(createProgram(() => {})).filter((name) => !tried(name))).toEqual([]);
  for (const file of Object.values(ELSEWHERE))
    expect(existsSync(join(import.meta.dirname, file)), file).toBe(true);
});

it('every command does what it says to a running daemon', async () => {
  const api = await freePort();
  const config = testConfig({ hosts: 2, guests: 2 });
  const { endpoint } = await startDaemon({
    ...config,
    control: { ...config.control, listen: ['127.0.0.1'], port: api },
  });
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'lab.xml'), domain('lab', '6b1f2c7a-6f0e-4f62-9d53-0c9b8f6f0001'));
  writeFileSync(join(folder, 'other.xml'), domain('other', '6b1f2c7a-6f0e-4f62-9d53-0c9b8f6f0002'));
  writeFileSync(join(folder, 'nic.xml'), NIC);
  const wrong: string[] = [];
  for (const [line, expected] of STEPS) {
    const args = line.replaceAll('FOLDER', folder).replaceAll('AGENT', endpoint).split(' ');
    const { code, out, err } = await commandHere(`http://127.0.0.1:${api}`, {}, ...args);
    const isRight = typeof expected === 'number' ? code === expected : code === 0 && expected.test(out);
    if (!isRight) wrong.push(`${line}: ${code}\n${out}${err}`);
  }
  expect(wrong).toEqual([]);
});
