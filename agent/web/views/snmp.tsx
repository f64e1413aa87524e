import { computed, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hosts } from '../state/fleet.ts';
import { loadMib, modules, objectsByOid } from '../state/mib.ts';
import { tell } from '../state/toasts.ts';
import { SearchField, SelectField } from '../ui/fields.tsx';
import { FoundObjects, Tree } from './mib-tree.tsx';
import { ObjectPanel } from './object-panel.tsx';

const text = signal('');
const hostName = signal('');
const chosen = signal('');

const MOST_FOUND = 100;

const found = computed(() => {
  const wanted = text.value.trim().toLowerCase();
  if (wanted === '') return undefined;
  return [...objectsByOid.value.values()].filter(
    ({ name, oid, kind }) =>
      kind !== 'row' && (name.toLowerCase().includes(wanted) || oid.startsWith(wanted)),
  );
});

/** The served MIB modules with live values. */
export function SnmpView() {
  useEffect(() => {
    loadMib().catch((thrown: Error) => tell('refused', thrown.message));
  }, []);
  const names = hosts.value.map(({ name }) => name);
  if (names.length > 0 && !names.includes(hostName.value)) hostName.value = names[0]!;
  const object = objectsByOid.value.get(chosen.value);
  const choose = (oid: string) => {
    chosen.value = oid;
  };
  return (
    <>
      <h1>SNMP</h1>
      <div class="browser">
        <div class="browser-tree">
          <div class="filters">
            <SearchField label="Name or OID" text={text} />
            {names.length > 1 && <SelectField label="Host" value={hostName} options={names} />}
          </div>
          <nav aria-label="MIB tree" class="tree">
            {found.value ? (
              <FoundObjects
                objects={found.value.slice(0, MOST_FOUND)}
                more={found.value.length - MOST_FOUND}
                chosen={chosen.value}
                choose={choose}
              />
            ) : (
              <Tree modules={modules.value ?? []} chosen={chosen.value} choose={choose} />
            )}
          </nav>
        </div>
        <div class="browser-panel">
          {object && hostName.value !== '' ? (
            <ObjectPanel key={`${hostName.value} ${object.oid}`} object={object} host={hostName.value} />
          ) : (
            <p class="lead">
              Choose an object, a table or a branch: its description and what the agent answers are shown
              here.
            </p>
          )}
        </div>
      </div>
    </>
  );
}
