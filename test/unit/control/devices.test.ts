import { describe, expect, it } from 'vitest';
import { FURNISHED } from '../emulation/fleet.ts';
import { ControlLaboratory } from './laboratory.ts';

const XML = { 'Content-Type': 'application/xml' };
const DISK = `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/images/b.img'/><target dev='vdb' bus='virtio'/></disk>`;
const NIC = `<interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>`;

function laboratory(start = true) {
  const lab = new ControlLaboratory();
  const domain = lab.fleet.define('web', FURNISHED);
  if (start) {
    lab.fleet.act(domain, 'start');
    lab.fleet.pass(120);
  }
  lab.fleet.events.length = 0;
  return {
    lab,
    domain,
    get: (path: string) => lab.ask('GET', `/guests/web/${path}`),
    send: (path: string, xml: string) => lab.ask('POST', `/guests/web/${path}`, xml, XML),
    names: () => lab.fleet.events.map((event) => ('event' in event ? event.event : undefined)),
  };
}

describe('routes that plug devices in and out', () => {
  it('change what runs, what the next start takes, or both', async () => {
    const { lab, domain, send } = laboratory();
    const targets = (config: { disks: readonly { target: string }[] }) =>
      config.disks.map(({ target }) => target);
    expect((await send('attach', DISK)).status).toBe(200);
    expect(targets(domain.config)).toEqual(['vda', 'vdb']);
    expect(targets(domain.persistentConfig)).toEqual(['vda']);
    expect((await send('attach?affects=config', DISK)).status).toBe(200);
    expect(targets(domain.persistentConfig)).toEqual(['vda', 'vdb']);
    expect((await send('attach?affects=both', DISK.replace('vdb', 'vdc'))).status).toBe(200);
    expect([targets(domain.config), targets(domain.persistentConfig)]).toEqual([
      ['vda', 'vdb', 'vdc'],
      ['vda', 'vdb', 'vdc'],
    ]);
    expect(await lab.ask('DELETE', '/guests/web/disks/vdx')).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/^no disk vdx; did you mean vd[abc]\?$/) },
    });
    expect((await lab.ask('DELETE', '/guests/web/disks/vdb?affects=both')).status).toBe(200);
    lab.fleet.pass(5);
    expect([targets(domain.config), targets(domain.persistentConfig)]).toEqual([
      ['vda', 'vdc'],
      ['vda', 'vdc'],
    ]);
  });

  it('change both or nothing', async () => {
    const { domain, send } = laboratory();
    await send('attach', DISK);
    const before = domain.persistentConfig;
    expect(await send('attach?affects=both', DISK)).toMatchObject({
      status: 409,
      body: { detail: 'domain web: target vdb is taken; a disk needs one of its own' },
    });
    expect(domain.persistentConfig).toBe(before);
  });

  it('tell of what runs alone', async () => {
    const { send, names } = laboratory();
    await send('attach?affects=config', NIC);
    expect(names()).toEqual([]);
    await send('attach?affects=live', NIC);
    expect(names()).toEqual(['DEVICE_ADDED']);
  });

  it('need a guest that runs for what is to be live', async () => {
    const { domain, send } = laboratory(false);
    expect(await send('attach?affects=live', NIC)).toMatchObject({
      status: 409,
      body: { detail: 'domain web is not running' },
    });
    expect((await send('attach', NIC)).status).toBe(200);
    expect(domain.config.nics).toHaveLength(2);
  });

  it('give a NIC an address of its own, and leave the others theirs', async () => {
    const { lab, domain, get, send } = laboratory();
    const macs = async () => ((await get('interfaces')).body as { mac: string }[]).map(({ mac }) => mac);
    await send('attach', NIC);
    const [first, second] = await macs();
    expect((await lab.ask('DELETE', `/guests/web/interfaces/${first}`)).status).toBe(200);
    lab.fleet.pass(5);
    expect(await macs()).toEqual([second]);
    await send('attach', NIC);
    const now = await macs();
    expect(new Set(now).size).toBe(2);
    expect(await send('attach', NIC.replace('<model', `<mac address='${second}'/><model`))).toMatchObject({
      status: 409,
    });
    expect(await send('detach', NIC)).toMatchObject({ status: 409 });
    expect((await send('detach', NIC.replace('<model', `<mac address='${second}'/><model`))).status).toBe(
      200,
    );
    lab.fleet.pass(5);
    expect(domain.config.nics).toHaveLength(1);
  });

  it('keep the addresses of NICs over a detach in the definition', async () => {
    const { lab, get } = laboratory(false);
    await lab.ask('POST', '/guests/web/attach', NIC, XML);
    const list = async () => (await get('interfaces')).body as { mac: string }[];
    const [first, second] = await list();
    await lab.ask('DELETE', `/guests/web/interfaces/${first!.mac}`);
    expect(await list()).toEqual([second]);
  });

  it('refuse what is no device, with its place', async () => {
    const { send } = laboratory();
    expect(await send('attach', '<sound model="ich6"/>')).toMatchObject({
      status: 400,
      body: {
        code: 'DOMAIN_INVALID',
        detail: 'body:1:1: the root element is <sound>; it must be <disk> or <interface>',
      },
    });
    expect(await send('attach', '<disk type="file"><target dev="vdb"/></disk>')).toMatchObject({
      status: 400,
    });
    expect(await send('attach?affects=sometimes', DISK)).toMatchObject({ status: 400 });
  });

  it('list NICs and disks of what runs and of the definition', async () => {
    const { get, send } = laboratory();
    await send('attach', DISK);
    expect((await get('interfaces')).body).toEqual([
      {
        name: expect.stringMatching(/^vnet\d+$/),
        type: 'network',
        source: 'default',
        model: 'virtio',
        mac: expect.any(String),
        up: true,
      },
    ]);
    expect((await get('disks?inactive=true')).body).toEqual([
      { type: 'file', device: 'disk', target: 'vda', bus: 'virtio', source: '/images/vda.qcow2' },
    ]);
    expect((await get('disks')).body).toHaveLength(2);
  });
});

