import { NOTHING, type View, ViewCompiler } from '../access/compiled-view.ts';
import type { Vacm } from '../access/vacm.ts';
import type { Registry } from '../mib/registry.ts';
import type { Principal } from '../security/principal.ts';

/**
 * What a principal may see and set. `undefined` where VACM knows no group or access entry for it, which is
 * authorizationError (RFC 3413 section 3.2).
 */
export interface Rights {
  readonly read: View | undefined;
  readonly write: View | undefined;
}

/** Principals whose rights are remembered; when full, the memory is emptied and starts again. */
const MAX_REMEMBERED = 1024;

/** Asks VACM for the rights of each principal, once as long as its tables stay the same. */
export class RightsBook {
  readonly #vacm: Vacm;
  readonly #compiler: ViewCompiler;
  /** The view that nothing is in. */
  readonly nothing: View;
  /** BOUNDED by MAX_REMEMBERED. */
  readonly #known = new Map<Principal, Rights>();
  #changes = -1;

  constructor(vacm: Vacm, registry: Registry) {
    this.#vacm = vacm;
    this.#compiler = new ViewCompiler(registry);
    this.nothing = this.#compiler.compile(NOTHING);
  }

  /** The rights of a principal; the same object is to be given for the same principal. */
  of(principal: Principal): Rights {
    if (this.#changes !== this.#vacm.changes) {
      this.#known.clear();
      this.#changes = this.#vacm.changes;
    }
    let rights = this.#known.get(principal);
    if (!rights) {
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      rights = { read: this.#view(principal, 'read'), write: this.#view(principal, 'write') };
      this.#known.set(principal, rights);
    }
    return rights;
  }

  #view(principal: Principal, viewType: 'read' | 'write'): View | undefined {
    const decision = this.#vacm.isAccessAllowed({ ...principal, viewType });
    if ('view' in decision) return this.#compiler.compile(decision.view);
    // A group without a view to write through may write nothing, which is what noAccess says of each variable.
    return decision.error === 'noSuchView' ? this.nothing : undefined;
  }
}
