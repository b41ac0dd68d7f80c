import type { EventOf, EventType, TopicName } from '@crossdesk/contracts';
import type { SignedIn } from '@crossdesk/service-kit';
import type { StreamArguments } from './stream-arguments.ts';

/**
 * A live stream as data. Adding one: a declaration in `streams/`, and in the service that owns the events the field under
 * `subscription` and the query `byIds`. `Facts` is what the gateway keeps of an event for the filter.
 */
export interface StreamDeclaration<Facts> {
  /** The field under `subscription`. It takes `after: String`, and its type has `id: ID!` and `cursor: String`. */
  readonly field: string;
  /** The query that answers the selection set for events, `ids: [ID!]!`, in their order and null for what it does not show. */
  readonly byIds: string;
  /** All of the service that answers `byIds`: no other one surely knows an event as soon as it is on the log. */
  readonly topics: readonly TopicName[];
  /** The types of events that are shown. */
  readonly shown: ShownEvents<Facts>;
  /**
   * Which events a caller wants to see. Events of other workspaces are left out before it is asked.
   * @throws GraphQLError for arguments that make no sense
   */
  filter(args: StreamArguments, caller: SignedIn): (facts: Facts) => boolean;
}

export type ShownEvents<Facts> = { readonly [Type in EventType]?: (event: EventOf<Type>) => Facts };
