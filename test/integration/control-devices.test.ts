import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandHere as command } from '../support/command-here.ts';
import { served } from '../support/control-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const UUID = '6b1f2c7a-6f0e-4f62-9d53-0c9b8f6f0001';
const XML = `<domain type='kvm'><name>lab</name><uuid>${UUID}</uuid><memory unit='MiB'>1024</memory><vcpu>2</vcpu>
<os><type>hvm</type></os><devices><disk type='file' device='disk'><source file='/images/a.qcow2'/>
<target dev='vda' bus='virtio'/></disk><interface type='network'><mac address='52:54:00:00:00:01'/>
<source network='default'/><model type='virtio'/></interface></devices></domain>`;

/** A daemon with the guest `lab` that has run for two minutes. */
async function laboratory() {
  const { url, folder } = await served();
  const run = (...args: string[]) => command(url, {}, ...args);
  const file = join(folder, 'lab.xml');
  writeFileSync(file, XML);
  expect((await run('define', file)).code).toBe(0);
  expect((await run('start', 'lab')).code).toBe(0);
  expect((await run('clock', 'step', '2m')).code).toBe(0);
  return { url, folder, run };
}

/** An editor that does with the file what a script of sed says, and writes down which file and mode it had. */
function editor(folder: string, script: string): string {
  const file = join(folder, 'editor.sh');
  writeFileSync(file, `#!/bin/sh\nstat -c '%a %n' "$1" > ${folder}/seen\nsed -i -e '${script}' "$1"\n`);
  chmodSync(file, 0o700);
  return file;
}

const ok = (out: unknown) => ({ code: 0, out, err: '' });

describe('the commands about devices', () => {
  it('plug disks and NICs in and out, and list them', async () => {
    const { run, folder } = await laboratory();
    expect(await run('domblklist', 'lab', '--details')).toEqual(
      ok(
        expect.stringMatching(
          /^ Type +Device +Target +Source\n-+\n file +disk +vda +\/images\/a\.qcow2\n\n$/,
        ),
      ),
    );
    expect(
      await run('attach-disk', 'lab', '/images/b.img', 'vdb', '--subdriver', 'raw', '--targetbus', 'virtio'),
    ).toEqual(ok('Disk attached successfully\n'));
    expect((await run('domblklist', 'lab')).out).toMatch(/ vdb +\/images\/b\.img\n/);
    expect((await run('domblklist', 'lab', '--inactive')).out).not.toContain('vdb');
    expect(await run('detach-disk', 'lab', 'vdc')).toMatchObject({
      code: 4,
      err: expect.stringMatching(/no disk vdc; did you mean vd[ab]\?/),
    });
    expect(await run('detach-disk', 'lab', 'vdb')).toEqual(ok('Disk detached successfully\n'));
    const device = join(folder, 'nic.xml');
    writeFileSync(
      device,
      "<interface type='bridge'><mac address='52:54:00:00:00:02'/><source bridge='br0'/></interface>",
    );
    expect(await run('attach-device', 'lab', device, '--persistent')).toEqual(
      ok('Device attached successfully\n'),
    );
    expect((await run('domiflist', 'lab')).out).toMatch(
      /^ Interface +Type +Source +Model +MAC\n-+\n vnet\d+ +network +default +virtio +52:54:00:00:00:01\n vnet\d+ +bridge +br0 +- +52:54:00:00:00:02\n\n$/,
    );
    expect((await run('domiflist', 'lab', '--inactive')).out).toContain('52:54:00:00:00:02');
    await run('clock', 'step', '5s');
    expect(await run('detach-device', 'lab', device, '--persistent')).toEqual(
      ok('Device detached successfully\n'),
    );
    await run('clock', 'step', '5s');
    expect(
      await run('attach-interface', 'lab', 'bridge', 'br0', '--model', 'virtio', '--inbound', '100,200'),
    ).toEqual(ok('Interface attached successfully\n'));
    expect((await run('dumpxml', 'lab')).out).toContain("<inbound average='100' peak='200'/>");
    expect(await run('detach-interface', 'lab', 'direct')).toMatchObject({
      code: 2,
      err: expect.stringContaining('it has network, bridge'),
    });
    expect(await run('detach-interface', 'lab', 'bridge')).toEqual(ok('Interface detached successfully\n'));
    await run('clock', 'step', '5s');
    expect((await run('domiflist', 'lab')).out).not.toContain('br0');
    expect(await run('attach-interface', 'lab', '--type', 'network', '--source', 'x', '--print-xml')).toEqual(
      ok("<interface type='network'>\n  <source network='x'/>\n</interface>\n"),
    );
    expect((await run('attach-disk', 'lab', '/x', 'vdb', '--current', '--live')).code).toBe(2);
  });

  it('tell statistics as virsh does', async () => {
    const { run } = await laboratory();
    const [, name] = /^ (vnet\d+) /m.exec((await run('domiflist', 'lab')).out)!;
    const lines = (words: readonly string[], before = '') =>
      new RegExp(`^${words.map((word) => `${before}${word} \\d+\n`).join('')}\n$`);
    const nic = 'rx_bytes rx_packets rx_errs rx_drop tx_bytes tx_packets tx_errs tx_drop'.split(' ');
    expect(await run('domifstat', 'lab', name!)).toEqual(ok(expect.stringMatching(lines(nic, `${name} `))));
    expect(await run('domifstat', 'lab', 'vnet')).toMatchObject({
      code: 1,
      err: expect.stringContaining(name!),
    });
    const disk = ['rd_req', 'rd_bytes', 'wr_req', 'wr_bytes', 'flush_operations', 'rd_total_times'];
    const more = [...disk, 'wr_total_times', 'flush_total_times'];
    expect((await run('domblkstat', 'lab', 'vda')).out).toMatch(lines(more, 'vda '));
    expect((await run('domblkstat', 'lab')).out).toMatch(lines(more, ' '));
    expect((await run('dommemstat', 'lab')).out).toMatch(/^actual 1048576\n(\w+ \d+\n)*rss \d+\n\n$/);
    expect((await run('nodecpustats')).out).toMatch(/^user: {11}[ \d]{20}\nidle: {11}[ \d]{20}\n\n$/);
    expect((await run('nodecpustats', '--percent', '--cpu', '0')).out).toMatch(
      /^usage: +[\d.]+%\nuser: +[\d.]+%\nidle: +[\d.]+%\n\n$/,
    );
    expect((await run('nodememstats', '--cell', '0')).out).toMatch(
      /^total {2}: +\d+ KiB\nfree {3}: +\d+ KiB\n\n$/,
    );
    expect(await run('nodememstats', '--cell', '99')).toMatchObject({
      code: 4,
      err: expect.stringContaining('has 0 to'),
    });
  });

  it('pin vCPUs and memory', async () => {
    const { run } = await laboratory();
    expect((await run('vcpupin', 'lab')).out).toMatch(/^ VCPU +CPU Affinity\n-+\n 0 +0-\d+\n 1 +0-\d+\n\n$/);
    expect((await run('vcpupin', 'lab', '1', '0-1,^0')).code).toBe(0);
    expect((await run('vcpupin', 'lab', '1')).out).toMatch(/\n 1 +1\n\n$/);
    expect((await run('vcpuinfo', 'lab')).out).toMatch(
      /^VCPU: +0\nCPU: +N\/A\nState: +running\nCPU time: +[\d.]+s\nCPU Affinity: +y+\n\nVCPU: +1\nCPU: +1\n/,
    );
    expect(await run('numatune', 'lab')).toEqual(ok('numa_mode      : strict\nnuma_nodeset   : \n\n'));
    expect((await run('numatune', 'lab', '--mode', 'preferred', '--nodeset', '0', '--config')).code).toBe(0);
    expect((await run('numatune', 'lab', '--config')).out).toBe(
      'numa_mode      : preferred\nnuma_nodeset   : 0\n\n',
    );
    expect(await run('numatune', 'lab', '--nodeset', '0', '--live')).toMatchObject({ code: 5 });
    expect((await run('numatune', 'lab', '--mode', 'prefered')).code).toBe(2);
  });
});

