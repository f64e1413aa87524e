import { type SpecData, Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createSimulation } from 'virtsnmp';
import { expect, it, onTestFinished } from 'vitest';

/** A request for an operation: parameters of its path, its query and its body. */
interface Example {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly body?: unknown;
  /** The type of the body; JSON when not given. */
  readonly type?: string;
  /** The status of the answer; 200 when not given. */
  readonly status?: number;
  /** The first octets are enough of an answer that goes on for ever. */
  readonly stream?: true;
}

const XML =
  "<domain type='kvm'><name>new</name><memory unit='MiB'>256</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>";
const DISK =
  "<disk type='file' device='disk'><source file='/images/more.qcow2'/><target dev='vdb' bus='virtio'/></disk>";
const guest = { path: { guest: 'web-01' } };

/** Each operation by its operationId, in an order in which they work. */
const EXAMPLES: Readonly<Record<string, Example>> = {
  listHosts: {},
  showHost: { path: { host: 'host-1' } },
  listSoftware: { path: { host: 'host-1' } },
  listGuests: { query: '?state=RUNNING' },
  showGuest: guest,
  guestStats: { ...guest, query: '?groups=state,cpu-total,block' },
  guestDetails: guest,
  guestHistory: guest,
  listRates: {},
  listFaultKinds: {},
  showMib: {},
  readSnmp: { path: { host: 'host-1' }, query: '?oid=1.3.6.1.2.1.1&count=20' },
  actOnGuest: { ...guest, body: { action: 'suspend' } },
  tuneGuest: { ...guest, body: { cpu: { shares: 512 } } },
  debugGuest: { ...guest, body: { nmi: true } },
  actOnDevice: { ...guest, body: { kind: 'sleep' }, status: 409 },
  changeBlockJob: { path: { guest: 'web-01', disk: 'vda' }, body: { start: 'commit' } },
  readConsole: guest,
  defineGuest: { body: XML, type: 'application/xml', status: 201 },
  showDefinition: { path: { guest: 'new' } },
  replaceDefinition: { path: { guest: 'new' }, body: XML, type: 'application/xml' },
  setMetadata: { path: { guest: 'new' }, body: { title: 'A new one' } },
  showMetadata: { path: { guest: 'new' } },
  setNumatune: { path: { guest: 'new' }, body: { mode: 'strict', nodeset: [1] } },
  showNumatune: { path: { guest: 'new' } },
  listVcpus: guest,
  pinVcpu: { path: { guest: 'new', vcpu: 0 }, body: { cpus: [0, 1] } },
  attachDevice: { path: { guest: 'new' }, body: DISK, type: 'application/xml' },
  listDisks: { path: { guest: 'new' } },
  detachDevice: { path: { guest: 'new' }, body: DISK, type: 'application/xml' },
  listInterfaces: guest,
  detachDisk: { path: { guest: 'web-01', disk: 'vdz' }, status: 404 },
  detachInterface: { path: { guest: 'web-01', interface: 'vnet99' }, status: 404 },
  hostCpuStats: { path: { host: 'host-1' } },
  hostMemoryStats: { path: { host: 'host-1' } },
  renameGuest: { path: { guest: 'new' }, body: { name: 'newer' } },
  undefineGuest: { path: { guest: 'newer' }, status: 204 },
  showClock: {},
  setClockSpeed: { body: { speed: 0 } },
  stepClock: { body: { ms: 60_000 } },
  raiseFault: { body: { kind: 'slow-disk', guest: 'db-01' } },
  listFaults: {},
  clearFault: { path: { id: 1 }, status: 204 },
  listAlarms: {},
  listNotifications: { query: '?limit=5' },
  followEvents: { query: '?since=0', stream: true },
  followStatistics: { query: '?name=web-*&groups=state', stream: true },
  metrics: {},
  takeSnapshot: {},
  restoreSnapshot: { body: 'no snapshot', type: 'application/x-ndjson', status: 400 },
  showRestoration: {},
  actOnHost: { path: { host: 'host-1' }, body: { reboot: true } },
};

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

it('is described by a valid OpenAPI 3.1 document, and every operation answers as it says', async () => {
  const simulation = await createSimulation({
    config: {
      control: { listen: ['127.0.0.1'] },
      inventory: { list: [{ name: 'web-01', vcpus: 2, disks: 1 }, { name: 'db-01' }] },
    },
  });
  onTestFinished(() => simulation.stop());
  await simulation.advance('2 min');
  const [url] = simulation.controlUrls;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;

  const validator = new Validator();
  expect(await validator.validate(structuredClone(document) as unknown as SpecData)).toEqual({ valid: true });
  expect([document.openapi, validator.version]).toEqual(['3.1.0', '3.1']);

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(Object.keys(EXAMPLES).sort()).toEqual([...ids].sort());

  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'api' });
  for (const [id, example] of Object.entries(EXAMPLES)) {
    const { path, method, operation } = operations.find((each) => each.operation.operationId === id)!;
    const where = path.replace(/\{(\w+)\}/g, (_, name: string) => String(example.path?.[name]));
    const response = await fetch(`${url}${where}${example.query ?? ''}`, {
      method: method.toUpperCase(),
      ...(example.body !== undefined && {
        headers: { 'Content-Type': example.type ?? 'application/json' },
        body: typeof example.body === 'string' ? example.body : JSON.stringify(example.body),
      }),
    });
    const type = response.headers.get('content-type')?.split(';')[0] ?? 'none';
    let text = '';
    if (example.stream) {
      const reader = response.body!.getReader();
      text = Buffer.from((await reader.read()).value!).toString();
      await reader.cancel();
    } else {
      text = await response.text();
    }
    expect({ id, status: response.status, text }).toMatchObject({ id, status: example.status ?? 200 });
    const described = operation.responses[response.status];
    expect(described, `${id} ${response.status}`).toBeDefined();
    if (text === '') continue;
    expect(Object.keys(described!.content ?? {}), id).toContain(type);
    if (!/[/+]json$/.test(type)) continue;
    const pointer = ['paths', path, method, 'responses', response.status, 'content', type, 'schema'];
    const $ref = `api#/${pointer.map((key) => encodeURIComponent(String(key).replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const valid = ajv.validate({ $ref }, JSON.parse(text));
    expect({ id, valid, errors: ajv.errors, text }).toMatchObject({ id, valid: true });
  }
});
