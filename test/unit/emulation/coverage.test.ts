import { expect, it } from 'vitest';
import { LIFECYCLE } from '../../../agent/emulation/lifecycle/lifecycle.ts';
import { ACTIONS } from '../../../agent/emulation/lifecycle/story.ts';
import { EVENT_DETAILS, STATE_REASONS } from '../../../agent/emulation/states.ts';
import { config, Fleet, nameOfEvent, stateOf } from './fleet.ts';
import { GOLDEN, play } from './golden-stories.ts';

/** What no story reaches, and why. */
const OUT_OF_SCOPE: Readonly<Record<string, string>> = {
  'PAUSED/SHUTTING_DOWN': "an emulator status that libvirt's QEMU driver turns into SHUTDOWN/UNKNOWN",
  'CRASHED/UNKNOWN': 'set by no driver',
};

function observe(): { states: Set<string>; events: Set<string>; actions: Set<string> } {
  const states = new Set<string>();
  const events = new Set<string>();
  const actions = new Set<string>();
  for (const golden of GOLDEN) {
    const fleet = new Fleet(golden.profile ? { profile: golden.profile } : {});
    fleet.hypervisor.onEvent((event) => events.add(nameOfEvent(event)));
    const domain = fleet.define('guest', golden.config);
    const look = (): void => {
      for (const seen of [...fleet.one.domains, ...fleet.two.domains, domain]) states.add(stateOf(seen));
    };
    look();
    for (const acts of [golden.before ?? [], golden.acts]) {
      play(fleet, domain, acts, look);
      for (const [action] of acts) actions.add(action);
    }
  }
  const fleet = new Fleet();
  fleet.hypervisor.onEvent((event) => events.add(nameOfEvent(event)));
  const domain = fleet.define('guest');
  fleet.hypervisor.apply({ op: 'update', domain, config: config('guest', { vcpus: 1 }) });
  fleet.hypervisor.apply({ op: 'rename', domain, name: 'other' });
  fleet.hypervisor.apply({ op: 'undefine', domain });
  return { states, events, actions };
}

const seen = observe();

it('reaches every state and reason but those of no driver, and no other', () => {
  expect(STATE_REASONS.filter((name) => !seen.states.has(name))).toEqual(Object.keys(OUT_OF_SCOPE));
});

it('reaches every lifecycle event and detail', () => {
  expect(EVENT_DETAILS.filter((name) => !seen.events.has(name))).toEqual([]);
});

it('plays every action but the cancelation, which has tests of its own', () => {
  expect(ACTIONS.filter((action) => !seen.actions.has(action))).toEqual(['cancel-job']);
});

it('has no two rows that fit the same domain', () => {
  const clash: string[] = [];
  const only = (a: unknown, b: unknown): boolean => a !== undefined && b !== undefined && a !== b;
  const apart = (a?: readonly unknown[], b?: readonly unknown[]): boolean =>
    a !== undefined && b !== undefined && !a.some((item) => b.includes(item));
  LIFECYCLE.forEach((a, i) => {
    for (const b of LIFECYCLE.slice(i + 1)) {
      const x = a.when ?? {};
      const y = b.when ?? {};
      const excluded =
        a.action !== b.action ||
        apart(a.from, b.from) ||
        only(x.paused, y.paused) ||
        only(x.to, y.to) ||
        only(x.mode, y.mode) ||
        only(x.outcome, y.outcome) ||
        only(x.imagePaused, y.imagePaused) ||
        apart(x.image, y.image) ||
        apart(x.onCrash, y.onCrash) ||
        apart(x.types, y.types);
      if (!excluded) clash.push(`${a.action}: ${JSON.stringify(x)} and ${JSON.stringify(y)}`);
    }
  });
  expect(clash).toEqual([]);
});