describe('the commands about definitions', () => {
  it('print them, and change them with an editor', async () => {
    const { run, url, folder } = await laboratory();
    const edit = (script: string) =>
      command(url, { VISUAL: editor(folder, script), TMPDIR: folder }, 'edit', 'lab');
    expect((await run('dumpxml', 'lab')).out).toMatch(
      /^<domain type='kvm' id='\d+'>\n {2}<name>lab<\/name>\n/,
    );
    const before = (await run('dumpxml', 'lab', '--inactive')).out;
    expect(await edit('')).toEqual(ok("Domain 'lab' XML configuration not changed.\n"));
    const [mode, file] = readFileSync(join(folder, 'seen'), 'utf8').trim().split(' ');
    expect(mode).toBe('600');
    expect(existsSync(file!)).toBe(false);
    expect(await edit('s/>1048576</>2097152</')).toEqual(ok("Domain 'lab' XML configuration edited.\n"));
    expect((await run('dumpxml', 'lab', '--inactive')).out).toBe(before.replaceAll('1048576', '2097152'));
    expect((await run('dumpxml', 'lab')).out).toContain('>1048576<');
    const refused = await edit('s/<vcpu.*/<vcpu>many<\\/vcpu>/');
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/body:\d+:\d+: <vcpu> is "many"/) });
    const [, kept] = /what you wrote is in (\S+)/.exec(refused.err)!;
    expect(readFileSync(kept!, 'utf8')).toContain('<vcpu>many</vcpu>');
    const meanwhile = `s/>2097152</>4194304</' "$1"; curl -s -X PATCH -H 'Content-Type: application/json' -d '{"title":"x"}' '${url}/guests/lab/metadata?affects=config' >/dev/null; : '`;
    expect(await edit(meanwhile)).toMatchObject({
      code: 5,
      err: expect.stringContaining('has been changed meanwhile'),
    });
    expect((await run('dumpxml', 'lab', '--inactive')).out).toContain('>2097152<');
    expect(readdirSync(folder).filter((name) => name.startsWith('virtsnmp-'))).toHaveLength(2);
  });

  it('show and change what people read', async () => {
    const { run, url } = await laboratory();
    expect(await run('desc', 'lab')).toEqual(ok('No description for domain: lab\n\n'));
    expect(await run('desc', 'lab', 'for', 'tests')).toEqual(ok('Domain description updated successfully\n'));
    expect(await run('desc', 'lab')).toEqual(ok('for tests\n\n'));
    expect(await run('desc', 'lab', '--title', '--config', 'Laboratory')).toEqual(
      ok('Domain title updated successfully\n'),
    );
    expect((await run('desc', 'lab', '--title')).out).toBe('No title for domain: lab\n\n');
    expect((await run('desc', 'lab', '--title', '--config')).out).toBe('Laboratory\n\n');
    const folder = temporaryFolder();
    const env = { VISUAL: editor(folder, 's/tests/all/'), TMPDIR: folder };
    expect((await command(url, env, 'desc', 'lab', '--edit')).out).toBe(
      'Domain description updated successfully\n',
    );
    expect((await run('desc', 'lab')).out).toBe('for all\n\n');
  });
});
