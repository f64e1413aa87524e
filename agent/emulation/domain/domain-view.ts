import type { Domain } from './domain.ts';

/** How a {@link DomainView} knows its list. */
export interface ViewSource {
  /** Every domain, in order. */
  readonly all: () => readonly Domain[];
  /** Whether it is still one of them. */
  readonly contains: (domain: Domain) => boolean;
  /** Tells every view which domains have changed since this was last called. */
  readonly settle: () => void;
}

/** Another order, or a part, of the domains of a list, that the list keeps up to date. */
export interface DomainView {
  /** Forgets everything until it is read again. For the list. */
  forget(): void;
  /** Looks at domains that may have changed. For the list. */
  review(changed: Iterable<Domain>): void;
}
