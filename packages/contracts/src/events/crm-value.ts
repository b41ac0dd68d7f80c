import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define-event.ts';
import { AgentIdSchema, CustomerIdSchema, Nullable, OneOf, TagRuleIdSchema } from '../scalars.ts';

const TagSchema = Type.String({ description: 'the name of the tag in lower case, as conditions compare it' });
const TierSchema = Nullable(Type.String({ description: 'a tier of the model of the workspace; null: never bought' }));

const ReasonSchema = Type.Object(
  {
    field: Type.String(),
    op: Type.String({ description: 'in, at-least or at-most' }),
    values: Type.Array(Type.String()),
  },
  { description: 'what the rule asked when it gave the tag, without what it found; null for a tag by hand' },
);

export const customerTagged = defineEvent({
  type: 'crm.customer-tagged',
  version: 1,
  topic: 'crm.customer',
  description: 'A person tagged a customer, or a rule did because its condition began to hold.',
  data: Type.Object({
    customerId: CustomerIdSchema,
    tag: TagSchema,
    by: OneOf(['agent', 'rule']),
    agentId: Nullable(AgentIdSchema),
    ruleId: Nullable(TagRuleIdSchema),
  }),
  personal: null,
});

export const customerUntagged = defineEvent({
  type: 'crm.customer-untagged',
  version: 1,
  topic: 'crm.customer',
  description: 'A customer has a tag no longer: a person took it away, or the condition of its rule holds no more.',
  data: Type.Object({
    customerId: CustomerIdSchema,
    tag: TagSchema,
    by: OneOf(['agent', 'rule']),
    agentId: Nullable(AgentIdSchema),
    ruleId: Nullable(TagRuleIdSchema),
  }),
  personal: null,
});

export const tierChanged = defineEvent({
  type: 'crm.tier-changed',
  version: 1,
  topic: 'crm.customer',
  description: 'A customer is in another tier.',
  data: Type.Object({
    customerId: CustomerIdSchema,
    from: TierSchema,
    to: TierSchema,
    cause: OneOf(
      ['order', 'time', 'model', 'merge'],
      'an order came or changed; time passed; another model applies; customers turned out to be one',
    ),
    modelVersion: Type.Integer({ minimum: 0 }),
  }),
  personal: null,
});

export const customerChanged = defineEvent({
  type: 'crm.customer-changed',
  version: 1,
  topic: 'crm.customer',
  description:
    'All tags and the tier of a customer as they are now, for those who keep them beside their own data. No tags and no tier: the customer was erased, or is a part of another one.',
  data: Type.Object({
    customerId: CustomerIdSchema,
    tags: Type.Array(TagSchema),
    tier: TierSchema,
    tagged: Type.Optional(
      Type.Array(
        Type.Object({
          tag: TagSchema,
          name: Type.String({ description: 'the name of the tag as people see it' }),
          agentId: Nullable(AgentIdSchema),
          ruleId: Nullable(TagRuleIdSchema),
          reason: Nullable(ReasonSchema),
        }),
        { description: 'the same tags, with who says so' },
      ),
    ),
  }),
  personal: null,
});
