import { chmodSync, rmSync, statSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { createApp } from './app.ts';
import type { ControlContext } from './context.ts';
import type { GuardOptions } from './guard.ts';

/** Where the control API listens, and who may use it. */
export interface ControlOptions {
  /** Numeric addresses; none for no TCP. */
  readonly addresses: readonly string[];
  /** TCP port of all of them; 0 takes any free one. */
  readonly port: number;
  /** Path of a Unix socket that only its owner may use; none when absent. */
  readonly socket?: string;
  /** Wanted of every request over TCP; nobody needs one when absent. */
  readonly token?: string;
  /** Names under which the API may be asked beside addresses and localhost. */
  readonly names: readonly string[];
  readonly logger: Logger;
}

/** What is served to those who come one way. */
interface Face {
  readonly access: GuardOptions;
  app: ReturnType<typeof createApp>;
}

/** Connections at once: room for the event streams of a large wall of screens. BOUNDED by the server. */
const MAX_CONNECTIONS = 4096;

/** The control API on its sockets. */
export class ControlServer {
  readonly #options: ControlOptions;
  #context: ControlContext;
  readonly #faces: Face[] = [];
  readonly #servers: Server[] = [];
  #port = 0;

  constructor(context: ControlContext, options: ControlOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Addresses that it can be asked at, as URLs. */
  get urls(): readonly string[] {
    return this.#options.addresses.map((address) => {
      const host = address.includes(':') ? `[${address}]` : address;
      return `http://${host}:${this.#port}`;
    });
  }

  /** Opens the sockets. Throws LISTEN_FAILED with nothing left open. */
  async start(): Promise<void> {
    const { addresses, port, socket, token, names } = this.#options;
    try {
      const overTcp = this.#face({ token, names });
      for (const address of addresses) {
        const server = this.#server(overTcp);
        // With port 0 the first socket chooses, and the others follow.
        await listen(server, { host: address, port: port === 0 ? this.#port : port });
        const bound = server.address();
        if (bound !== null && typeof bound === 'object') this.#port = bound.port;
      }
      if (socket !== undefined) {
        // Who may open the socket is whom the file's mode lets in.
        const overSocket = this.#face({ token: undefined, names });
        await removeStale(socket);
        await listen(this.#server(overSocket), { path: socket });
        chmodSync(socket, 0o600);
      }
    } catch (thrown) {
      await this.stop();
      throw new VirtsnmpError('LISTEN_FAILED', `the control API cannot listen: ${errorText(thrown)}`);
    }
  }

  /** Serves another fleet from the next request on. Connections, and what is being answered, stay as they are. */
  replace(context: ControlContext): void {
    this.#context = context;
    for (const face of this.#faces) face.app = this.#app(face.access);
  }

  /** Closes the sockets, and the streams that are open. */
  async stop(): Promise<void> {
    const servers = this.#servers.splice(0);
    await Promise.all(
      servers.map((server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeAllConnections();
        return closed;
      }),
    );
  }

  #face(access: GuardOptions): Face {
    const face = { access, app: this.#app(access) };
    this.#faces.push(face);
    return face;
  }

  #app(access: GuardOptions): Face['app'] {
    return createApp(this.#context, access, this.#options.logger);
  }

  #server(face: Face): Server {
    const server = createAdaptorServer({ fetch: (request, env) => face.app.fetch(request, env) }) as Server;
    server.maxConnections = MAX_CONNECTIONS;
    // A client that dawdles over its request is not waited for.
    server.headersTimeout = 10_000;
    server.requestTimeout = 30_000;
    this.#servers.push(server);
    return server;
  }
}

function listen(
  server: Server,
  where: { readonly host: string; readonly port: number } | { readonly path: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A socket file that a killed program left behind is in the way; one that answers is somebody's. */
async function removeStale(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const answers = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (answers) throw new Error(`${path} is in use by another program`);
  rmSync(path, { force: true });
}
