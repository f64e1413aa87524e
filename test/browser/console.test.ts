import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Config } from '../../agent/config/schema.ts';
import { Daemon } from '../../agent/daemon/daemon.ts';
import { createLogging } from '../../agent/log/log.ts';
import {
  accessibilityTroubles,
  compiledPage,
  describeWithBrowser,
  launchBrowser,
  openPage,
  overflowOf,
  tabTo,
  type WatchedPage,
} from '../support/browser.ts';
import { netSnmpEnv } from '../support/net-snmp.ts';
import { PATIENCE_MS } from '../support/patience.ts';
import { DESTINATION, testConfig } from '../support/running-daemon.ts';

const run = promisify(execFile);
const VIEWS = ['fleet', 'alarms', 'events', 'notifications', 'faults', 'snmp'];

/** Starts the program with its API; its time stands until somebody lets it go. */
async function started(scripts: string, change: Partial<Config['control']> = {}): Promise<Daemon> {
  const config = testConfig({ guests: 12 });
  const logging = createLogging(config.log);
  return Daemon.start(
    {
      ...config,
      emulation: { ...config.emulation, speed: 0 },
      // Nobody listens: traps are gone, and an inform waits.
      traps: {
        ...config.traps,
        destinations: [
          { ...DESTINATION, port: 9 },
          { ...DESTINATION, port: 9, type: 'inform', timeout: 1000 },
        ],
      },
      control: { ...config.control, listen: ['127.0.0.1'], port: 0, ...change },
    },
    logging,
    { pageScripts: scripts },
  );
}

