import type { ModuleDefinition } from '../mib/definition.ts';
import { moduleSubtrees } from '../mib/module-subtrees.ts';
import { isPrefix } from '../mib/registry.ts';
import { namesIn } from '../mib/served.ts';
import { formatOid, type Oid } from '../util/oid.ts';
import {
  configuredFamily,
  PRESETS,
  type PresetName,
  type PresetScope,
  type PresetView,
  presetAccess,
  presetSubtrees,
} from './presets.ts';
import type { AccessRow, FamilyRow } from './vacm-rows.ts';
import { ViewTree } from './view-tree.ts';

/** Which modules somebody sees, by name. */
export interface ModuleSelection {
  /** These alone; all when absent. */
  readonly include?: readonly string[] | undefined;
  /** Not these. */
  readonly exclude?: readonly string[] | undefined;
}

/** Rows of vacmAccessTable with the views that they name. */
export interface ModuleRights {
  readonly access: readonly AccessRow[];
  readonly families: readonly FamilyRow[];
}

interface Subtree {
  readonly subtree: Oid;
  readonly included: boolean;
}

/** Makes rights that are a preset's as far as they concern some modules. */
export class ModuleViews {
  readonly #modules: readonly ModuleDefinition[];
  readonly #subtrees: ReadonlyMap<string, readonly Oid[]>;
  readonly #names: ReadonlyMap<string, Oid>;

  /** `modules`: all that a selection may name. */
  constructor(modules: readonly ModuleDefinition[]) {
    this.#modules = modules;
    this.#subtrees = moduleSubtrees(modules);
    this.#names = new Map(modules.flatMap((module) => [...namesIn(module)]));
  }

  /**
   * The rights of a group of its own in each scope. Its views have its name with `-read`, `-write` or `-notify` behind
   * it; one that would show nothing is none.
   */
  rights(
    groupName: string,
    preset: PresetName,
    selection: ModuleSelection,
    scopes: readonly PresetScope[],
  ): ModuleRights {
    const { read, write, notify } = PRESETS[preset];
    const views = {
      read: this.#select(read, selection),
      write: write === '' ? [] : this.#select(write, selection),
      notify: this.#withCarried(notify, selection),
    };
    const nameOf = (use: keyof typeof views) =>
      views[use].some(({ included }) => included) ? `${groupName}-${use}` : '';
    const names = { readView: nameOf('read'), writeView: nameOf('write'), notifyView: nameOf('notify') };
    return {
      access: scopes.map((scope) => ({ ...presetAccess(preset, scope), groupName, ...names })),
      families: (['read', 'write', 'notify'] as const).flatMap((use) => {
        const name = nameOf(use);
        return name === ''
          ? []
          : views[use].map(({ subtree, included }) => configuredFamily(name, subtree, included));
      }),
    };
  }

  /** What a preset view shows of the modules of a selection. */
  #select(view: PresetView, { include, exclude = [] }: ModuleSelection): Subtree[] {
    const whole = presetSubtrees(view);
    const shown = viewTree(whole);
    let kept = whole;
    if (include) {
      kept = this.#of(include).flatMap((subtree) => [
        { subtree, included: inView(shown, subtree) },
        ...whole.filter((each) => each.subtree.length > subtree.length && isBelow(subtree, each.subtree)),
      ]);
    }
    for (const hidden of this.#of(exclude)) {
      kept = kept.filter(({ subtree }) => !isBelow(hidden, subtree));
      // Where nothing that is shown lies above it, there is nothing to hide.
      if (inView(viewTree(kept), hidden)) kept = [...kept, { subtree: hidden, included: false }];
    }
    return kept;
  }

  /**
   * A notification is sent when all that it carries is in the view (RFC 3413 section 3.3), and those of one module may
   * by their definition carry objects of another: these come into the notify view with it.
   */
  #withCarried(view: PresetView, selection: ModuleSelection): Subtree[] {
    const selected = this.#select(view, selection);
    const shown = viewTree(selected);
    const whole = viewTree(presetSubtrees(view));
    const carried = new Map<string, Subtree>();
    for (const { notifications } of this.#modules)
      for (const { oid, objects } of Object.values(notifications)) {
        if (!inView(shown, oid)) continue;
        for (const name of objects) {
          const subtree = this.#names.get(name);
          if (subtree && !inView(shown, subtree) && inView(whole, subtree))
            carried.set(formatOid(subtree), { subtree, included: true });
        }
      }
    return [...selected, ...carried.values()];
  }

  #of(names: readonly string[]): Oid[] {
    return [...new Set(names)].flatMap((name) => this.#subtrees.get(name) ?? []);
  }
}

function viewTree(subtrees: readonly Subtree[]): ViewTree {
  return new ViewTree(subtrees.map((each) => ({ ...each, mask: new Uint8Array(0) })));
}

function inView(tree: ViewTree, oid: Oid): boolean {
  return tree.inView(oid, 0, oid.length);
}

function isBelow(above: Oid, oid: Oid): boolean {
  return isPrefix(above, oid, 0, oid.length);
}
