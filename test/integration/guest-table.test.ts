import { expect, it } from 'vitest';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import { describeWithNetSnmp, netSnmp } from '../support/net-snmp.ts';
import { type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';

const V2C = ['-v2c', '-c', 'public'];
const WRITE = ['-v2c', '-c', 'private'];

function guests({ daemon }: RunningDaemon): Domain[] {
  return Array.from(daemon.hypervisor.hosts[0]!.domains);
}

function instance(column: string, domain: Domain): string {
  return `libvirtGuest${column}.${domain.uuidOctets.join('.')}`;
}

async function value(endpoint: string, column: string, domain: Domain): Promise<string> {
  const { lines } = await netSnmp('snmpget', ...V2C, '-Oqv', endpoint, instance(column, domain));
  return lines[0]!;
}

/** Brings a guest of the running simulation into a state, through the door that everybody uses. */
function bring(
  { daemon, clock }: RunningDaemon,
  domain: Domain,
  state: 'running' | 'paused' | 'shutoff',
): void {
  if (domain.isActive) daemon.hypervisor.apply({ op: 'act', domain, action: 'destroy' });
  if (state === 'shutoff') return;
  daemon.hypervisor.apply({ op: 'act', domain, action: 'start', paused: state === 'paused' });
  clock.advanceTo(clock.nowMs + 120_000);
}

describeWithNetSnmp('reading the guest table', () => {
  it('shows every defined domain in snmptable, with names', async () => {
    const running = await startDaemon(testConfig({ guests: 12 }));
    const { lines } = await netSnmp(
      'snmptable',
      ...V2C,
      '-Cb',
      '-Cf',
      '|',
      running.endpoint,
      'libvirtGuestTable',
    );
    expect(lines[0]).toBe('SNMP table: LIBVIRT-MIB::libvirtGuestTable');
    expect(lines[1]).toBe('UUID|Name|State|CpuCount|MemoryCurrent|MemoryLimit|CpuTime|RowStatus');
    const names = lines.slice(2).map((line) => line.split('|')[1]);
    expect(names).toEqual(guests(running).map(({ name }) => `"${name}"`));
  });

  it('names instances by the UUID’s display hint', async () => {
    const running = await startDaemon();
    const { lines } = await netSnmp('snmpwalk', ...V2C, '-OX', running.endpoint, 'libvirtGuestName');
    // Net-SNMP prints each hexadecimal group of a display hint without leading zeros.
    const hinted = (uuid: string) => uuid.replaceAll(/(^|-)0+(?=[0-9a-f])/g, '$1');
    expect(lines).toEqual(
      guests(running).map(
        ({ uuid, name }) => `LIBVIRT-MIB::libvirtGuestName[STRING: ${hinted(uuid)}] = STRING: "${name}"`,
      ),
    );
  });

  it('gives the same instances to snmpwalk, snmpbulkwalk -Cr50 and snmpgetnext', async () => {
    const { endpoint } = await startDaemon(testConfig({ guests: 40 }));
    const walk = await netSnmp('snmpwalk', ...V2C, '-On', endpoint, '1.3.6.1.4.1.36957');
    const bulk = await netSnmp('snmpbulkwalk', ...V2C, '-Cr50', '-On', endpoint, '1.3.6.1.4.1.36957');
    expect(walk.lines).toHaveLength(40 * 7);
    expect(bulk.lines).toEqual(walk.lines);
    const names = walk.lines.map((line) => line.split(' = ')[0]!);
    for (const i of [0, 39, 40, 279]) {
      const { lines } = await netSnmp(
        'snmpgetnext',
        ...V2C,
        '-On',
        endpoint,
        i === 0 ? '1.3.6.1.4.1.36957' : names[i - 1]!,
      );
      expect(lines[0]!.split(' = ')[0]).toBe(names[i]);
    }
  });

  it('leaves the Counter64 column out for SNMPv1', async () => {
    const { endpoint } = await startDaemon();
    const { lines } = await netSnmp('snmpwalk', '-v1', '-c', 'public', '-Os', endpoint, 'libvirtGuestTable');
    const columns = new Set(lines.map((line) => line.split('.')[0]));
    expect(columns).toEqual(
      new Set(
        ['Name', 'State', 'CpuCount', 'MemoryCurrent', 'MemoryLimit', 'RowStatus'].map(
          (column) => `libvirtGuest${column}`,
        ),
      ),
    );
  });

  it('never shows the index column', async () => {
    const running = await startDaemon();
    const { lines } = await netSnmp(
      'snmpget',
      ...V2C,
      running.endpoint,
      instance('UUID', guests(running)[0]!),
    );
    expect(lines[0]).toContain('No Such Object available on this agent at this OID');
  });
});

describeWithNetSnmp('setting libvirtGuestState', () => {
  const allowed = [
    ['running', 'paused', 'paused'],
    ['paused', 'running', 'running'],
    ['running', 'shutdown', 'shutdown'],
  ] as const;
  it.each(allowed)('%s guest set to %s reads %s at once', async (before, wanted, after) => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, before);
    const { status } = await netSnmp(
      'snmpset',
      ...WRITE,
      running.endpoint,
      instance('State', domain),
      '=',
      wanted,
    );
    expect(status).toBe(0);
    expect(await value(running.endpoint, 'State', domain)).toBe(after);
  });

  it('ends in shutoff when the guest has shut down', async () => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, 'running');
    await netSnmp('snmpset', ...WRITE, running.endpoint, instance('State', domain), '=', 'shutdown');
    running.clock.advanceTo(running.clock.nowMs + 600_000);
    expect(await value(running.endpoint, 'State', domain)).toBe('shutoff');
    expect(await value(running.endpoint, 'RowStatus', domain)).toBe('notInService');
  });

  const refused = (['running', 'paused', 'shutoff'] as const).flatMap((before) =>
    [1, 2, 3, 4, 5, 6]
      .filter(
        (wanted) =>
          !allowed.some(([b, w]) => b === before && wanted === { running: 1, paused: 3, shutdown: 4 }[w]),
      )
      .map((wanted) => [before, wanted] as const),
  );
  it.each(refused)('%s guest set to %i is inconsistentValue and changes nothing', async (before, wanted) => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, before);
    const result = await netSnmp(
      'snmpset',
      ...WRITE,
      running.endpoint,
      instance('State', domain),
      'i',
      String(wanted),
    );
    expect(result.stderr).toContain('inconsistentValue');
    expect(result.stderr).toContain('Failed object: LIBVIRT-MIB::libvirtGuestState');
    expect(await value(running.endpoint, 'State', domain)).toBe(before);
  });
});

