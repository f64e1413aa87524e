import type { Command } from 'commander';
import type { NicView } from '../../control/routes/hot-plug.ts';
import { node, printXml, unlessEmpty } from '../../emulation/inventory/xml/xml-node.ts';
import { type AffectsOptions, affectsOf, withAffects } from './affects-options.ts';
import type { ClientContext } from './context.ts';
import { type GuestOptions, readXmlFile } from './guest-commands.ts';

type Options = GuestOptions & AffectsOptions;

interface NicOptions extends Options {
  readonly type?: string;
  readonly source?: string;
  readonly target?: string;
  readonly mac?: string;
  readonly model?: string;
  readonly inbound?: string;
  readonly outbound?: string;
  readonly printXml?: boolean;
}

interface DiskOptions extends Options {
  readonly source?: string;
  readonly target?: string;
  readonly targetbus?: string;
  readonly subdriver?: string;
  readonly type?: string;
  readonly sourcetype?: string;
  readonly printXml?: boolean;
}

/** Attributes of `<source>` by the type of interface, as virsh writes it. */
const NIC_SOURCE: Readonly<Record<string, string>> = { network: 'network', bridge: 'bridge', direct: 'dev' };

/** Adds the commands that plug devices in and out, with virsh's names and options. */
export function addDeviceCommands(program: Command, context: ClientContext): void {
  const command = (name: string, about: string) => withAffects(context.guestCommand(program, name, about));
  for (const [verb, done, about] of [
    ['attach', 'attached', 'plug in the device that a file describes by its <disk> or <interface>'],
    ['detach', 'detached', 'pull out the device that a file describes'],
  ] as const) {
    command(`${verb}-device`, about)
      .argument('<file>', 'the XML')
      .action(
        context.run(async (guest: string, file: string, options: Options) => {
          await send(context, guest, options, verb, readXmlFile(file));
          context.say(`Device ${done} successfully`);
        }),
      );
  }
  addNicCommands(command, context);
  addDiskCommands(command, context);
}

type Maker = (name: string, about: string) => Command;

function addNicCommands(command: Maker, context: ClientContext): void {
  command('attach-interface', 'plug a NIC in')
    .argument('[type]', 'network, bridge or direct')
    .argument('[source]', 'the network, bridge or lower device')
    .option('--type <type>', 'network, bridge or direct')
    .option('--source <source>', 'its network, bridge or lower device')
    .option('--target <name>', 'its name on the host')
    .option('--mac <address>', 'its MAC address; made up when not given')
    .option('--model <model>', 'such as virtio or e1000')
    .option('--inbound <limit>', 'average,peak,burst in KiB')
    .option('--outbound <limit>', 'average,peak,burst in KiB')
    .option('--print-xml', 'print what would be plugged in')
    .action(
      context.run(
        async (guest: string, type: string | undefined, source: string | undefined, flags: NicOptions) => {
          const xml = nicXml(context, {
            ...flags,
            ...(type !== undefined && { type }),
            ...(source !== undefined && { source }),
          });
          if (flags.printXml) return context.write(xml);
          await send(context, guest, flags, 'attach', xml);
          context.say('Interface attached successfully');
        },
      ),
    );
  command('detach-interface', 'pull a NIC out')
    .argument('[type]', 'network, bridge, direct, ...')
    .option('--type <type>', 'network, bridge or direct')
    .option('--mac <address>', 'which, where there are several')
    .action(
      context.run(async (guest: string, given: string | undefined, flags: NicOptions) => {
        const type = given ?? flags.type;
        if (type === undefined) throw context.usage('detach-interface needs the type of the interface');
        const mac = flags.mac ?? (await onlyNic(context, guest, type, flags)).mac;
        await remove(context, guest, flags, `interfaces/${encodeURIComponent(mac)}`);
        context.say('Interface detached successfully');
      }),
    );
}

