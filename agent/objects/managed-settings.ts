/** Settings of the configuration that managers can set: what one has set wins over what is configured. */
export class ManagedSettings<T extends object> {
  #configured: T;
  #set: Partial<T> = {};

  constructor(configured: T) {
    this.#configured = configured;
  }

  get values(): T {
    return { ...this.#configured, ...this.#set };
  }

  /** Takes over another configuration; what was set by a manager stays. */
  reconfigure(configured: T): void {
    this.#configured = configured;
  }

  /** Changes values and returns what takes the change back. */
  change(values: Partial<T>): () => void {
    const before = this.#set;
    this.#set = { ...before, ...values };
    return () => {
      this.#set = before;
    };
  }

  /** What managers have set. */
  protected get managed(): Partial<T> {
    return this.#set;
  }

  protected set managed(values: Partial<T>) {
    this.#set = values;
  }
}
