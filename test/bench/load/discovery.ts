import { DatagramDescriptor } from './datagram-descriptor.ts';
import { CommunityDialect } from './dialect.ts';
import { Instances } from './instances.ts';
import { isAfter, startsWith } from './oid-octets.ts';
import { ResponseReader } from './response-reader.ts';
import { Window } from './window.ts';

const REPETITIONS = 100;
const LOSS_CHECK_MS = 500;
const GIVE_UP_MS = 60_000;

/** Walks everything under `root` with GETBULK. Throws when something there is out of order, or nothing is. */
export async function discover(port: number, community: string, root: Uint8Array): Promise<Instances> {
  const socket = await DatagramDescriptor.connect(port);
  try {
    return walk(socket, community, root);
  } finally {
    socket.close();
  }
}

function walk(socket: DatagramDescriptor, community: string, root: Uint8Array): Instances {
  const dialect = new CommunityDialect({ kind: 'GETBULK', repetitions: REPETITIONS }, community);
  const window = new Window(1, dialect, socket);
  const buffer = new Uint8Array(65_536);
  const response = new ResponseReader(buffer);
  const instances = new Instances();
  const end = performance.now() + GIVE_UP_MS;
  let nextCheck = 0;
  window.setName(0, root, 0, root.length);
  window.send(0);
  for (let now = performance.now(); now < end; now = performance.now()) {
    if (now > nextCheck) {
      window.sendLostAgain(now);
      nextCheck = now + LOSS_CHECK_MS;
    }
    const length = socket.receive(buffer);
    if (length < 0 || !dialect.open(response, length) || window.slotOf(response.requestId) < 0) continue;
    if (response.errorStatus !== 0)
      throw new Error(`the agent answered a walk with error-status ${response.errorStatus}`);
    let seen = 0;
    while (response.next()) {
      const { bytes, oidAt, oidLength, valueTag } = response;
      if (valueTag >= 0x80 || !startsWith(bytes, oidAt, oidLength, root)) return found(instances);
      if (!isAfter(bytes, oidAt, oidLength, window.names, 0, window.nameLength(0))) {
        throw new Error(`the agent's instance ${instances.count + 1} does not come after the one before`);
      }
      instances.add(bytes, oidAt, oidLength);
      window.setName(0, bytes, oidAt, oidLength);
      seen++;
    }
    if (seen === 0) return found(instances);
    window.send(0);
  }
  throw new Error(`a walk of ${instances.count} instances was not at its end after ${GIVE_UP_MS / 1000} s`);
}

function found(instances: Instances): Instances {
  if (instances.count === 0)
    throw new Error('the agent serves nothing of LIBVIRT-MIB: load needs at least one guest');
  return instances;
}
