import { type Command, Option } from 'commander';
import type { HostView } from '../../control/views.ts';
import { oneOf } from '../choices.ts';
import type { ClientContext } from './context.ts';
import { fieldLines, tableLines } from './table.ts';

interface PackageView {
  readonly number: number;
  readonly name: string;
  readonly version: string;
  readonly kind: string;
  readonly booted: boolean;
  readonly bootNext: boolean;
}

/** Adds the commands about hosts: what they are, their software, and their reboot. */
export function addHostCommands(program: Command, context: ClientContext): void {
  const { client } = context;
  const hostPath = (name: string, below = '') => `/hosts/${encodeURIComponent(name)}${below}`;
  const act = (name: string, body: object) =>
    client().send<HostView>('POST', hostPath(name, '/actions'), body);
  context
    .command(program, 'nodeinfo', 'what a host is made of')
    .argument('[host]', 'its name; the first when not given')
    .action(
      context.run(async (name: string | undefined) => {
        const host =
          name === undefined
            ? (await client().get<HostView[]>('/hosts'))[0]!
            : await client().get<HostView>(hostPath(name));
        context.show(host, [
          ...fieldLines([
            ['CPU model', host.cpuModel],
            ['CPU(s)', host.pcpus],
            ['CPU frequency', `${host.mhz} MHz`],
            ['CPU socket(s)', host.sockets],
            ['Core(s) per socket', host.cores],
            ['Thread(s) per core', host.threads],
            ['NUMA cell(s)', host.nodes],
            ['Memory size', `${host.memoryKiB} KiB`],
          ]),
          '',
        ]);
      }),
    );
  const host = program
    .command('host')
    .description('simulated hosts: list, software, install, erase, select, reboot');
  context
    .command(host, 'list', 'list the hosts')
    .option('--name', 'names alone')
    .action(
      context.run(async ({ name }: { name?: boolean }) => {
        const hosts = await client().get<HostView[]>('/hosts');
        if (name) {
          context.show(
            hosts,
            hosts.map((each) => each.name),
          );
          return;
        }
        const rows = hosts.map((each) => [
          each.name,
          each.state,
          String(each.guests),
          String(each.running),
          `${(each.utilisation * 100).toFixed(1)} %`,
          `${Math.round(each.memoryFreeKiB / 1024)} MiB`,
        ]);
        context.show(hosts, tableLines(['Name', 'State', 'Guests', 'Running', 'CPU', 'Memory free'], rows));
      }),
    );
  context
    .command(host, 'software', 'what a host has installed')
    .argument('<host>', 'its name')
    .action(
      context.run(async (name: string) => {
        const packages = await client().get<PackageView[]>(hostPath(name, '/software'));
        const rows = packages.map((one) => [
          String(one.number),
          `${one.name}-${one.version}`,
          one.kind,
          one.booted ? 'booted' : '',
          one.bootNext ? 'next boot' : '',
        ]);
        context.show(packages, tableLines(['No', 'Package', 'Kind', '', ''], rows));
      }),
    );
  context
    .command(host, 'install', 'install a version of a package, such as an image of the hypervisor')
    .argument('<host>', 'its name')
    .argument('<name>', 'of the package')
    .argument('<version>', 'of the package')
    .addOption(oneOf(new Option('--kind <kind>', 'what it is'), ['kernel', 'image', 'package']))
    .action(
      context.run(async (name: string, packageName: string, version: string, { kind }: { kind?: string }) => {
        await act(name, { install: [{ name: packageName, version, ...(kind && { kind }) }] });
        context.say(`${packageName}-${version} is installed on ${name}`);
      }),
    );
  for (const [verb, about, done] of [
    ['erase', 'erase an installed package', 'is erased'],
    ['select', 'have the next boot take a kernel or an image', 'is what the next boot takes'],
  ] as const) {
    context
      .command(host, verb, about)
      .argument('<host>', 'its name')
      .argument('<number>', 'as host software tells it')
      .action(
        context.run(async (name: string, number: string) => {
          await act(name, { [verb]: context.whole(number) });
          context.say(`package ${number} of ${name} ${done}`);
        }),
      );
  }
  context
    .command(host, 'reboot', 'shut its guests down and boot what is selected')
    .argument('<host>', 'its name')
    .action(
      context.run(async (name: string) => {
        await act(name, { reboot: true });
        context.say(`host ${name} is being rebooted`);
      }),
    );
}
