import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { VM_MIB } from '../../agent/mib/generated/vm-mib.ts';
import type { Notification } from '../../agent/notify/notification.ts';
import { Causes } from '../../agent/objects/causes.ts';
import { notificationName } from '../../agent/objects/notifications.ts';
import { MachineWatch } from '../../agent/objects/vm-mib/machine-watch.ts';
import { OPER_STATE, operState } from '../../agent/objects/vm-mib/states.ts';
import { NotificationSwitches } from '../../agent/objects/vm-mib/switches.ts';
import { config, Fleet } from '../unit/emulation/fleet.ts';
import { GOLDEN, play } from '../unit/emulation/golden-stories.ts';

const FILE = join(import.meta.dirname, 'vm-notifications.txt');
const WINDOW_MS = 1000;
const PERSISTENT = VM_MIB.tables.vmTable.columns.vmPersistent.syntax.enums;

function label(enums: Readonly<Record<string, number>>, value: unknown): string {
  return Object.keys(enums).find((name) => enums[name] === value)!;
}

/** A notification as one line: simulated seconds since the story began, host, name, the state before or the list. */
function line(fleet: Fleet, host: string, notification: Notification, beginMs: number): string {
  const name = notificationName(notification);
  const [first, , state, persistent] = notification.varbinds.map(({ value }) => value);
  const carried = name.startsWith('vmBulk')
    ? Buffer.from(first as Uint8Array).toString('hex')
    : [label(OPER_STATE, state), ...(persistent ? [label(PERSISTENT, persistent)] : [])].join(' ');
  return `  ${((fleet.clock.nowMs - beginMs) / 1000).toFixed(3)} ${host} ${name} ${carried}`;
}

/** Tells a story in a fleet: all that both hosts send, behind its title, and what each domain is in the end. */
function tell(title: string, fleet: Fleet, story: () => void): string {
  const beginMs = fleet.clock.nowMs;
  const lines: string[] = [];
  const watches = [fleet.one, fleet.two].map(
    (host) =>
      new MachineWatch({
        host,
        clock: fleet.clock,
        switches: new NotificationSwitches({ perVm: true, bulk: true }),
        upTime: () => fleet.clock.nowMs / 10,
        isTold: () => true,
        windowMs: () => WINDOW_MS,
        send: (notification) => lines.push(line(fleet, host.name, notification, beginMs)),
      }),
  );
  const stop = fleet.hypervisor.onSettled((domains, _, events, cause) => {
    watches.forEach((watch, i) => {
      watch.hear(domains, new Causes(events, i === 0 ? fleet.one : fleet.two, cause));
    });
  });
  story();
  fleet.pass(2);
  stop();
  const ends = [fleet.one, fleet.two].flatMap((host) =>
    Array.from(host.domains, (domain) => `  ${host.name} ${label(OPER_STATE, operState(domain))}`),
  );
  return `${title}\n${[...lines, ...ends].map((each) => `${each}\n`).join('')}`;
}

function lifeCycleStories(): string[] {
  return GOLDEN.map(({ title, profile, config: changes, before, acts }) => {
    const fleet = new Fleet(profile ? { profile } : {});
    const domain = fleet.define('guest', changes);
    play(fleet, domain, before ?? []);
    return tell(title, fleet, () => play(fleet, domain, acts));
  });
}

function definitionStory(): string {
  const fleet = new Fleet();
  return tell('defined, renamed, removed; a running one that is undefined and destroyed', fleet, () => {
    const { hypervisor, one: host } = fleet;
    hypervisor.apply({ op: 'define', host, config: config('old') });
    const domain = host.domains.byName('old')!;
    hypervisor.apply({ op: 'rename', domain, name: 'new' });
    hypervisor.apply({ op: 'undefine', domain });
    hypervisor.apply({ op: 'define', host, config: config('other') });
    const other = host.domains.byName('other')!;
    fleet.act(other, 'start');
    fleet.pass(120);
    hypervisor.apply({ op: 'undefine', domain: other });
    fleet.act(other, 'destroy');
  });
}

/** Twenty guests that are started at once, and go when their host does. */
function stormStory(): string {
  const fleet = new Fleet();
  const guests = Array.from({ length: 20 }, (_, i) => fleet.define(`guest-${i}`));
  return tell('a host that is rebooted under twenty guests', fleet, () => {
    for (const guest of guests) fleet.act(guest, 'start');
    fleet.pass(120);
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: 'reboot' });
    fleet.pass(300);
  });
}

function tellAll(): string {
  return [...lifeCycleStories(), definitionStory(), stormStory()].join('\n');
}

it('the notifications of VM-MIB of each story, in order (UPDATE_GOLDEN=1 writes them anew)', () => {
  const told = tellAll();
  if (process.env['UPDATE_GOLDEN']) writeFileSync(FILE, told);
  expect(told).toBe(readFileSync(FILE, 'utf8'));
});

it('the same stories give the same notifications again', () => {
  expect(tellAll()).toBe(readFileSync(FILE, 'utf8'));
});

it('the stories have each notification that there is, of one machine and of many', () => {
  const told = readFileSync(FILE, 'utf8');
  const missing = Object.keys(VM_MIB.notifications).filter((name) => !told.includes(` ${name} `));
  expect(missing).toEqual([]);
});
