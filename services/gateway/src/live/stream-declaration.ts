import type { EventOf, EventType, TopicName } from '@crossdesk/contracts';
import type { SignedIn } from '@crossdesk/service-kit';
import type { StreamArguments } from './stream-arguments.ts';

/**
 * A live stream as data. To add one, write a declaration in `streams/`, and in the service that owns the events add the
 * field under `subscription` and the query `byIds`. `Facts` are the parts of an event that the gateway keeps for the
 * filter.
 */
export interface StreamDeclaration<Facts> {
  /** The field under `subscription`. It takes `after: String`, and its type has `id: ID!` and `cursor: String`. */
  readonly field: string;
  /** The query that returns a cursor to start from: `(from: StartPlace! = NOW): String`. */
  readonly cursorField: string;
  /**
   * The query that resolves the selection for events, `ids: [ID!]!`, in their order; null for an event it does not
   * show.
   */
  readonly byIds: string;
  /**
   * All must belong to the service that answers `byIds`: another service may not know an event yet when it is on the
   * log.
   */
  readonly topics: readonly TopicName[];
  /** The types of events that are shown. */
  readonly shown: ShownEvents<Facts>;
  /**
   * Events tell only that something is other than before, and the answer shows what it is now: of those that wait, the
   * latest is enough.
   */
  readonly isLatestEnough?: boolean;
  /**
   * Selects the events that a caller wants to see. Events of other workspaces are removed before it is called.
   * @throws GraphQLError for invalid arguments
   */
  filter(args: StreamArguments, caller: SignedIn): (facts: Facts) => boolean;
}

export type ShownEvents<Facts> = { readonly [Type in EventType]?: (event: EventOf<Type>) => Facts };
