import { reachable } from '../api/request.ts';
import { alarms, faults } from '../state/fleet.ts';
import { href, route } from '../state/router.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { TimeBar } from './time-bar.tsx';

const VIEWS = [
  ['fleet', 'Fleet'],
  ['alarms', 'Alarms'],
  ['events', 'Events'],
  ['notifications', 'Notifications'],
  ['faults', 'Faults'],
  ['snmp', 'SNMP'],
] as const;

/** What stands above every view: where one can go, and the time. */
export function Header() {
  return (
    <header class="header">
      <div class="header-row">
        <a class="brand" href={href('fleet')}>
          <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <rect x="2" y="3" width="16" height="5.5" rx="1.5" />
            <rect x="2" y="11.5" width="16" height="5.5" rx="1.5" />
            <circle cx="5.6" cy="5.75" r="1.1" />
            <circle cx="5.6" cy="14.25" r="1.1" />
          </svg>
          virtsnmp
        </a>
        <nav aria-label="Views">
          <ul class="nav">
            {VIEWS.map(([view, label]) => (
              <li key={view}>
                <a href={href(view)} {...(isAt(view) && { 'aria-current': 'page' as const })}>
                  {label}
                  <Count view={view} />
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <button type="button" class="button quiet theme" onClick={nextTheme}>
          <span class="visually-hidden">Colours: </span>
          {theme.value}
        </button>
      </div>
      <TimeBar />
      {!reachable.value && (
        <p class="notice" role="alert">
          virtsnmp does not answer; what is shown is what it last said. Trying again.
        </p>
      )}
    </header>
  );
}

function isAt(view: string): boolean {
  const [at = 'fleet'] = route.value.parts;
  return at === view || (at === 'guest' && view === 'fleet');
}

/** How many there are of what has to be looked at. */
function Count({ view }: { readonly view: string }) {
  const number = view === 'alarms' ? alarms.value?.length : view === 'faults' ? faults.value?.length : 0;
  if (!number) return null;
  return <span class={`count count-${view}`}>{number}</span>;
}
