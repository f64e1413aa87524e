import { createSimulation, type Simulation } from 'virtsnmp';
import { afterEach, beforeEach, expect, it } from 'vitest';

const start = () =>
  createSimulation({
    seed: 7,
    clock: '2026-03-01T08:00:00Z',
    config: {
      inventory: {
        list: [
          { name: 'web-01', onCrash: 'preserve' },
          { name: 'db-01', vcpus: 4 },
        ],
      },
    },
  });

let simulation: Simulation;
beforeEach(async () => {
  simulation = await start();
});
afterEach(() => simulation.stop());

it('tells of a guest that panics', async () => {
  await simulation.advance('10 min'); // booted, and some load behind it
  simulation.takeNotifications();

  await simulation.api('POST', '/faults', { kind: 'guest-panic', guest: 'web-01' });
  await simulation.advance('30 s');

  expect(simulation.get('libvirtGuestState[web-01]')).toBe(6); // crashed(6)
  const told = simulation.takeNotifications();
  expect(told.map(({ name }) => name)).toContain('lvsGuestCrashedRaised');
  const crash = told.find(({ name }) => name === 'lvsGuestCrashed');
  expect(crash?.varbinds.map(({ value }) => value)).toContain('web-01');
});

it('does the same again', async () => {
  const again = await start();
  await simulation.advance('1 h');
  await again.advance('1 h');
  expect(again.walk('libvirtGuestTable')).toEqual(simulation.walk('libvirtGuestTable'));
  expect(again.walk('lvsHost')).toEqual(simulation.walk('lvsHost'));
  expect(again.takeNotifications()).toEqual(simulation.takeNotifications());
  await again.stop();
});
