import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { VirtsnmpError } from '../../../agent/util/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

/** The lines of the refusal, with the file's path taken off: `line:column path: message`. */
function refusal(text: string | Buffer, env: Record<string, string> = {}): string[] {
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, text);
  try {
    loadConfig({ file, env });
  } catch (error) {
    expect(error).toBeInstanceOf(VirtsnmpError);
    const { code, message } = error as VirtsnmpError;
    expect(code).toBe('CONFIG_INVALID');
    return message.split('\n').map((line) => line.replace(`${file}:`, ''));
  }
  throw new Error('the configuration was accepted');
}

const ROOT_KEYS =
  'agent, communities, users, limits, traps, notificationLog, inventory, host, emulation, alarms, triggers, faults, control, state, eventLog, log';
const LEVELS = 'error, warn, info, debug';

describe('values', () => {
  it.each<[string, string, string]>([
    [
      'a number out of range',
      'agent:\n  port: 70000\n',
      '2:9 agent.port: 70000 is not accepted, expected a whole number from 0 to 65535',
    ],
    [
      'a fraction',
      'agent: {port: 1.5}',
      '1:15 agent.port: 1.5 is not accepted, expected a whole number from 0 to 65535',
    ],
    [
      'text for a number',
      'agent:\n  maxBulkResponseSize: large\n',
      '2:24 agent.maxBulkResponseSize: "large" is not accepted, expected a whole number from 484 to 65507',
    ],
    [
      'infinity',
      'emulation: {speed: .inf}',
      '1:20 emulation.speed: Infinity is not accepted, expected a number from 0 to 10000',
    ],
    [
      'a boolean of YAML 1.1',
      '%YAML 1.1\n---\ntraps: {authentication: yes}',
      '3:25 traps.authentication: "yes" is not accepted, expected true or false',
    ],
    [
      'a severity that there is not',
      'alarms: {agentLost: {severity: bad}}',
      '1:32 alarms.agentLost.severity: "bad" is not accepted, expected one of critical, major, minor, warning, indeterminate',
    ],
    [
      'a word that is not offered',
      'log:\n  level: loud',
      `2:10 log.level: "loud" is not accepted, expected one of ${LEVELS}`,
    ],
    [
      'a level of a component',
      'log: {levels: {notify: all}}',
      `1:24 log.levels.notify: "all" is not accepted, expected one of ${LEVELS}`,
    ],
    [
      'an address in a list',
      'agent:\n  listen:\n    - 127.0.0.1\n    - nowhere\n',
      '4:7 agent.listen[1]: "nowhere" is not accepted, expected an IPv4 or IPv6 address',
    ],
    [
      'an address by itself',
      'agent: {listen: 1.2.3}',
      '1:17 agent.listen: "1.2.3" is not accepted, expected an IPv4 or IPv6 address',
    ],
    [
      'an empty list of addresses',
      'agent: {listen: []}',
      '1:17 agent.listen: a list of 0 is not accepted, expected a list of 1 to 16 IPv4 or IPv6 addresses',
    ],
    [
      'a section that is a list',
      'agent: [1]',
      '1:8 agent: a list of 1 is not accepted, expected a group of options',
    ],
    ['a file that is text', 'hello', '1:1 the value is not accepted, expected a group of options'],
    [
      'control characters',
      'agent: {system: {contact: "a\\u001b[2Jb"}}',
      '1:27 agent.system.contact: "a\\u001b[2Jb" is not accepted, expected text of 0 to 255 octets without control characters',
    ],
    [
      'a long text, cut',
      `agent: {system: {name: ${'é'.repeat(128)}}}`,
      `1:24 agent.system.name: "${'é'.repeat(59)}... is not accepted, expected text of 0 to 255 octets without control characters`,
    ],
    [
      'a number for text',
      'state: 42',
      '1:8 state: 42 is not accepted, expected text of 1 to 4096 octets without control characters, in quotes',
    ],
    [
      'a network with host bits',
      'communities:\n  - name: a\n    sources: 10.0.0.5/8\n',
      '3:14 communities[0].sources: has bits set after its prefix; expected 10.0.0.0/8 or 10.0.0.5/32',
    ],
    [
      'a prefix that is too long',
      'communities: [{name: a, sources: ["::1/129"]}]',
      '1:35 communities[0].sources[0]: has too long a prefix; expected 0 to 128 after the slash',
    ],
    [
      'a missing name',
      'communities:\n  - access: read-write\n',
      '2:5 communities[0].name: is missing; expected text of 1 to 255 octets without control characters',
    ],
    [
      'a missing host',
      'traps:\n  destinations:\n    - port: 162\n',
      '3:7 traps.destinations[0].host: is missing; expected a host name or an IP address',
    ],
    [
      'an inform of SNMPv1',
      'traps:\n  destinations:\n    - host: a\n      version: v1\n      type: inform\n',
      '5:13 traps.destinations[0].type: SNMPv1 has no informs; expected trap, or version: v2c or v3',
    ],
    [
      'SNMPv3 without a user',
      'traps:\n  destinations:\n    - host: a\n      version: v3\n',
      '3:7 traps.destinations[0].user: is missing; expected the name of a user, as version is v3',
    ],
    [
      'SNMPv3 with a community',
      'traps:\n  destinations:\n    - host: a\n      version: v3\n      user: u\n      community: c\n',
      '6:18 traps.destinations[0].community: v3 sends none; expected a user instead',
    ],
    [
      'a user of SNMPv2c',
      'traps:\n  destinations:\n    - host: a\n      user: u\n',
      '4:13 traps.destinations[0].user: v2c has none; expected a community, or version: v3',
    ],
    [
      'a source of another family',
      'traps: {destinations: [{host: 192.0.2.1, sourceAddress: "::1"}]}',
      '1:57 traps.destinations[0].sourceAddress: is of another family than the receiver; expected an IPv4 address',
    ],
    [
      'a filter by a name that is misspelt',
      'traps:\n  destinations:\n    - host: a\n      filter: {include: libvirtGuestNotiv}\n',
      '4:25 traps.destinations[0].filter.include: is no name of a module here; did you mean libvirtGuestNotif?',
    ],
    [
      'a filter by what is no identifier',
      'traps:\n  destinations:\n    - host: a\n      filter: {exclude: [coldStart, "1.3..6"]}\n',
      '4:37 traps.destinations[0].filter.exclude[1]: is no identifier; expected a name such as libvirtGuestNotif, or an object identifier such as 1.3.6.1.4.1.36957.*.1',
    ],
    [
      'a filter by what no object identifier begins with',
      'traps:\n  destinations:\n    - host: a\n      filter: {exclude: "3.1"}\n',
      '4:25 traps.destinations[0].filter.exclude: is no object identifier of at most 84 numbers; expected a name such as libvirtGuestNotif, or an object identifier such as 1.3.6.1.4.1.36957.*.1',
    ],
    [
      'a tag with a space',
      'traps:\n  destinations:\n    - host: a\n      tags: [a b]\n',
      '4:14 traps.destinations[0].tags[0]: the value is not accepted, expected text of 1 to 32 octets without spaces',
    ],
    [
      'an amount of memory',
      'inventory: {list: [{name: a, memory: 2 Gigs}]}',
      '1:38 inventory.list[0].memory: "2 Gigs" is not accepted, expected a whole number of KiB, or text with a unit such as "2 GiB" or "512 MiB"',
    ],
    [
      'too many disks',
      'inventory: {list: [{name: a, disks: 65}]}',
      '1:37 inventory.list[0].disks: 65 is not accepted, expected a count from 0 to 64, or a list of as many devices',
    ],
    [
      'a value behind an alias, where it stands',
      'inventory:\n  list:\n    - name: a\n      nics: &nics [{queues: 0}]\n    - name: b\n      nics: *nics\n',
      '4:29 inventory.list[0].nics[0].queues: 0 is not accepted, expected a whole number from 1 to 256',
    ],
    [
      'a value after Windows line ends',
      'agent:\r\n  port: -1\r\n',
      '2:9 agent.port: -1 is not accepted, expected a whole number from 0 to 65535',
    ],
  ])('refuses %s', (_what, text, line) => {
    expect(refusal(text)[0]).toBe(line);
  });
});