describeWithNetSnmp('setting libvirtGuestRowStatus', () => {
  it('createAndGo starts a guest that is off, and reads active at once', async () => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, 'shutoff');
    await netSnmp('snmpset', ...WRITE, running.endpoint, instance('RowStatus', domain), '=', 'createAndGo');
    expect(await value(running.endpoint, 'State', domain)).toBe('running');
    expect(await value(running.endpoint, 'RowStatus', domain)).toBe('active');
  });

  it.each([0, 1])('createAndGo with state paused starts it paused (order %i)', async (order) => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, 'shutoff');
    const bindings = [
      [instance('RowStatus', domain), '=', 'createAndGo'],
      [instance('State', domain), '=', 'paused'],
    ];
    if (order) bindings.reverse();
    const { status } = await netSnmp('snmpset', ...WRITE, running.endpoint, ...bindings.flat());
    expect(status).toBe(0);
    expect(await value(running.endpoint, 'State', domain)).toBe('paused');
  });

  it('destroy stops a running guest at once', async () => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, 'running');
    await netSnmp('snmpset', ...WRITE, running.endpoint, instance('RowStatus', domain), '=', 'destroy');
    expect(await value(running.endpoint, 'State', domain)).toBe('shutoff');
    expect(await value(running.endpoint, 'RowStatus', domain)).toBe('notInService');
  });

  it.each([
    ['running', 'createAndGo', 'inconsistentValue'],
    ['shutoff', 'destroy', 'inconsistentValue'],
    ['running', 'createAndWait', 'wrongValue'],
    ['shutoff', 'createAndWait', 'wrongValue'],
    ['running', 'notReady', 'wrongValue'],
    ['running', 'notInService', 'inconsistentValue'],
    ['shutoff', 'active', 'inconsistentValue'],
  ] as const)('%s guest: %s is %s', async (before, wanted, error) => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, before);
    const result = await netSnmp(
      'snmpset',
      ...WRITE,
      running.endpoint,
      instance('RowStatus', domain),
      '=',
      wanted,
    );
    expect(result.stderr).toContain(error);
    expect(await value(running.endpoint, 'State', domain)).toBe(before);
  });

  it.each([
    ['running', 'active'],
    ['shutoff', 'notInService'],
  ] as const)('%s guest: %s says what is so already', async (before, wanted) => {
    const running = await startDaemon();
    const domain = guests(running)[0]!;
    bring(running, domain, before);
    const result = await netSnmp(
      'snmpset',
      ...WRITE,
      running.endpoint,
      instance('RowStatus', domain),
      '=',
      wanted,
    );
    expect(result.status).toBe(0);
    expect(await value(running.endpoint, 'State', domain)).toBe(before);
  });

  it.each([
    ['1.2.3', 'createAndGo', 'noCreation'],
    ['1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16', 'createAndGo', 'inconsistentName'],
  ])('a row %s that does not exist: %s is %s', async (index, wanted, error) => {
    const { endpoint } = await startDaemon();
    const result = await netSnmp(
      'snmpset',
      ...WRITE,
      endpoint,
      `.1.3.6.1.4.1.36957.1.1.1.9.${index}`,
      '=',
      wanted,
    );
    expect(result.stderr).toContain(error);
  });
});