function addDiskCommands(command: Maker, context: ClientContext): void {
  command('attach-disk', 'plug a disk in')
    .argument('[source]', 'the image or device')
    .argument('[target]', 'such as vdb')
    .option('--source <path>', 'the image or the block device')
    .option('--target <name>', 'name in the guest, such as vdb')
    .option('--targetbus <bus>', 'such as virtio, scsi or usb')
    .option('--subdriver <format>', 'raw or qcow2')
    .option('--type <device>', 'disk, cdrom, floppy or lun')
    .option('--sourcetype <type>', 'file or block')
    .option('--print-xml', 'print what would be plugged in')
    .action(
      context.run(
        async (guest: string, source: string | undefined, target: string | undefined, flags: DiskOptions) => {
          const xml = diskXml(context, {
            ...flags,
            ...(source !== undefined && { source }),
            ...(target !== undefined && { target }),
          });
          if (flags.printXml) return context.write(xml);
          await send(context, guest, flags, 'attach', xml);
          context.say('Disk attached successfully');
        },
      ),
    );
  command('detach-disk', 'pull a disk out')
    .argument('[target]', 'such as vdb')
    .option('--target <name>', 'name in the guest, such as vdb')
    .action(
      context.run(async (guest: string, given: string | undefined, flags: DiskOptions) => {
        const target = given ?? flags.target;
        if (target === undefined)
          throw context.usage('detach-disk needs the target of the disk, such as vdb');
        await remove(context, guest, flags, `disks/${encodeURIComponent(target)}`);
        context.say('Disk detached successfully');
      }),
    );
}

function nicXml(context: ClientContext, flags: NicOptions): string {
  const { type, source, target, mac, model, inbound, outbound } = flags;
  if (type === undefined || source === undefined)
    throw context.usage('attach-interface needs the type and the source of the interface');
  const attribute = NIC_SOURCE[type];
  if (attribute === undefined)
    throw context.usage(
      `${type} is no type that attach-interface takes; it takes network, bridge and direct`,
    );
  const limit = (name: string, text: string | undefined) => {
    if (text === undefined) return undefined;
    const [average, peak, burst] = text
      .split(',')
      .map((each) => (each === '' ? undefined : context.whole(each)));
    return node(name, { average, peak, burst });
  };
  return printXml(
    node('interface', { type }, [
      node('source', { [attribute]: source }),
      target === undefined ? undefined : node('target', { dev: target }),
      mac === undefined ? undefined : node('mac', { address: mac }),
      model === undefined ? undefined : node('model', { type: model }),
      unlessEmpty(node('bandwidth', {}, [limit('inbound', inbound), limit('outbound', outbound)])),
    ]),
  );
}

function diskXml(context: ClientContext, flags: DiskOptions): string {
  const { source, target, targetbus, subdriver, type: device = 'disk' } = flags;
  if (source === undefined || target === undefined)
    throw context.usage('attach-disk needs the source and the target of the disk, such as vdb');
  const type = flags.sourcetype ?? (source.startsWith('/dev/') ? 'block' : 'file');
  if (type !== 'file' && type !== 'block')
    throw context.usage(`${type} is no type of source that attach-disk takes; it takes file and block`);
  return printXml(
    node('disk', { type, device }, [
      subdriver === undefined ? undefined : node('driver', { name: 'qemu', type: subdriver }),
      source === '' ? undefined : node('source', { [type === 'file' ? 'file' : 'dev']: source }),
      node('target', { dev: target, bus: targetbus }),
    ]),
  );
}

/** The one NIC of a type, as virsh insists on. */
async function onlyNic(
  context: ClientContext,
  guest: string,
  type: string,
  flags: NicOptions,
): Promise<NicView> {
  const path = pathOf(context, guest, flags, 'interfaces', {
    inactive: affectsOf(context, flags) === 'config' ? 'true' : undefined,
  });
  const all = await context.client().get<NicView[]>(path);
  const nics = all.filter((nic) => nic.type === type);
  if (nics.length === 1) return nics[0]!;
  if (nics.length > 1)
    throw context.usage(
      `Domain has ${nics.length} interfaces of type ${type}. Please specify which one to detach using --mac`,
    );
  const types = [...new Set(all.map((nic) => nic.type))].join(', ') || 'none';
  throw context.usage(`No interface found whose type is ${type}; it has ${types}`);
}

async function send(
  context: ClientContext,
  guest: string,
  flags: Options,
  verb: string,
  xml: string,
): Promise<void> {
  const path = pathOf(context, guest, flags, verb, { affects: affectsOf(context, flags) });
  await context.client().text('POST', path, xml, 'application/xml');
}

async function remove(context: ClientContext, guest: string, flags: Options, below: string): Promise<void> {
  const path = pathOf(context, guest, flags, below, { affects: affectsOf(context, flags) });
  await context.client().send('DELETE', path);
}

function pathOf(
  context: ClientContext,
  guest: string,
  { host }: GuestOptions,
  below: string,
  query: Readonly<Record<string, string | undefined>>,
): string {
  return context.path(`/guests/${encodeURIComponent(guest)}/${below}`, { host, ...query });
}