describe('unknown keys', () => {
  it.each<[string, string, string]>([
    ['a misspelt one', 'agent:\n  prot: 1\n', '2:3 agent.prot: an unknown option; did you mean port?'],
    ['one in other case', 'Agent: {}', '1:1 Agent: an unknown option; did you mean agent?'],
    ['one of another section', 'port: 1', '1:1 port: an unknown option; did you mean agent.port?'],
    ['one like none', 'colour: blue', `1:1 colour: an unknown option; expected one of ${ROOT_KEYS}`],
    [
      'a component',
      'log: {levels: {agnet: info}}',
      '1:16 log.levels.agnet: an unknown option; did you mean agent?',
    ],
    ['__proto__', '__proto__: {agent: {}}', `1:1 __proto__: an unknown option; expected one of ${ROOT_KEYS}`],
    ['constructor', 'constructor: 1', `1:1 constructor: an unknown option; expected one of ${ROOT_KEYS}`],
  ])('refuses %s', (_what, text, line) => {
    expect(refusal(text)).toEqual([line]);
  });
});

describe('syntax', () => {
  it.each<[string, string, string]>([
    ['a tab', 'agent:\n\tport: 1\n', '2:1 a tab in the indentation; expected spaces'],
    ['a key twice', 'state: a\nstate: b\n', '2:1 a key that its group has already; expected each key once'],
    [
      'an unknown tag',
      'state: !secret x',
      '1:8 a tag that is not known here; expected a value without a tag',
    ],
    [
      'a second document',
      'agent: {}\n---\nagent: {}\n',
      '2:1 a second document; expected one document in the file',
    ],
    [
      'an open quote',
      'state: "a',
      '1:10 something is missing before this; expected a closing quote or bracket, a comma, or ": " after a key',
    ],
    [
      'an alias to nothing',
      'agent: *none',
      '1:8 an alias to an anchor that is not there; expected an anchor of that name before it',
    ],
    [
      'an alias in itself',
      'agent: &a\n  system: *a\n',
      '2:11 an alias inside of what it stands for; expected the value written out',
    ],
    [
      'aliases that multiply',
      'a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]',
      '1:1 aliases that multiply; expected the values written out',
    ],
    [
      'many aliases',
      `a: &a 1\nb: [${'*a,'.repeat(101)}]`,
      '2:305 more than 100 aliases; expected the values written out',
    ],
  ])('refuses %s', (_what, text, line) => {
    expect(refusal(text)[0]).toBe(line);
  });

  it.each(['['.repeat(50_000), '{a: '.repeat(50_000), '- '.repeat(50_000)])('refuses great depth', (text) => {
    expect(refusal(text)[0]).toMatch(/nested too deep/);
  });
});

