import type { Decision, UserError } from './decision.domain.ts';

type Payload<Name extends string, Value, Code extends string> = { readonly [Field in Name]: Value | null } & {
  readonly errors: UserError<Code>[];
};

/** The payload of a mutation: the thing created or changed, or null with the errors. */
export function toPayload<Name extends string, Value, Code extends string>(
  name: Name,
  outcome: Decision<Value, Code>,
): Payload<Name, Value, Code> {
  const errors = outcome.ok ? [] : [...outcome.errors];
  // A computed name has no type of its own: this object has the shape of the type.
  return { [name]: outcome.ok ? outcome.value : null, errors } as Payload<Name, Value, Code>;
}
