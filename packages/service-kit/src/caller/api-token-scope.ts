import { serviceNames } from '@crossdesk/contracts';

/** What a program may do: read from a service, or change something through it. Changing includes reading. */
export type ApiTokenScope = `${(typeof serviceNames)[number]}-${'read' | 'write'}`;

export const apiTokenScopes: readonly ApiTokenScope[] = serviceNames.flatMap(
  (service) => [`${service}-read`, `${service}-write`] as const,
);

/** Whether the scopes of a token allow an operation of a service. */
export function isInScope(
  scopes: readonly ApiTokenScope[],
  service: string,
  operation: 'query' | 'mutation' | 'subscription',
): boolean {
  const needed = operation === 'mutation' ? ['write'] : ['read', 'write'];
  return scopes.some((scope) => needed.some((access) => scope === `${service}-${access}`));
}