describe('what does not go together', () => {
  it.each<[string, string, string]>([
    [
      'an alarm that would flap',
      'alarms:\n  poolFull: {raise: 90, clear: 95}',
      '2:32 alarms.poolFull.clear: 95 is not below 90, at which the alarm is raised; expected less, so that it does not come and go with each small change',
    ],
    [
      'a threshold that the default of the other does not go with',
      'alarms:\n  poolFull:\n    raise: 50',
      '3:5 alarms.poolFull.clear: 95 is not below 50, at which the alarm is raised; expected less, so that it does not come and go with each small change',
    ],
    [
      'a community twice',
      'communities: [{name: abc}, {name: abc}]',
      '1:35 communities[1].name: the same community as communities[0]; expected each one once, with all its sources',
    ],
    [
      'more current than maximum memory',
      'inventory: {list: [{name: a, memory: 1 MiB, currentMemory: 2 MiB}]}',
      '1:60 inventory.list[0].currentMemory: more than the 1024 KiB of memory; expected at most that',
    ],
    [
      'more vCPUs than the maximum',
      'inventory: {list: [{name: a, vcpus: 3, maxVcpus: 2}]}',
      '1:37 inventory.list[0].vcpus: more than maxVcpus; expected at most 2',
    ],
    [
      'a disk target twice',
      'inventory: {list: [{name: a, disks: [{target: vda}, {target: vda}]}]}',
      '1:62 inventory.list[0].disks[1].target: a target that an earlier disk has; expected one of its own',
    ],
    [
      'a host that is not there',
      'inventory: {list: [{name: a, host: 2}]}',
      '1:36 inventory.list[0].host: there is no host 2; expected at most 1, the value of inventory.hosts',
    ],
    [
      'a name twice on a host',
      'inventory: {list: [{name: a}, {name: a}]}',
      '1:38 inventory.list[1].name: the name of inventory.list[0], which is on the same host; expected another',
    ],
    [
      'a UUID twice',
      'inventory: {hosts: 2, list: [{name: a}, {name: a, host: 2}]}',
      "1:41 inventory.list[1].uuid: the UUID of inventory.list[0]; expected another (a UUID that isn't given is derived from the name)",
    ],
    [
      'an address twice',
      'agent: {listen: ["::1", "::1"]}',
      '1:17 agent.listen: host 1 would listen on ::1 port 1161 as well; expected each address once, with room for 1 hosts',
    ],
    [
      'addresses that hosts run into',
      'agent: {listen: [127.0.0.1, 127.0.0.2]}\ninventory: {hosts: 3}',
      '1:17 agent.listen: host 2 would listen on 127.0.0.2 port 1161 as well; expected each address once, with room for 3 hosts',
    ],
    [
      'all addresses for several hosts',
      'agent: {listen: 0.0.0.0}\ninventory: {hosts: 3}',
      '1:17 agent.listen: all addresses of the machine leave none for 2 more hosts; expected a single address, or inventory.addressing: port',
    ],
    [
      'ports past the last',
      'agent: {port: 65535}\ninventory: {hosts: 3, addressing: port}',
      '2:20 inventory.hosts: host 2 would be past the last port, 65535; expected fewer hosts or a lower start',
    ],
    [
      'too many guests in all',
      'inventory: {hosts: 1000, guests: 2000}',
      '1:34 inventory.guests: 2000 guests on each of 1000 hosts are 2000000; expected at most 1000000 in all',
    ],
  ])('refuses %s', (_what, text, line) => {
    expect(refusal(text)).toEqual([line]);
  });
});

