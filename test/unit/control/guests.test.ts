import { describe, expect, it } from 'vitest';
import { config, stateOf } from '../emulation/fleet.ts';
import { ControlLaboratory } from './laboratory.ts';

const XML = (name: string, uuid: string, memory = 1024) =>
  `<domain type='kvm'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>${memory}</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>`;

describe('routes about guests', () => {
  it('list all of them, and those that a query leaves', async () => {
    const lab = new ControlLaboratory();
    for (const name of ['web-01', 'web-02', 'db-01']) lab.fleet.define(name);
    lab.fleet.act(lab.fleet.one.domains.byName('web-02')!, 'start');
    const names = async (query: string) => {
      const { status, body } = await lab.ask('GET', `/guests${query}`);
      expect(status).toBe(200);
      return (body as { name: string }[]).map(({ name }) => name).sort();
    };
    expect(await names('')).toEqual(['db-01', 'web-01', 'web-02']);
    expect(await names('?name=web-*')).toEqual(['web-01', 'web-02']);
    expect(await names('?name=%3F%3F-01')).toEqual(['db-01']);
    expect(await names('?state=RUNNING')).toEqual(['web-02']);
    expect(await names('?host=two')).toEqual([]);
    expect((await lab.ask('GET', '/guests?state=RUN')).status).toBe(400);
    expect(await lab.ask('GET', '/guests?host=tow')).toMatchObject({
      status: 404,
      body: { detail: 'no host tow; did you mean two?' },
    });
  });

  it('find one by name or UUID, and name the nearest otherwise', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web-01');
    for (const key of ['web-01', domain.uuid, domain.uuid.replaceAll('-', '')])
      expect(await lab.ask('GET', `/guests/${key}`)).toMatchObject({
        status: 200,
        body: { name: 'web-01', uuid: domain.uuid },
      });
    expect(await lab.ask('GET', '/guests/web-11')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND', detail: 'no guest web-11; did you mean web-01?' },
    });
  });

  it('want the host of a name that several have', async () => {
    const lab = new ControlLaboratory();
    lab.fleet.define('twin');
    lab.fleet.hypervisor.apply({ op: 'define', host: lab.fleet.two, config: config('twin') });
    expect(await lab.ask('GET', '/guests/twin')).toMatchObject({ status: 409, body: { code: 'AMBIGUOUS' } });
    expect(await lab.ask('GET', '/guests/twin?host=two')).toMatchObject({
      status: 200,
      body: { host: 'two' },
    });
  });

  it('do what the life cycle allows, and say why not otherwise', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web');
    const act = (action: string, more: object = {}) =>
      lab.ask('POST', '/guests/web/actions', { action, ...more });
    expect(await act('suspend')).toMatchObject({ status: 409, body: { code: 'OPERATION_INVALID' } });
    expect(await act('start', { paused: true })).toMatchObject({ status: 200, body: { state: 'PAUSED' } });
    expect(await act('resume')).toMatchObject({
      status: 200,
      body: { state: 'RUNNING', reason: 'UNPAUSED' },
    });
    expect((await act('fly')).status).toBe(400);
    expect((await act('start', { sideways: true })).status).toBe(400);
    expect(await act('migrate', { target: 'two' })).toMatchObject({ status: 200, body: { busy: true } });
    lab.fleet.pass(600);
    expect(stateOf(lab.fleet.two.domains.byName('web')!)).toBe('RUNNING/MIGRATED');
    expect(domain.isActive).toBe(false);
  });

  it('define by XML, change, rename and undefine', async () => {
    const lab = new ControlLaboratory();
    const uuid = '6b1f2c7a-6f0e-4f62-9d53-0c9b8f6f0001';
    const define = (text: string, query = '') =>
      lab.ask('POST', `/guests${query}`, text, { 'Content-Type': 'application/xml' });
    expect(await define(XML('new', uuid), '?host=two')).toMatchObject({
      status: 201,
      body: { host: 'two', maxMemoryKiB: 1_048_576 },
    });
    expect(await define(XML('new', uuid, 2048), '?host=two')).toMatchObject({
      status: 201,
      body: { maxMemoryKiB: 2_097_152 },
    });
    expect(await define(XML('other', uuid), '?host=two')).toMatchObject({
      status: 409,
      body: { code: 'DUPLICATE' },
    });
    expect(await define('<domain type="kvm"><name>x</name>')).toMatchObject({
      status: 400,
      body: { code: 'DOMAIN_INVALID' },
    });
    expect(await lab.ask('POST', '/guests/new/rename', { name: 'newer' })).toMatchObject({
      status: 200,
      body: { name: 'newer' },
    });
    expect((await lab.ask('DELETE', '/guests/newer')).status).toBe(204);
    expect((await lab.ask('GET', '/guests/newer')).status).toBe(404);
  });

  it('tune what a running guest gets', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web', config('web', { vcpus: 2, maxVcpus: 4 }));
    lab.fleet.act(domain, 'start');
    const tune = (changes: object) => lab.ask('PATCH', '/guests/web', changes);
    expect(await tune({ vcpus: 3, autostart: true, cpu: { shares: 512 } })).toMatchObject({
      status: 200,
      body: { vcpus: 3, autostart: true },
    });
    expect(await tune({ vcpus: 9 })).toMatchObject({ status: 409 });
    expect(domain.vcpus).toBe(3);
    expect((await tune({ vcpu: 1 })).status).toBe(400);
    expect((await tune({ vcpus: 1.5 })).status).toBe(400);
  });

  it('inject NMIs and keys, and show the console', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web');
    expect(await lab.ask('GET', '/guests/web/console')).toMatchObject({ status: 409 });
    lab.fleet.act(domain, 'start');
    lab.fleet.pass(120);
    const read = async (from: number) =>
      (await lab.ask('GET', `/guests/web/console?from=${from}`)).body as {
        text: string;
        next: number;
        missed: number;
      };
    const before = await read(0);
    expect(before.text).toContain('login: ');
    expect((await read(before.next)).text).toBe('');
    const keys = ['KEY_LEFTALT', 'KEY_SYSRQ', 'KEY_H'];
    expect((await lab.ask('POST', '/guests/web/debug', { keys })).status).toBe(200);
    lab.fleet.pass(1);
    expect((await read(before.next)).text).toContain('sysrq');
    expect((await lab.ask('POST', '/guests/web/debug', { nmi: true })).status).toBe(200);
    expect(await lab.ask('POST', '/guests/web/debug', { sysrq: 'H' })).toMatchObject({ status: 400 });
    expect((await lab.ask('POST', '/guests/web/devices', { kind: 'hang' })).status).toBe(200);
    expect((await lab.ask('POST', '/guests/web/devices', { kind: 'explode' })).status).toBe(400);
  });
});
