import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { DetachChange } from '../../emulation/change.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { DomainConfig } from '../../emulation/domain/domain-config.ts';
import { completed } from '../../emulation/inventory/xml/definition-text.ts';
import { parseDeviceXml } from '../../emulation/inventory/xml/parse-device.ts';
import { type Affects, affectsQuery, applyTo, scopeOf } from '../affects.ts';
import type { ControlContext } from '../context.ts';
import {
  addressed,
  findDevice,
  findDisk,
  findNic,
  targetOf,
  withDevice,
  withoutDevice,
} from '../device-change.ts';
import { guestFinder } from '../find.ts';
import { guestSchema, guestView } from '../views.ts';
import { guestParam, hostQuery, inactiveQuery, json, REFUSALS } from './common.ts';

const query = hostQuery.extend(affectsQuery.shape);
const responses = { ...REFUSALS, 200: json('The guest, as it is now', guestSchema) };
const xmlBody = { required: true, content: { 'application/xml': { schema: z.string() } } };

const attach = createRoute({
  method: 'post',
  path: '/guests/{guest}/attach',
  operationId: 'attachDevice',
  tags: ['devices'],
  summary: 'Plug in a device that is described by its <disk> or <interface>',
  request: { params: guestParam, query, body: xmlBody },
  responses,
});

const detach = createRoute({
  method: 'post',
  path: '/guests/{guest}/detach',
  operationId: 'detachDevice',
  tags: ['devices'],
  summary: 'Pull out the device that such an element describes; the kernel of a guest that runs is asked',
  request: { params: guestParam, query, body: xmlBody },
  responses,
});

const detachDisk = createRoute({
  method: 'delete',
  path: '/guests/{guest}/disks/{disk}',
  operationId: 'detachDisk',
  tags: ['devices'],
  summary: 'Pull out a disk, by its target',
  request: { params: guestParam.extend({ disk: z.string().min(1).openapi({ example: 'vdb' }) }), query },
  responses,
});

const detachNic = createRoute({
  method: 'delete',
  path: '/guests/{guest}/interfaces/{interface}',
  operationId: 'detachInterface',
  tags: ['devices'],
  summary: 'Pull out a NIC, by its address or its name on the host',
  request: {
    params: guestParam.extend({ interface: z.string().min(1).openapi({ example: 'vnet0' }) }),
    query,
  },
  responses,
});

const nicSchema = z
  .object({
    name: z.string().optional().openapi({ description: 'On the host; absent while the guest does not run' }),
    type: z.string(),
    source: z.string().optional(),
    model: z.string().optional(),
    mac: z.string(),
    up: z.boolean(),
  })
  .openapi('Interface');
/** What it describes. */
export type NicView = z.output<typeof nicSchema>;

const diskSchema = z
  .object({
    type: z.string(),
    device: z.string(),
    target: z.string(),
    bus: z.string().optional(),
    source: z.string().optional().openapi({ description: 'Absent for an empty drive' }),
  })
  .openapi('Disk');
/** What it describes. */
export type DiskView = z.output<typeof diskSchema>;

const listNics = createRoute({
  method: 'get',
  path: '/guests/{guest}/interfaces',
  operationId: 'listInterfaces',
  tags: ['devices'],
  summary: 'The NICs of a guest, in the order of its definition',
  request: { params: guestParam, query: hostQuery.extend(inactiveQuery.shape) },
  responses: { ...REFUSALS, 200: json('NICs', z.array(nicSchema)) },
});

const listDisks = createRoute({
  method: 'get',
  path: '/guests/{guest}/disks',
  operationId: 'listDisks',
  tags: ['devices'],
  summary: 'The disks of a guest, in the order of its definition',
  request: { params: guestParam, query: hostQuery.extend(inactiveQuery.shape) },
  responses: { ...REFUSALS, 200: json('Disks', z.array(diskSchema)) },
});

/** Routes that list NICs and disks, and plug them in and out. */
export function hotPlugRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const { epochMs } = hypervisor.clock;
  const guestOf = guestFinder(hypervisor);
  /** Finds the device in what runs and in the definition, each by itself: they may differ. */
  const pull = (
    domain: Domain,
    affects: Affects,
    find: (definition: DomainConfig) => DetachChange['device'],
  ) => {
    const device = find(scopeOf(domain, affects).live ? domain.config : domain.persistentConfig);
    applyTo(hypervisor, domain, affects, { op: 'detach', domain, device }, (definition) =>
      withoutDevice(definition, find(definition)),
    );
    return guestView(domain, epochMs);
  };
  app.openapi(attach, async (context) => {
    const text = await context.req.text();
    const { affects, ...rest } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), rest);
    const parsed = parseDeviceXml(text, 'body');
    const device = 'nic' in parsed ? { nic: addressed(domain, parsed.nic) } : parsed;
    if (scopeOf(domain, affects).live) withDevice(domain.config, device);
    applyTo(hypervisor, domain, affects, { op: 'attach', domain, device }, (definition) =>
      withDevice(definition, device),
    );
    return context.json(guestView(domain, epochMs), 200);
  });
  app.openapi(detach, async (context) => {
    const text = await context.req.text();
    const { affects, ...rest } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), rest);
    const described = parseDeviceXml(text, 'body');
    return context.json(
      pull(domain, affects, (definition) => findDevice(domain, definition, described)),
      200,
    );
  });
  app.openapi(detachDisk, (context) => {
    const { affects, ...rest } = context.req.valid('query');
    const { disk, ...guest } = context.req.valid('param');
    return context.json(
      pull(guestOf(guest, rest), affects, (definition) => findDisk(definition, disk)),
      200,
    );
  });
  app.openapi(detachNic, (context) => {
    const { affects, ...rest } = context.req.valid('query');
    const { interface: name, ...guest } = context.req.valid('param');
    const domain = guestOf(guest, rest);
    return context.json(
      pull(domain, affects, (definition) => findNic(domain, definition, name)),
      200,
    );
  });
  app.openapi(listNics, (context) => {
    const { inactive, ...rest } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), rest);
    const definition = inactive ? domain.persistentConfig : domain.config;
    return context.json(
      completed(definition).nics.map(({ type, source, model, mac, linkDown }, i) => {
        const name = inactive ? definition.nics[i]!.target : targetOf(domain, definition, i);
        return {
          type,
          mac: mac!,
          up: !linkDown,
          ...(name !== undefined && { name }),
          ...(source !== undefined && { source }),
          ...(model !== undefined && { model }),
        };
      }),
      200,
    );
  });
  app.openapi(listDisks, (context) => {
    const { inactive, ...rest } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), rest);
    const { disks } = completed(inactive ? domain.persistentConfig : domain.config);
    return context.json(
      disks.map(({ type, device, target, bus, source }) => ({
        type,
        device,
        target,
        ...(bus !== undefined && { bus }),
        ...(source !== undefined && { source }),
      })),
      200,
    );
  });
}
