export { type FoundNumber, mayEqual, numbersIn } from './numbers.ts';
export { differingNumbers } from './numbers-differ.ts';
export {
  cutAt,
  findSpans,
  type Piece,
  type PlacedSpan,
  sourceOf,
  type Span,
  type SpanKind,
  spansOf,
  wordsBetween,
} from './spans.ts';