describeWithBrowser('the web console', () => {
  let browser: Browser;
  let daemon: Daemon;
  let compiled: ReturnType<typeof compiledPage>;
  let url: string;
  let watched: WatchedPage;
  let page: Page;
  /** What the browser says of an answer that a test wants refused. */
  let tolerated: string | undefined;

  beforeAll(async () => {
    compiled = compiledPage();
    daemon = await started(compiled.scripts);
    url = daemon.controlUrls[0]!;
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await daemon?.stop();
    compiled?.remove();
  });

  beforeEach(async () => {
    tolerated = undefined;
    watched = await openPage(browser, {}, (text) => tolerated !== undefined && text.includes(tolerated));
    ({ page } = watched);
  });

  afterEach(async () => {
    expect(watched.troubles).toEqual([]);
    await page.context().close();
  });

  const guest = (name: string) => daemon.hypervisor.hosts[0]!.domains.byName(name)!;
  const guestHash = (name: string) => `#/guest/${guest(name).host.name}/${guest(name).uuid}`;
  const rowOf = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const snmpget = async (object: string): Promise<string> => {
    const { address, port } = daemon.hosts[0]!.local[0]!;
    const args = ['-v2c', '-c', 'public', '-Oqvet', `${address}:${port}`, object];
    return (await run('snmpget', args, { env: netSnmpEnv })).stdout.trim();
  };
  /** In hundredths of a second. */
  const upTime = async () => Number(await snmpget('SNMPv2-MIB::sysUpTime.0'));
  const stateOf = (name: string) =>
    snmpget(`LIBVIRT-MIB::libvirtGuestState.${guest(name).uuidOctets.join('.')}`);
  const step = async (label: string) => {
    const before = daemon.clock.nowMs;
    await page.getByRole('button', { name: `Step ${label}`, exact: true }).click();
    await expect.poll(() => daemon.clock.nowMs).toBeGreaterThan(before);
    await page.getByText('stepping…').waitFor({ state: 'hidden' });
  };

  it('shuts a guest down after a question, and SNMP says so', async () => {
    await page.goto(url);
    await step('+1 min');
    const button = page.getByRole('button', { name: 'Shut down app-01' });
    await button.click();
    await page.getByRole('dialog', { name: 'Shut down app-01?' }).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await stateOf('app-01')).toBe('1');
    await button.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Shut down' }).click();
    await rowOf('app-01').getByText('shutting down').waitFor();
    expect(await stateOf('app-01')).toBe('4');
    await step('+1 min');
    await rowOf('app-01').getByText('shut off').waitFor();
    expect(await stateOf('app-01')).toBe('5');
    await page.getByRole('button', { name: 'Start app-01' }).click();
    await rowOf('app-01').getByText('running').waitFor();
    expect(await stateOf('app-01')).toBe('1');
  });

  it('raises a fault, shows its alarm and clears it', async () => {
    await page.goto(`${url}/#/faults`);
    await page.getByRole('button', { name: 'Raise a fault' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Fault', { exact: true }).selectOption('hung-monitor');
    tolerated = '404';
    await dialog.getByLabel('Guest, by name or UUID').fill('nobody');
    await dialog.getByRole('button', { name: 'Raise' }).click();
    await dialog.getByRole('alert').getByText('no guest nobody').waitFor();
    await dialog.getByLabel('Guest, by name or UUID').fill('db-01');
    await dialog.getByRole('button', { name: 'Raise' }).click();
    await page.getByRole('cell', { name: 'hung-monitor', exact: true }).waitFor();
    await step('+1 min');
    await step('+1 min');
    await page.getByRole('link', { name: /^Alarms/ }).click();
    const alarm = page.getByRole('row').filter({ hasText: 'monitorHung' });
    await alarm.getByText('major').waitFor();
    await page.getByLabel('Severity').selectOption('critical');
    await alarm.waitFor({ state: 'hidden' });
    await page.getByLabel('Severity').selectOption('all');
    await page.getByRole('link', { name: /^Faults/ }).click();
    await page.getByRole('button', { name: 'Clear hung-monitor of db-01' }).click();
    await page.getByText('Nothing is made to go wrong.').waitFor();
    await step('+1 min');
    await step('+1 min');
    await page.getByRole('link', { name: /^Alarms/ }).click();
    await alarm.waitFor({ state: 'hidden' });
  });

  it('lets the time go, go faster, stand and step, as sysUpTime says', async () => {
    await page.goto(url);
    const before = Number(daemon.clock.nowMs);
    await page.getByRole('button', { name: 'Resume time' }).click();
    await expect.poll(() => daemon.clock.nowMs).toBeGreaterThan(before);
    await page.getByLabel('Speed').selectOption('600');
    await page.getByText('Time goes at 600 ×').waitFor();
    await expect.poll(() => daemon.clock.nowMs, { timeout: PATIENCE_MS }).toBeGreaterThan(before + 60_000);
    await page.getByRole('button', { name: 'Pause time' }).click();
    await page.getByRole('button', { name: 'Resume time' }).waitFor();
    const stands = await upTime();
    expect(stands).toBeGreaterThan(6000);
    expect(await upTime()).toBe(stands);
    await step('+10 min');
    expect((await upTime()) - stands).toBe(60_000);
  });

  it('shows a table of a MIB, and a line that asks for what a cell shows', async () => {
    await page.goto(`${url}/#/snmp`);
    await page.getByLabel('Name or OID').fill('libvirtGuestTable');
    await page.getByRole('button', { name: 'libvirtGuestTable table' }).click();
    await page.getByText('libvirtGuestUUID', { exact: true }).waitFor();
    const row = page.getByRole('row').filter({ hasText: guest('web-01').uuid });
    await row.getByRole('button', { name: 'running(1)' }).click();
    const line = await page.locator('.copy-line code').innerText();
    expect(line).toMatch(/^snmpget -v2c -c public 127\.0\.0\.1:\d+ 1\.3\.6\.1\.4\.1\.36957\.1\.1\.1\.3\./);
    const { stdout } = await run('sh', ['-c', line], { env: netSnmpEnv });
    expect(stdout).toMatch(/= INTEGER: running\(1\)\n$/);
    await page.getByRole('button', { name: /^Copy the line/ }).click();
    await page.getByText(/The line is (copied|marked)/).waitFor();
    await page.getByLabel('Name or OID').fill('');
    await page.getByRole('button', { name: 'SNMPv2-MIB', exact: true }).click();
    await page
      .getByRole('button', { name: /^Below snmpMIBObjects|^Below system/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'sysDescr scalar' }).click();
    await page.getByRole('button', { name: /^virtsnmp / }).waitFor();
  });

  it("shows a guest's last hour, its vCPUs and queues, and its console as it boots", async () => {
    await page.goto(`${url}/${guestHash('web-01')}`);
    await step('+1 min');
    await page.getByRole('img', { name: /^CPU over the last hour: used now [\d.]+ %, at most/ }).waitFor();
    await page.getByRole('img', { name: /^Network over the last hour: received now .*bit\/s/ }).waitFor();
    expect(await page.locator('.chart canvas').count()).toBe(4);
    expect(await page.getByRole('region', { name: 'vCPUs' }).last().getByRole('row').count()).toBe(
      guest('web-01').vcpus + 1,
    );
    await page.getByRole('cell', { name: '0 rx' }).first().waitFor();
    await page.getByText('Node 0').waitFor();
    await page.getByRole('button', { name: 'Reset', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
    await step('+1 min');
    await page.getByRole('log').getByText('login:').waitFor();
    await step('+1 s');
    await rateShown(page);
  });

  it('narrows its lists', async () => {
    await page.goto(url);
    const rows = page.getByRole('region', { name: 'Guests' }).last().locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(12);
    await page.getByLabel('State').selectOption('SHUTOFF');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByText('1 of 12 guests').waitFor();
    await page.getByLabel('State').selectOption('all');
    await page.getByLabel('Name or UUID').fill('WEB');
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByLabel('Guest or event').fill('app-01');
    await page.getByLabel('Cause').selectOption('control');
    await page.getByRole('row').filter({ hasText: 'SHUTDOWN/' }).first().waitFor();
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'web-01' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Notifications' }).click();
    const sent = page.getByRole('row').filter({ hasText: 'destination-1' });
    await sent.first().getByText('sent').waitFor();
    await page.getByLabel('Target').selectOption('destination-2');
    await expect.poll(() => sent.count()).toBe(0);
    await page.getByRole('row').filter({ hasText: 'inform' }).first().waitFor();
  });

  it('is used by keyboard alone', async () => {
    await page.goto(url);
    await rowOf('cache-01').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await tabTo(page, 'searchbox', 'Name or UUID');
    await page.keyboard.type('cache');
    await tabTo(page, 'link', 'cache-01');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /^cache-01/ }).waitFor();
    await tabTo(page, 'button', 'Destroy');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Destroy');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /shut off/ }).waitFor();
    expect(await stateOf('cache-01')).toBe('5');
  });

  it.each([
    'light',
    'dark',
  ] as const)('has nothing serious for axe-core, and fits 400 and 1280 pixels (%s)', async (scheme) => {
    // Elements are the same in the dark; what they look like is not.
    const coloursOnly = scheme === 'dark';
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(url);
    for (const view of [...VIEWS.map((each) => `#/${each}`), guestHash('web-01'), guestHash('web-02')]) {
      await page.evaluate(`location.hash = ${JSON.stringify(view)}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (view === '#/snmp') {
        await page.getByLabel('Name or OID').fill('lvsSensorTable');
        await page.getByRole('button', { name: 'lvsSensorTable table' }).click();
        await page.locator('.value').first().waitFor();
      }
      if (view.startsWith('#/guest')) await page.locator('.parts').waitFor();
      for (const width of [400, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        expect(`${view} ${width} ${await overflowOf(page)}`).toBe(`${view} ${width} 0`);
      }
      expect([view, ...(await accessibilityTroubles(page, coloursOnly))]).toEqual([view]);
    }
    await page.evaluate('location.hash = "#/faults"');
    await page.getByRole('button', { name: 'Raise a fault' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await accessibilityTroubles(page, coloursOnly)).toEqual([]);
  });

  it('asks for the token once, and follows the stream with it', async () => {
    const token = 'a-token-for-this-test';
    const guarded = await started(compiled.scripts, { token });
    const refused = (text: string) => text.includes('401');
    const { page: locked, troubles } = await openPage(browser, {}, refused);
    try {
      await locked.goto(guarded.controlUrls[0]!);
      await locked.getByLabel('Token').fill('wrong');
      await locked.keyboard.press('Enter');
      await locked.getByText('That token was refused').waitFor();
      await locked.getByLabel('Token').fill(token);
      await locked.keyboard.press('Enter');
      await locked.getByRole('link', { name: 'web-01' }).waitFor();
      await locked.reload();
      await locked.getByRole('link', { name: 'Events' }).click();
      await locked.getByText('Nothing like that has happened yet.').waitFor();
      const domain = guarded.hypervisor.hosts[0]!.domains.byName('web-01')!;
      guarded.hypervisor.apply({ op: 'act', domain, action: 'suspend' });
      await locked.getByRole('cell', { name: 'SUSPENDED/PAUSED' }).waitFor();
      expect(troubles).toEqual([]);
    } finally {
      await locked.context().close();
      await guarded.stop();
    }
  });
});

/** Waits until two looks have given the rate of a queue. */
async function rateShown(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: /^Queues of/ })
    .first()
    .getByRole('cell', { name: /bit\/s$/ })
    .first()
    .waitFor();
}
