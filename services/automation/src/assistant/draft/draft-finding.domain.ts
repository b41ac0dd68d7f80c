/** What is wrong with a draft. With an error it is not shown. */
export type DraftFindingCode =
  | 'link'
  | 'contact'
  | 'id'
  | 'amount'
  | 'number'
  | 'promise'
  | 'gift'
  | 'markup'
  | 'hidden-characters'
  | 'language'
  | 'length'
  | 'instructions'
  | 'rule'
  | 'tone';

export interface DraftFinding {
  readonly code: DraftFindingCode;
  /** True: the draft is not shown. */
  readonly isError: boolean;
  /** The part of the text it is about; null for the whole. */
  readonly part: string | null;
}
