import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadScenario } from '../../../agent/scenario/load.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-scenario-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = `name: a test
config:
  inventory:
    list:
      - { name: web-01, memory: 512 MiB }
timeline:
`;

function load(text: string) {
  writeFileSync(join(folder, 'some.yaml'), text);
  return loadScenario({ file: 'some.yaml', env: {}, cwd: folder });
}

function problems(steps: string): string[] {
  try {
    load(HEAD + steps);
  } catch (thrown) {
    return (thrown as Error).message.split('\n');
  }
  return [];
}

describe('a scenario', () => {
  it('has the times of its steps, and an end', () => {
    const { steps, endMs, epochMs, config } = load(`${HEAD}
  - { at: 1 min, do: { act: { guest: web-01, action: suspend } } }
  - { after: 30 s, expect: { alarm: stealHigh, is: not up, within: 10 s, holds: 5 s } }
  - { expect: { event: SUSPENDED/PAUSED } }
  - { never: { event: STOPPED/CRASHED, until: 2 min } }
`);
    expect(steps.map(({ atMs, kind }) => [atMs, kind])).toEqual([
      [60_000, 'do'],
      [90_000, 'expect'],
      [90_000, 'expect'],
      [90_000, 'never'],
    ]);
    expect(endMs).toBe(120_000);
    expect(epochMs).toBe(Date.parse('2026-01-05T09:00:00Z'));
    expect([config.agent.port, config.control.port]).toEqual([0, 0]);
  });

  it('keeps the ports that it names, and those of flags before them', () => {
    const text = `name: ports\nconfig: { agent: { port: 16100 }, control: { port: 18100 } }\ntimeline: [{ expect: { snmp: "sysName != x" } }]\n`;
    expect(load(text).config).toMatchObject({ agent: { port: 16_100 }, control: { port: 18_100 } });
    const { config } = loadScenario({ file: 'some.yaml', env: {}, cwd: folder, overrides: { port: 16_200 } });
    expect(config.agent.port).toBe(16_200);
  });

  it('takes its configuration from a file beside it', () => {
    writeFileSync(join(folder, 'host.yaml'), 'inventory: { guests: 2 }\n');
    expect(
      load('name: a\nconfig: host.yaml\ntimeline: [{ expect: { snmp: "lvsHostGuests == 2" } }]\n').config
        .inventory.guests,
    ).toBe(2);
  });

  it.each([
    ['  - { at: 1 min, doo: {} }', /^some\.yaml:7:18 timeline\[0\]\.doo: an unknown key; did you mean do\?$/],
    ['  - { at: 1 min }', /^some\.yaml:7:5 timeline\[0\]: does nothing; expected one of do, expect, never$/],
    [
      '  - { at: soon, expect: { event: UP } }',
      /^some\.yaml:7:11 timeline\[0\]\.at: "soon" is not accepted, expected a number of seconds/,
    ],
    [
      '  - { do: { fualt: {} } }',
      /^some\.yaml:7:13 timeline\[0\]\.do\.fualt: not an action; did you mean fault\?$/,
    ],
    [
      '  - { do: { act: { guest: web-01, action: strat } } }',
      /^some\.yaml:7:43 .*action: "strat" is not accepted, did you mean start\?$/,
    ],
    [
      '  - { do: { act: { action: start } } }',
      /^some\.yaml:7:18 timeline\[0\]\.do\.act\.guest: is missing; expected text/,
    ],
    [
      '  - { do: { act: { guest: web-1, action: start } } }',
      /^some\.yaml:7:18 timeline\[0\]\.do\.act: no guest fits web-1; did you mean web-01\?$/,
    ],
    [
      '  - { do: { fault: { kind: memory-leak } } }',
      /timeline\[0\]\.do\.fault: guests have a memory-leak; expected guest$/,
    ],
    [
      '  - { do: { fault: { kind: host-crash, guest: web-01 } } }',
      /^some\.yaml:7:47 .*hosts have a host-crash, not guests/,
    ],
    [
      '  - { do: { fault: { kind: memory-leak, guest: web-01, parameters: { share: 1 } } } }',
      /share: not a parameter of memory-leak; expected bytesPerSecond$/,
    ],
    [
      '  - { do: { tune: { guest: web-01, cpu: { quotUs: 1 } } } }',
      /cpu\.quotUs: an unknown key; did you mean quotaUs\?$/,
    ],
    ['  - { do: { debug: { guest: web-01, sysrk: c } } }', /sysrk: an unknown key; did you mean sysrq\?$/],
    ['  - { expect: { alram: stealHigh } }', /timeline\[0\]\.expect: expects nothing; did you mean alarm\?$/],
    [
      '  - { expect: { alarm: stealHihg } }',
      /^some\.yaml:7:24 .*"stealHihg" is no kind of alarm; did you mean stealHigh\?$/,
    ],
    [
      '  - { expect: { event: STOPED/CRASHED } }',
      /"STOPED\/CRASHED" is no event; did you mean STOPPED\/CRASHED\?$/,
    ],
    [
      '  - { expect: { notification: lvsGuestCrash } }',
      /"lvsGuestCrash" is not a notification that is served; did you mean lvsGuestCrashed\?$/,
    ],
    [
      '  - { expect: { notification: lvsGuestCrashed, with: lvsAlarmKind == other } }',
      /with\[0\]: lvsAlarmKind is not in lvsGuestCrashed; /,
    ],
    ['  - { expect: { event: UP, holds: 3 s } }', /^some\.yaml:7:28 .*holds: event is about what happens/],
    [
      '  - { expect: { alarm: stealHigh, event: UP } }',
      /expected one of notification, event, snmp, alarm, http in a step|beside/,
    ],
    ['  - { never: { event: UP } }', /never\.until: is missing; expected a number of seconds/],
    ['  - { expect: { http: nowhere } }', /"nowhere" is no URL/],
    [
      '  - { at: 2 min, expect: { event: UP } }\n  - { at: 1 min, expect: { event: UP } }',
      /^some\.yaml:8:11 timeline\[1\]\.at: earlier than the step before/,
    ],
    [
      '  - { at: 2 min, after: 1 s, expect: { event: UP } }',
      /^some\.yaml:7:18 timeline\[0\]\.after: beside at/,
    ],
    ['  - { expect: { snmp: "lvsHostBoots{host=host-9} == 1" } }', /there is no host host-9; /],
  ])('says where it is wrong and what would be right: %s', (steps, line) => {
    expect(problems(`${steps}\n`)).toEqual([expect.stringMatching(line)]);
  });

  it('says where its configuration is wrong, by the line of the scenario', () => {
    expect(() =>
      load('name: a\nconfig:\n  inventory: { gests: 3 }\ntimeline: [{ expect: { event: UP } }]\n'),
    ).toThrow('some.yaml:3:16 inventory.gests: an unknown option; did you mean guests?');
  });

  it('names all that is wrong at once', () => {
    expect(problems('  - { do: { fualt: {} } }\n  - { expect: { alarm: none } }\n')).toHaveLength(2);
  });
});