describeWithNetSnmp('a set of several rows', () => {
  it('changes all or nothing', async () => {
    const running = await startDaemon();
    const [one, two] = guests(running) as [Domain, Domain];
    bring(running, one, 'running');
    bring(running, two, 'running');
    const set = (...bindings: string[]) => netSnmp('snmpset', ...WRITE, running.endpoint, ...bindings);
    const refused = await set(instance('State', one), '=', 'paused', instance('State', two), '=', 'crashed');
    expect(refused.stderr).toContain('inconsistentValue');
    expect([one.state, two.state]).toEqual([1, 1]);
    const made = await set(instance('State', one), '=', 'paused', instance('State', two), '=', 'paused');
    expect(made.status).toBe(0);
    expect([one.state, two.state]).toEqual([3, 3]);
  });

  it('is noAccess for a read-only community, and noSuchName for SNMPv1', async () => {
    const running = await startDaemon();
    const bindings = [instance('State', guests(running)[0]!), '=', 'paused'];
    const v2 = await netSnmp('snmpset', ...V2C, running.endpoint, ...bindings);
    expect(v2.stderr).toContain('noAccess');
    const v1 = await netSnmp('snmpset', '-v1', '-c', 'public', running.endpoint, ...bindings);
    expect(v1.stderr).toContain('(noSuchName)');
  });
});

describeWithNetSnmp('compat: libvirt-snmp', () => {
  it('shows RowStatus active for guests that are off, and state 7 for those asleep', async () => {
    const running = await startDaemon(testConfig({ compat: 'libvirt-snmp' }));
    const [one, two] = guests(running) as [Domain, Domain];
    bring(running, one, 'shutoff');
    bring(running, two, 'running');
    running.daemon.hypervisor.apply({ op: 'act', domain: two, action: 'pm-suspend' });
    running.clock.advanceTo(running.clock.nowMs + 60_000);
    expect(await value(running.endpoint, 'RowStatus', one)).toBe('active');
    expect(await value(running.endpoint, 'State', two)).toBe('7');
  });

  it('is off by default: notInService, and asleep is paused', async () => {
    const running = await startDaemon();
    const [one, two] = guests(running) as [Domain, Domain];
    bring(running, one, 'shutoff');
    bring(running, two, 'running');
    running.daemon.hypervisor.apply({ op: 'act', domain: two, action: 'pm-suspend' });
    running.clock.advanceTo(running.clock.nowMs + 60_000);
    expect(await value(running.endpoint, 'RowStatus', one)).toBe('notInService');
    expect(await value(running.endpoint, 'State', two)).toBe('paused');
  });
});
