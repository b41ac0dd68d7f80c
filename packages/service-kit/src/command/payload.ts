import type { Decision, UserError } from './decision.domain.ts';

type Payload<Name extends string, Value, Code extends string> = { readonly [Field in Name]: Value | null } & {
  readonly errors: UserError<Code>[];
};

const conflicts: readonly string[] = ['VERSION_CONFLICT', 'ALREADY_TAKEN'];

/**
 * The outcome for a payload that shows the present state after a conflict, or if somebody else was quicker, so that the
 * client can decide again without another request.
 */
export async function withPresent<Value, Code extends string>(
  outcome: Decision<Value, Code>,
  read: () => Promise<Value | null>,
): Promise<Decision<Value, Code> & { readonly present: Value | null }> {
  const isConflict = !outcome.ok && outcome.errors.some(({ code }) => conflicts.includes(code));
  return { ...outcome, present: isConflict ? await read() : null };
}

/** The payload of a mutation: the thing created or changed, or null with the errors. */
export function toPayload<Name extends string, Value, Code extends string>(
  name: Name,
  outcome: Decision<Value, Code> & { readonly present?: Value | null },
): Payload<Name, Value, Code> {
  const errors = outcome.ok ? [] : [...outcome.errors];
  // A computed name has no type of its own: this object has the shape of the type.
  return { [name]: outcome.ok ? outcome.value : (outcome.present ?? null), errors } as Payload<Name, Value, Code>;
}
