import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import snmp from 'net-snmp';
import { errorText, VirtsnmpError } from '../../util/errors.ts';
import { type Oid, parseOid } from '../../util/oid.ts';
import { type LibraryVarbind, type ReadVarbind, readVarbind } from './varbind.ts';

/** A notification as it came. */
export interface ReceivedNotification {
  readonly address: string;
  readonly port: number;
  readonly version: 'v1' | 'v2c' | 'v3';
  readonly kind: 'trap' | 'inform';
  /** The fields that only SNMPv1 has (RFC 1157 section 4.1.6). */
  readonly v1?: {
    readonly enterprise: Oid;
    readonly agentAddress: string;
    readonly generic: number;
    readonly specific: number;
    /** Hundredths of a second. */
    readonly upTime: number;
  };
  readonly varbinds: readonly ReadVarbind[];
}

/** Where notifications are received, and from whom. */
export interface ReceiverOptions {
  readonly address: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The only community that is taken; any when absent. */
  readonly community?: string;
  /** The user whose notifications can be read; those of others only without security. */
  readonly user?: snmp.User;
}

/** What the library hands over; its published types say less. */
interface LibraryNotification {
  readonly pdu: {
    readonly type: number;
    readonly varbinds: readonly LibraryVarbind[];
    readonly community?: string;
    readonly enterprise?: string;
    readonly agentAddr?: string;
    readonly generic?: number;
    readonly specific?: number;
    readonly upTime?: number;
  };
  readonly rinfo: { readonly address: string; readonly port: number };
}

/** A receiver of notifications of all versions, which acknowledges informs. */
export class TrapReceiver {
  readonly #socket: Socket;
  readonly #receiver: { close(): void };

  private constructor(socket: Socket, receiver: { close(): void }) {
    this.#socket = socket;
    this.#receiver = receiver;
  }

  /** Listens. `refused` is told why something that came is none. Throws LISTEN_FAILED. */
  static async open(
    { address, port, community, user }: ReceiverOptions,
    receive: (notification: ReceivedNotification) => void,
    refused: (why: string) => void,
  ): Promise<TrapReceiver> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    try {
      await listening;
    } catch (thrown) {
      throw new VirtsnmpError(
        'LISTEN_FAILED',
        `${address}:${port} cannot be listened on: ${errorText(thrown)}`,
      );
    }
    // The library binds its sockets itself, and takes port 0 for 162: it gets one that is bound.
    const bound = Object.assign(socket, { bind: () => socket });
    const receiver = snmp.createReceiver(
      {
        dgramModule: { createSocket: () => bound },
        disableAuthorization: community === undefined,
        includeAuthentication: true,
      } as never,
      ((error: Error | null, notification: LibraryNotification) => {
        if (error) refused(errorText(error));
        else receive(readNotification(notification));
      }) as never,
    );
    const authorizer = receiver.getAuthorizer();
    if (community !== undefined) authorizer.addCommunity(community);
    if (user) authorizer.addUser(user);
    return new TrapReceiver(socket, receiver as unknown as { close(): void });
  }

  /** Where it listens. */
  get local(): { readonly address: string; readonly port: number } {
    return this.#socket.address();
  }

  close(): void {
    this.#receiver.close();
  }
}

function readNotification({ pdu, rinfo }: LibraryNotification): ReceivedNotification {
  const { address, port } = rinfo;
  const varbinds = pdu.varbinds.map(readVarbind);
  if (pdu.type === snmp.PduType.Trap) {
    const v1 = {
      enterprise: parseOid(pdu.enterprise ?? '') ?? [],
      agentAddress: pdu.agentAddr ?? '0.0.0.0',
      generic: pdu.generic ?? 0,
      specific: pdu.specific ?? 0,
      upTime: pdu.upTime ?? 0,
    };
    return { address, port, version: 'v1', kind: 'trap', v1, varbinds };
  }
  return {
    address,
    port,
    version: pdu.community === undefined ? 'v3' : 'v2c',
    kind: pdu.type === snmp.PduType.InformRequest ? 'inform' : 'trap',
    varbinds,
  };
}
