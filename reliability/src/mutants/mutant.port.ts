import type { CheckName } from '../checkers/checker.port.ts';

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

/** One deliberate fault. */
export interface Mutant {
  readonly name: string;
  /** The stand-ins that are the fault, by their paths from this folder. */
  readonly standIns: readonly string[];
  readonly caughtBy: Catcher;
}
