import type { InterfaceNumbers } from '../../agent/objects/interface-numbers.ts';

/** Numbers interfaces from 2 on, in the order in which they are asked for. */
export class InterfacesInOrder implements InterfaceNumbers {
  readonly #names: string[] = [];

  indexOf(name: string): number {
    if (!this.#names.includes(name)) this.#names.push(name);
    return this.#names.indexOf(name) + 2;
  }
}