describe('routes about the definition', () => {
  it('show it as XML, with the parts of what runs', async () => {
    const { get, domain } = laboratory();
    const { body, headers } = await get('xml');
    expect(headers.get('content-type')).toContain('application/xml');
    expect(body).toContain(`<domain type='kvm' id='${domain.process!.number}'>\n  <name>web</name>\n`);
    expect(body).toContain("<alias name='net0'/>");
    expect((await get('xml?inactive=true')).body).toContain("<domain type='kvm'>\n");
  });

  it('take it back: what XML cannot say stays, and so does what was changed by another', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web', { ...FURNISHED, autostart: true, load: 'bursty', labels: ['a'] });
    const before = domain.config;
    const { body, headers } = await lab.ask('GET', '/guests/web/xml?inactive=true');
    const xml = body as string;
    const etag = headers.get('etag')!;
    const put = (text: string) => lab.ask('PUT', '/guests/web/xml', text, { ...XML, 'If-Match': etag });
    expect((await put(xml)).status).toBe(200);
    expect(domain.config).toEqual(before);
    expect((await put(xml.replace(/<vcpu.*<\/vcpu>/, '<vcpu>3</vcpu>'))).status).toBe(200);
    expect(domain.config).toEqual({ ...before, vcpus: 3, maxVcpus: 3 });
    expect(await put(xml)).toMatchObject({ status: 412, body: { code: 'OPERATION_INVALID' } });
    expect(domain.config.vcpus).toBe(3);
    expect(await lab.ask('PUT', '/guests/web/xml', xml.replace('>web<', '>wep<'), XML)).toMatchObject({
      status: 409,
    });
    expect(await lab.ask('PUT', '/guests/web/xml', xml.replace('<vcpu', '<vcup'), XML)).toMatchObject({
      status: 400,
    });
    await lab.ask('POST', '/guests', xml, XML);
    expect(domain.config).toEqual(before);
  });

  it('change title and description, of what runs or of the next start', async () => {
    const { lab, domain, get } = laboratory();
    const set = (query: string, body: object) => lab.ask('PATCH', `/guests/web/metadata${query}`, body);
    expect((await set('?affects=config', { title: 'later' })).status).toBe(200);
    expect([domain.config.title, domain.persistentConfig.title]).toEqual([undefined, 'later']);
    expect((await set('', { title: 'now', description: 'two\nlines' })).body).toEqual({
      title: 'now',
      description: 'two\nlines',
    });
    expect((await get('metadata?inactive=true')).body).toEqual({ title: 'later', description: '' });
    expect(await set('', { title: 'two\nlines' })).toMatchObject({ status: 400 });
  });
});

