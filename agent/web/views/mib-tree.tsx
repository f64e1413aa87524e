import { useState } from 'preact/hooks';
import type { MibObject } from '../api/types.ts';
import type { MibModule, MibNode } from '../state/mib.ts';

interface Choosing {
  readonly chosen: string;
  readonly choose: (oid: string) => void;
}

/** The modules, each with its tree behind a button. */
export function Tree({ modules, ...choosing }: Choosing & { readonly modules: readonly MibModule[] }) {
  return (
    <ul>
      {modules.map(({ name, roots }) => (
        <li key={name}>
          <Branch label={name} kind="module">
            {() => <Nodes nodes={roots} {...choosing} />}
          </Branch>
        </li>
      ))}
    </ul>
  );
}

function Nodes({ nodes, ...choosing }: Choosing & { readonly nodes: readonly MibNode[] }) {
  return (
    <ul>
      {nodes.map(({ object, children }) => (
        <li key={object.oid}>
          {children.length === 0 ? (
            <ObjectButton object={object} {...choosing} />
          ) : (
            <Branch
              label={object.name}
              kind={object.kind}
              button={<ObjectButton object={object} {...choosing} />}
            >
              {() => <Nodes nodes={children} {...choosing} />}
            </Branch>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A branch that can be opened; without a button of its own, its label opens it. */
function Branch({
  label,
  kind,
  button,
  children,
}: {
  readonly label: string;
  readonly kind: string;
  readonly button?: preact.ComponentChild;
  readonly children: () => preact.ComponentChild;
}) {
  const [isOpen, setOpen] = useState(false);
  const twist = () => setOpen(!isOpen);
  return (
    <>
      <span class={`branch kind-${kind}`}>
        {button ? (
          <>
            <button
              type="button"
              class="twist"
              aria-expanded={isOpen}
              aria-label={`Below ${label}`}
              onClick={twist}
            />
            {button}
          </>
        ) : (
          <button type="button" class="twist labelled" aria-expanded={isOpen} onClick={twist}>
            {label}
          </button>
        )}
      </span>
      {isOpen && children()}
    </>
  );
}

function ObjectButton({ object, chosen, choose }: Choosing & { readonly object: MibObject }) {
  return (
    <button
      type="button"
      class={`object kind-${object.kind}`}
      {...(chosen === object.oid && { 'aria-current': 'true' as const })}
      onClick={() => choose(object.oid)}
    >
      {object.name}
      <span class="object-kind">{object.kind === 'node' ? '' : object.kind}</span>
    </button>
  );
}

/** Objects that were looked for. */
export function FoundObjects({
  objects,
  more,
  ...choosing
}: Choosing & { readonly objects: readonly MibObject[]; readonly more: number }) {
  return (
    <>
      <ul>
        {objects.map((object) => (
          <li key={object.oid}>
            <ObjectButton object={object} {...choosing} />
          </li>
        ))}
      </ul>
      <p class="empty" role="status">
        {objects.length === 0 ? 'No object has such a name.' : more > 0 ? `And ${more} more.` : ''}
      </p>
    </>
  );
}
