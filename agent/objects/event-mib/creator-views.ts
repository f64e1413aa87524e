import { EVERYTHING, type View, ViewCompiler } from '../../access/compiled-view.ts';
import type { Vacm } from '../../access/vacm.ts';
import type { SecurityLevel } from '../../access/vacm-rows.ts';
import type { Registry } from '../../mib/registry.ts';
import type { Creator } from './rows.ts';

/** What those in whose names triggers and events work may see and set now (RFC 2981 section 7). */
export class CreatorViews {
  readonly #vacm: Vacm;
  readonly #compiler: ViewCompiler;
  readonly #everything: View;

  constructor(vacm: Vacm, registry: Registry) {
    this.#vacm = vacm;
    this.#compiler = new ViewCompiler(registry);
    this.#everything = this.#compiler.compile(EVERYTHING);
  }

  /** Names of the contexts that a name, or with a wildcard the beginning of one, stands for. */
  contexts(name: string, wildcard: boolean): string[] {
    return Array.from(this.#vacm.contexts).filter((context) =>
      wildcard ? context.startsWith(name) : context === name,
    );
  }

  /** The view; `undefined` where access control has none for the creator: authorizationError. */
  of(creator: Creator | undefined, viewType: 'read' | 'write', contextName: string): View | undefined {
    if (creator === 'configuration') return this.#everything;
    if (!creator) return undefined;
    const securityLevel = creator.securityLevel as SecurityLevel;
    const decision = this.#vacm.isAccessAllowed({ ...creator, securityLevel, viewType, contextName });
    return 'view' in decision ? this.#compiler.compile(decision.view) : undefined;
  }
}