describe('the list of problems', () => {
  it('has all of them, in the order of the file', () => {
    const text = 'log: {level: x}\nagent:\n  port: x\n  lisen: y\ncommunities: 5\n';
    expect(refusal(text).map((line) => line.split(' ')[0])).toEqual(['1:14', '3:9', '4:3', '5:14']);
  });

  it('ends after 50', () => {
    const lines = refusal(`inventory:\n  list:\n${'    - {}\n'.repeat(70)}`);
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('... and 20 more');
  });
});

describe('the file itself', () => {
  const load = (file: string) => () => loadConfig({ file, env: {}, cwd: folder });

  it('must be there', () => {
    expect(load('missing.yaml')).toThrow(
      'missing.yaml: cannot be read (there is no such file); expected a YAML file',
    );
  });

  it('must not be a folder', () => {
    expect(load('.')).toThrow('.: cannot be read (it is a folder); expected a YAML file');
  });

  it('must be UTF-8', () => {
    expect(refusal(Buffer.from([0x61, 0x3a, 0x20, 0xff]))[0]).toMatch(
      /is not UTF-8 text; expected a YAML file in UTF-8$/,
    );
  });

  it('must not be huge', () => {
    expect(refusal(Buffer.alloc(8 * 1024 * 1024 + 1, '#'))[0]).toMatch(
      /has 8388609 octets; expected at most 8388608$/,
    );
  });
});
