import { describe, expect, it } from 'vitest';
import { ControlLaboratory } from './laboratory.ts';

describe('routes about faults and alarms', () => {
  it('raise a fault whose alarm comes out of the model, and clear it', async () => {
    const lab = new ControlLaboratory();
    const domain = lab.fleet.define('web');
    lab.fleet.act(domain, 'start');
    lab.fleet.pass(60);
    expect(await lab.ask('POST', '/faults', { kind: 'hung-monitor', guest: 'web' })).toMatchObject({
      status: 200,
      body: [{ id: 1, kind: 'hung-monitor', guest: 'web', host: 'one' }],
    });
    lab.fleet.pass(120);
    expect(await lab.ask('GET', '/alarms')).toMatchObject({
      status: 200,
      body: [{ kind: 'monitorHung', guest: 'web', host: 'one', resource: { kind: 'guest' } }],
    });
    expect((await lab.ask('GET', '/alarms?host=two')).body).toEqual([]);
    expect((await lab.ask('DELETE', '/faults/1')).status).toBe(204);
    expect((await lab.ask('GET', '/faults')).body).toEqual([]);
    expect((await lab.ask('DELETE', '/faults/1')).status).toBe(409);
    lab.fleet.pass(120);
    expect((await lab.ask('GET', '/alarms')).body).toEqual([]);
  });

  it('refuse what no such target has, and parameters that are none', async () => {
    const lab = new ControlLaboratory();
    lab.fleet.define('web');
    const raise = (body: object) => lab.ask('POST', '/faults', body);
    expect(await raise({ kind: 'guest-panic' })).toMatchObject({
      status: 400,
      body: { detail: 'guests have a guest-panic: say which one' },
    });
    expect((await raise({ kind: 'host-nic-down', guest: 'web' })).status).toBe(400);
    expect((await raise({ kind: 'moth' })).status).toBe(400);
    expect((await raise({ kind: 'slow-disk', guest: 'web', parameters: { factor: 0 } })).status).toBe(400);
    expect((await raise({ kind: 'guest-hang', guest: 'web' })).status).toBe(409);
    expect((await raise({ kind: 'host-nic-down', host: 'two', durationMs: 1000 })).status).toBe(200);
    lab.fleet.pass(2);
    expect((await lab.ask('GET', '/faults')).body).toEqual([]);
  });
});