describe('routes about placement', () => {
  it('show and change the nodes of the memory', async () => {
    const { lab, domain, get } = laboratory(false);
    const patch = (query: string, body: object) => lab.ask('PATCH', `/guests/web/numatune${query}`, body);
    expect((await get('numatune')).body).toEqual({ mode: 'strict', nodeset: [] });
    expect((await patch('', { mode: 'interleave', nodeset: [0] })).body).toEqual({
      mode: 'interleave',
      nodeset: [0],
    });
    expect(await patch('', { nodeset: [99] })).toMatchObject({ status: 400 });
    lab.fleet.act(domain, 'start');
    expect(await patch('', { mode: 'strict' })).toMatchObject({ status: 409 });
    expect((await patch('?affects=config', { mode: 'strict' })).body).toEqual({
      mode: 'strict',
      nodeset: [0],
    });
    expect(domain.config.numatune!.mode).toBe('interleave');
  });

  it('show vCPUs and pin them', async () => {
    const { lab, domain, get } = laboratory();
    const pin = (vcpu: number, cpus: number[], query = '') =>
      lab.ask('PUT', `/guests/web/vcpus/${vcpu}/affinity${query}`, { cpus });
    const { pcpuCount } = lab.fleet.one.cpu;
    const [first] = (await get('vcpus')).body as { affinity: number[]; timeNs: number; state: string }[];
    expect(first).toMatchObject({ state: 'running', pcpus: pcpuCount });
    expect(first!.affinity).toHaveLength(pcpuCount);
    expect(first!.timeNs).toBeGreaterThan(0);
    expect((await pin(1, [1])).body).toMatchObject([{}, { affinity: [1], cpu: 1 }]);
    expect(domain.persistentConfig.cputune).toBeUndefined();
    expect((await pin(0, [0, 1], '?affects=config')).status).toBe(200);
    expect(domain.persistentConfig.cputune).toEqual({ vcpupin: [[0, 1]] });
    expect(await pin(9, [0])).toMatchObject({ status: 404, body: { detail: 'no vCPU 9; it has 0 to 3' } });
    expect(await pin(0, [pcpuCount])).toMatchObject({ status: 409 });
  });

  it('tell what hosts have used', async () => {
    const { lab } = laboratory();
    const { cpu, memory } = lab.fleet.one;
    const all = (await lab.ask('GET', '/hosts/one/cpu-stats')).body as Record<string, number>;
    expect(all['userNs']).toBeGreaterThan(0);
    expect(all['userNs']! + all['idleNs']!).toBe(120e9 * cpu.pcpuCount);
    const one = (await lab.ask('GET', '/hosts/one/cpu-stats?cpu=0')).body as Record<string, number>;
    expect(one['userNs']! + one['idleNs']!).toBe(120e9);
    expect(await lab.ask('GET', `/hosts/one/cpu-stats?cpu=${cpu.pcpuCount}`)).toMatchObject({ status: 404 });
    expect((await lab.ask('GET', '/hosts/one/memory-stats')).body).toEqual({
      totalKiB: memory.pages.total * 4,
      freeKiB: memory.pages.free * 4,
    });
    expect((await lab.ask('GET', '/hosts/one/memory-stats?cell=0')).body).toEqual({
      totalKiB: memory.nodes.total[0]! * 4,
      freeKiB: memory.nodes.free[0]! * 4,
    });
    expect(await lab.ask('GET', '/hosts/one/memory-stats?cell=99')).toMatchObject({ status: 404 });
  });
});
