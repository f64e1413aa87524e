import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { tokenWanted } from '../api/token.ts';
import { fleetIntervalMs, loadAlarms, loadClock, loadFaults, loadFleet, loadRates } from '../state/fleet.ts';
import { followNews } from '../state/news.ts';
import { usePolled } from '../state/polled.ts';
import { route } from '../state/router.ts';
import { Confirmation } from '../ui/confirm.tsx';
import { Toasts } from '../ui/toasts.tsx';
import { AlarmsView } from './alarms.tsx';
import { EventsView } from './events.tsx';
import { FaultsView } from './faults.tsx';
import { FleetView } from './fleet.tsx';
import { GuestView } from './guest.tsx';
import { Header } from './header.tsx';
import { NotificationsView } from './notifications.tsx';
import { SignIn } from './sign-in.tsx';
import { SnmpView } from './snmp.tsx';

const CLOCK_MS = 1000;
/** The stream tells of alarms and faults; what it missed is found by looking now and then. */
const SELDOM_MS = 10_000;

/** The whole page. */
export function App() {
  return tokenWanted.value ? <SignIn /> : <Console />;
}

function Console() {
  useEffect(() => {
    const ended = new AbortController();
    followNews(ended.signal);
    return () => ended.abort();
  }, []);
  usePolled(loadClock, CLOCK_MS, []);
  usePolled(loadFleet, fleetIntervalMs.value, []);
  usePolled(loadRates, fleetIntervalMs.value, []);
  usePolled(async () => void (await Promise.all([loadAlarms(), loadFaults()])), SELDOM_MS, []);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')!.focus()}>
        Skip to the content
      </button>
      <Header />
      <Main>{viewOf()}</Main>
      <Confirmation />
      <Toasts />
    </>
  );
}

/** The view's frame: a new view takes the focus, as a new page would. */
function Main({ children }: { readonly children: ComponentChildren }) {
  const element = useRef<HTMLElement>(null);
  const path = route.value.parts.join('/');
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    element.current!.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [path]);
  return (
    <main id="main" ref={element} tabIndex={-1}>
      {children}
    </main>
  );
}

function viewOf() {
  const [view = 'fleet', host, uuid] = route.value.parts;
  switch (view) {
    case 'guest':
      return <GuestView key={`${host} ${uuid}`} host={host ?? ''} uuid={uuid ?? ''} />;
    case 'alarms':
      return <AlarmsView />;
    case 'events':
      return <EventsView />;
    case 'notifications':
      return <NotificationsView />;
    case 'faults':
      return <FaultsView />;
    case 'snmp':
      return <SnmpView />;
    default:
      return <FleetView />;
  }
}
