import type { CheckName } from '../checkers/checker.port.ts';

/** One deliberate fault: a passage of the product and what stands there instead. */
export interface Edit {
  readonly file: string;
  /** Must occur exactly once; a mutant whose passage is gone no longer applies, and that is an error. */
  readonly find: string;
  readonly replace: string;
}

/** The shortest run that must see the fault, and what must see it. */
export type Catcher =
  | { readonly by: 'crash'; readonly at: readonly string[]; readonly check: CheckName }
  | { readonly by: 'load'; readonly load: 'replies' | 'contended'; readonly check: CheckName }
  /** Half a minute of these kinds of trouble. */
  | { readonly by: 'storm'; readonly kinds: readonly string[]; readonly check: CheckName }
  /** A disk that runs full, where one can be mounted. */
  | { readonly by: 'disk'; readonly check: CheckName }
  /** The next version beside this one, on Kafka, where it can be had. */
  | { readonly by: 'upgrade'; readonly check: CheckName }
  | { readonly by: 'simulation'; readonly model: string; readonly check: CheckName }
  /** A test of the product, by its file and title. */
  | { readonly by: 'test'; readonly file: string; readonly title: string };

/** Thrown when the run that must see a fault could not be made: that proves nothing either way. */
export class NotTried extends Error {
  override name = 'NotTried';
}

export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: Catcher;
}
