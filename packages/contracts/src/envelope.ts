import { type Static, Type } from '@sinclair/typebox';
import { EventIdSchema, instant, Nullable, OneOf, TenantIdSchema } from './scalars.ts';

export const ActorSchema = Type.Object(
  {
    kind: OneOf(['agent', 'customer', 'automation', 'system']),
    id: Nullable(Type.String({ description: 'agent id, customer id, rule id; null for the system itself' })),
  },
  { description: 'Who caused the event' },
);
export type Actor = Static<typeof ActorSchema>;

/** The fields of every event besides its data. */
export const EnvelopeSchema = Type.Object({
  id: EventIdSchema,
  type: Type.String({ description: '<service>.<past-tense-fact>' }),
  version: Type.Integer({
    minimum: 1,
    description: 'version of the data schema; only optional fields are added within one',
  }),
  source: Type.String({ description: 'the service that owns the data' }),
  tenantId: TenantIdSchema,
  aggregateId: Type.String({ format: 'uuid', description: 'the Kafka key: events with the same key keep their order' }),
  aggregateVersion: Type.Integer({ minimum: 1, description: 'grows by one or more with each change of the aggregate' }),
  occurredAt: instant('when it happened, by the clock of the system that saw it first (for messages, the platform)'),
  receivedAt: instant('when it reached Crossdesk'),
  recordedAt: instant('when the owning service recorded it'),
  actor: ActorSchema,
  correlationId: Type.String({ format: 'uuid', description: 'the same for all events of a chain of causes' }),
  causationId: Nullable(Type.String({ format: 'uuid', description: 'the event that caused this one' })),
  causationDepth: Type.Integer({ minimum: 0, description: 'links in the chain; automation never acts beyond 5' }),
});

export interface Envelope<Type extends string = string, Data = unknown> {
  id: Static<typeof EventIdSchema>;
  type: Type;
  version: number;
  source: string;
  tenantId: Static<typeof TenantIdSchema>;
  aggregateId: string;
  aggregateVersion: number;
  occurredAt: string;
  receivedAt: string;
  recordedAt: string;
  actor: Actor;
  correlationId: string;
  causationId: string | null;
  causationDepth: number;
  data: Data;
}

/** An automation never acts on an event deeper than this, so that a chain of rules cannot run without end. */
export const causationDepthMax = 5;
/** The largest encoded envelope, checked when an event is appended. */
export const envelopeBytesMax = 256 * 1024;
