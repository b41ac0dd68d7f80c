import type { Decision, UserError } from './decision.domain.ts';

type Payload<Name extends string, Value, Code extends string> = { readonly [Field in Name]: Value | null } & {
  readonly errors: UserError<Code>[];
};

/** The payload of a mutation: what it made or changed, or null with the errors. */
export function toPayload<Name extends string, Value, Code extends string>(
  name: Name,
  outcome: Decision<Value, Code>,
): Payload<Name, Value, Code> {
  const errors = outcome.ok ? [] : [...outcome.errors];
  // A computed name has no type of its own: what stands here is what the type says.
  return { [name]: outcome.ok ? outcome.value : null, errors } as Payload<Name, Value, Code>;
}
