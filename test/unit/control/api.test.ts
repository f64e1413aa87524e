import { describe, expect, it } from 'vitest';
import { MAX_BODY } from '../../../agent/control/app.ts';
import { Feed } from '../../../agent/control/feed.ts';
import { config } from '../emulation/fleet.ts';
import { ControlLaboratory } from './laboratory.ts';

describe('who may use the control API', () => {
  it('is whoever asks by an address or localhost, and no page of another site', async () => {
    const lab = new ControlLaboratory({ names: ['lab.example'] });
    const status = async (headers: Record<string, string>) =>
      (await lab.ask('GET', '/hosts', undefined, headers)).status;
    for (const host of ['localhost', 'localhost:8161', '127.0.0.1:8161', '[::1]:8161', 'lab.example'])
      expect(await status({ Host: host })).toBe(200);
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'])
      expect(await status({ Host: host })).toBe(403);
    expect(await status({ Origin: 'http://localhost' })).toBe(200);
    expect(await status({ Origin: 'http://evil.example' })).toBe(403);
    expect(await status({ Origin: 'null' })).toBe(403);
  });

  it('is whoever has the token, where one is wanted', async () => {
    const token = 'sesame-sesame-sesame';
    const lab = new ControlLaboratory({ token });
    const ask = (authorization?: string) =>
      lab.ask(
        'GET',
        '/hosts',
        undefined,
        authorization === undefined ? {} : { Authorization: authorization },
      );
    expect(await ask()).toMatchObject({ status: 401 });
    expect((await ask()).headers.get('www-authenticate')).toContain('Bearer');
    for (const wrong of ['Bearer', 'Bearer sesame', `Bearer ${token}x`, `Basic ${token}`, token])
      expect((await ask(wrong)).status).toBe(401);
    expect(JSON.stringify(await ask(`Bearer ${token}x`))).not.toContain(token);
    expect((await ask(`Bearer ${token}`)).status).toBe(200);
  });

  it('gets nothing for a body that is too large, or no JSON', async () => {
    const lab = new ControlLaboratory();
    lab.fleet.define('web');
    const huge = JSON.stringify({ action: 'start', mode: 'x'.repeat(MAX_BODY) });
    expect((await lab.ask('POST', '/guests/web/actions', huge)).status).toBe(413);
    expect((await lab.ask('POST', '/guests/web/actions', '{"action":')).status).toBe(400);
    expect((await lab.ask('POST', '/guests/web/actions', '[]')).status).toBe(400);
    expect((await lab.ask('POST', '/clock/step', { seconds: 5 })).body).toMatchObject({
      detail: expect.stringMatching(/^either ms: .*; Unrecognized key: "seconds", or to: /),
    });
    const text = await lab.ask('POST', '/guests/web/actions', 'action=start', {
      'Content-Type': 'text/plain',
    });
    expect(text.status).toBe(400);
    expect(await lab.ask('GET', '/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(lab.fleet.one.domains.byName('web')!.isActive).toBe(false);
  });
});

describe('routes about hosts and time', () => {
  it('show hosts and their software, and change it', async () => {
    const lab = new ControlLaboratory();
    expect(await lab.ask('GET', '/hosts/one')).toMatchObject({
      status: 200,
      body: { name: 'one', state: 'up', pcpus: 64 },
    });
    const act = (body: object) => lab.ask('POST', '/hosts/one/actions', body);
    expect((await act({ install: [{ name: 'ovirt-node', version: '4.6' }] })).status).toBe(200);
    const { body } = await lab.ask('GET', '/hosts/one/software');
    expect((body as object[]).slice(1)).toMatchObject([
      { name: 'ovirt-node', kind: 'image', booted: true, bootNext: false, installOnly: true },
      { name: 'libvirt', kind: 'package', booted: false },
      { name: 'qemu-kvm' },
      { name: 'ovirt-node', version: '4.6', booted: false, bootNext: true },
    ]);
    expect((await act({ select: 2 })).status).toBe(200);
    expect(await act({ select: 77 })).toMatchObject({ status: 409 });
    expect((await act({ explode: true })).status).toBe(400);
    expect(await act({ reboot: true })).toMatchObject({ status: 200, body: { state: 'stopping' } });
  });

  it('show, step and set the time', async () => {
    const lab = new ControlLaboratory();
    expect((await lab.ask('POST', '/clock/step', { ms: 5000 })).body).toMatchObject({ nowMs: 5000, seed: 7 });
    const to = new Date(lab.fleet.clock.wallMs + 60_000).toISOString();
    expect((await lab.ask('POST', '/clock/step', { to })).body).toMatchObject({ now: to, nowMs: 65_000 });
    expect((await lab.ask('POST', '/clock/step', { to: '2020-01-01T00:00:00Z' })).status).toBe(409);
    expect((await lab.ask('POST', '/clock/step', { ms: -1 })).status).toBe(400);
    expect((await lab.ask('PUT', '/clock', { speed: 60 })).status).toBe(200);
    expect(lab.speed).toBe(60);
    expect((await lab.ask('PUT', '/clock', { speed: 10_001 })).status).toBe(400);
  });
});

describe('GET /metrics', () => {
  it('tells the numbers that the API tells, by the names of the exporters', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('say "hi"', config('say "hi"', { vcpus: 2, maxVcpus: 2 }));
    lab.fleet.define('off');
    lab.fleet.act(domain, 'start');
    lab.fleet.pass(300);
    const { body, headers } = await lab.ask('GET', '/metrics');
    expect(headers.get('content-type')).toContain('version=0.0.4');
    const text = body as string;
    const labels = `domain="say \\"hi\\"",uuid="${domain.uuid}",host="one"`;
    expect(text).toContain(
      `libvirt_domain_info_cpu_time_seconds_total{${labels}} ${domain.cpuTimeNs / 1e9}\n`,
    );
    expect(text).toContain(`libvirt_domain_info_memory_usage_bytes{${labels}} ${domain.memoryKiB * 1024}\n`);
    expect(text).toContain(`libvirt_domain_vcpu_time_seconds_total{${labels},vcpu="1"} `);
    expect(text).toContain('libvirt_up{host="two"} 1\n');
    expect(text).toContain('virtsnmp_in_pkts_total 5\n');
    // What is shut off has no CPU time; each metric is told once, and has its type before its samples.
    expect(text).not.toMatch(/cpu_time_seconds_total\{domain="off"/);
    const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
    for (const [, name] of text.matchAll(/^([a-z_]+)[{ ]/gm)) expect(types).toContain(name);
  });
});

describe('the stream of events', () => {
  const read = async (lab: ControlLaboratory, path: string, until: string, headers = {}) => {
    const response = await lab.app.request(`http://localhost${path}`, {
      headers: { Host: 'localhost', ...headers },
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes(until)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    await reader.cancel();
    return text;
  };

  it('tells what happens, from now on or from an id on', async () => {
    const lab = new ControlLaboratory();
    for (let i = 1; i <= 5; i++) lab.feed.add('events', { n: i });
    setImmediate(() => lab.feed.add('alarms', { n: 6 }));
    const now = await read(lab, '/events', '"n":6');
    expect(now).not.toContain('"n":5');
    expect(now).toContain('event: alarms\ndata: {"n":6}\nid: 6\n');
    const resumed = await read(lab, '/events?topics=events', '"n":5', { 'Last-Event-ID': '3' });
    expect([...resumed.matchAll(/"n":(\d)/g)].map(([, n]) => n)).toEqual(['4', '5']);
    expect((await lab.ask('GET', '/events?topics=weather')).status).toBe(400);
  });

  it('tells how much is not kept any more', async () => {
    const lab = new ControlLaboratory({}, new Feed(10));
    for (let i = 1; i <= 25; i++) lab.feed.add('events', { n: i });
    const text = await read(lab, '/events?since=2', '"n":25');
    expect(text).toContain('event: missed\ndata: 13\n');
    expect([...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n))).toEqual([
      16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    ]);
  });
});

describe('the stream of statistics', () => {
  it('samples at simulated times, for whom was asked', async () => {
    const lab = new ControlLaboratory();
    for (const name of ['web-01', 'db-01']) lab.fleet.act(lab.fleet.define(name), 'start');
    lab.fleet.pass(60);
    const ended = new AbortController();
    const response = await lab.app.request(
      'http://localhost/statistics?name=web-*&every=5&groups=state,cpu-total',
      {
        headers: { Host: 'localhost' },
        signal: ended.signal,
      },
    );
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let samples = 1; samples <= 3; samples++) {
      while ((text.match(/^id: /gm) ?? []).length < samples) text += (await reader.read()).value ?? '';
      // The next is waited for once this one is written.
      await new Promise((resolve) => setImmediate(resolve));
      lab.fleet.pass(5);
    }
    await reader.cancel();
    const samples = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as Sample);
    const { nowMs } = samples[0]!;
    expect(samples.slice(0, 3).map((sample) => sample.nowMs - nowMs)).toEqual([0, 5000, 10_000]);
    for (const { guests } of samples) expect(guests.map(({ name }) => name)).toEqual(['web-01']);
    const times = samples.map(({ guests }) => guests[0]!.stats['cpu.time']!);
    expect(times[1]).toBeGreaterThan(times[0]!);
    expect((await lab.ask('GET', '/statistics?every=0')).status).toBe(400);
    expect((await lab.ask('GET', '/statistics?host=three')).status).toBe(404);
  });
});

interface Sample {
  readonly nowMs: number;
  readonly guests: readonly { readonly name: string; readonly stats: Readonly<Record<string, number>> }[];
}
