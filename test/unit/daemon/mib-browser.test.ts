import { describe, expect, it } from 'vitest';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';

const GUEST_STATE = '1.3.6.1.4.1.36957.1.1.1.3';
const COMMUNITY_NAME = '1.3.6.1.6.3.18.1.1.1.2';

describe('the MIB browser of the API', () => {
  it('shows names, descriptions and the values that the agent serves, page by page, but no community', async () => {
    const config = testConfig({ guests: 3 });
    const { daemon, port } = await startDaemon({
      ...config,
      control: { ...config.control, listen: ['127.0.0.1'], port: 0 },
    });
    const ask = async <T>(path: string) =>
      (await (await fetch(`${daemon.controlUrls[0]}${path}`)).json()) as T;
    const objects = await ask<{ oid: string; name: string; kind: string; description?: string }[]>('/mib');
    expect(objects).toContainEqual(
      expect.objectContaining({
        name: 'libvirtGuestState',
        oid: GUEST_STATE,
        kind: 'column',
        access: 'read-create',
        description: expect.stringMatching(/\w/),
      }),
    );
    const host = daemon.hypervisor.hosts[0]!;
    type Answer = { reach: string; instances: { oid: string; row: string; index: string; value: string }[] };
    const read = (query: string) => ask<Answer>(`/hosts/${host.name}/snmp?${query}`);
    const all = await read(`oid=${GUEST_STATE}`);
    expect(all.reach).toBe(`-v2c -c public 127.0.0.1:${port}`);
    expect(all.instances.map(({ row }) => row)).toEqual(Array.from(host.domains, ({ uuid }) => uuid));
    expect(all.instances[0]!.value).toMatch(/^(running|shutoff)\(\d\)$/);
    const first = await read(`oid=${GUEST_STATE}&count=1`);
    const rest = await read(`oid=${GUEST_STATE}&after=${first.instances[0]!.index}`);
    expect([...first.instances, ...rest.instances]).toEqual(all.instances);
    const { instances } = await read(`oid=${COMMUNITY_NAME}`);
    expect(new Set(instances.map(({ value }) => value))).toEqual(new Set(['(not shown)']));
  });
});
