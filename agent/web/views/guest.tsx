import { useState } from 'preact/hooks';
import { get, guestPath } from '../api/request.ts';
import type { Details, Guest } from '../api/types.ts';
import { alarms, faults, guests } from '../state/fleet.ts';
import { usePolled } from '../state/polled.ts';
import { href } from '../state/router.ts';
import { StateBadge } from '../ui/badge.tsx';
import { dateTime } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { ALARM_COLUMNS } from './alarms.tsx';
import { FAULT_COLUMNS } from './faults.tsx';
import { GuestActions } from './guest-actions.tsx';
import { GuestCharts } from './guest-charts.tsx';
import { Cgroup, Disks } from './guest-disks.tsx';
import { Nics } from './guest-nics.tsx';
import { Placement, Vcpus } from './guest-processors.tsx';
import { Rate, type TwoLooks } from './rates.ts';
import { SerialConsole } from './serial-console.tsx';

const DETAILS_MS = 2000;

/** One guest: what it does, what it is made of, and what can be done to it. */
export function GuestView({ host, uuid }: { readonly host: string; readonly uuid: string }) {
  const guest = guests.value?.find((each) => each.uuid === uuid && each.host === host);
  if (!guest) {
    return (
      <>
        <h1>Guest</h1>
        <p class="lead" role="status">
          {guests.value
            ? `Host ${host} has no guest ${uuid}: it was undefined, or went elsewhere. `
            : 'Asking for the guest… '}
          <a href={href('fleet')}>All guests</a>
        </p>
      </>
    );
  }
  return <Known guest={guest} />;
}

function Known({ guest }: { readonly guest: Guest }) {
  const [looks, setLooks] = useState<TwoLooks>({});
  const isActive = guest.state !== 'SHUTOFF';
  usePolled(
    async (signal) => {
      if (!isActive) return setLooks({});
      const details = await get<Details>(guestPath(guest, '/details'));
      if (!signal.aborted) setLooks((before) => lookAgain(before, details));
    },
    DETAILS_MS,
    [guest.uuid, guest.host, isActive],
  );
  const { now } = looks;
  const rate = new Rate(looks);
  const isMine = (one: { readonly guest?: string; readonly host: string }) =>
    one.guest === guest.name && one.host === guest.host;
  const myAlarms = alarms.value?.filter(isMine) ?? [];
  const myFaults = faults.value?.filter(isMine) ?? [];
  return (
    <>
      <div class="heading-row">
        <h1>
          {guest.name} <StateBadge state={guest.state} reason={guest.reason} />
        </h1>
      </div>
      <p class="facts">
        {guest.title && <span>{guest.title}</span>}
        <span>
          {guest.type} on {guest.host}
        </span>
        <span>
          {guest.reason} since <time dateTime={guest.stateSince}>{dateTime(guest.stateSince)}</time>
        </span>
        <span>{guest.persistent ? 'persistent' : 'transient'}</span>
        {guest.autostart && <span>autostart</span>}
        {guest.busy && <span>something goes on</span>}
        <code>{guest.uuid}</code>
      </p>
      <GuestActions guest={guest} />
      {myFaults.length > 0 && (
        <section aria-label="Faults of this guest">
          <h2>Faults</h2>
          <Table
            caption="Faults of this guest"
            columns={FAULT_COLUMNS}
            rows={myFaults}
            keyOf={({ id }) => id}
            empty=""
          />
        </section>
      )}
      {myAlarms.length > 0 && (
        <section aria-label="Alarms of this guest">
          <h2>Alarms</h2>
          <Table
            caption="Alarms of this guest"
            columns={ALARM_COLUMNS}
            rows={myAlarms}
            keyOf={({ number }) => number}
            empty=""
          />
        </section>
      )}
      <GuestCharts guest={guest} />
      {now ? (
        <div class="parts">
          {now.vcpus.length > 0 && <Vcpus now={now} rate={rate} />}
          <Placement now={now} />
          <Nics now={now} rate={rate} />
          {now.disks.length > 0 && <Disks now={now} rate={rate} />}
          {now.cgroup && <Cgroup files={now.cgroup} />}
        </div>
      ) : (
        <p class="lead">
          {isActive
            ? 'Asking for what is inside…'
            : 'It is shut off: start it to see vCPUs, queues, disks and console.'}
        </p>
      )}
      {isActive && now && !now.cgroup && <SerialConsole guest={guest} startedMs={now.startedMs} />}
    </>
  );
}

/** Keeps two looks at different instants: while the time stands, the rates stay. */
function lookAgain({ now, before }: TwoLooks, latest: Details): TwoLooks {
  if (!now || now.startedMs !== latest.startedMs) return { now: latest };
  if (now.atMs === latest.atMs) return { now: latest, ...(before && { before }) };
  return { now: latest, before: now };
}
