import type { Finding } from '@crossdesk/outgoing-lint';
import { refuse, type Refused, refuseText } from '@crossdesk/service-kit/decision';

const reasonCharactersMax = 500;

/** Whoever sends: a person, a program, a rule or the system. */
interface Sender {
  readonly kind: string;
  readonly role?: 'agent' | 'supervisor' | 'admin';
}

/** Refuses a text that must not be sent, unless somebody who may has given a reason. Null: it may be sent. */
export function refuseStopped(
  stops: readonly Finding[],
  { role }: Sender,
  reason: string | null,
): Refused<'LINT_STOPPED' | 'FORBIDDEN' | 'INVALID_INPUT'> | null {
  if (stops.length === 0) return null;
  if (reason === null) return stoppedBy(stops);
  if (role !== 'supervisor' && role !== 'admin')
    return refuse('FORBIDDEN', 'overrideLint', 'Only supervisors and admins may send it all the same: ask one.');
  return refuseText('overrideLint', reason, reasonCharactersMax);
}

function stoppedBy(stops: readonly Finding[]): Refused<'LINT_STOPPED'> {
  return {
    ok: false,
    errors: stops.map(({ message, clause }) => ({
      code: 'LINT_STOPPED',
      message: `${message.en} (“${clause}”)`,
      path: ['input', 'text'],
    })),
  };
}

/** What colleagues read about a text that was sent all the same. */
export function noteOf(stops: readonly Finding[], reason: string): string {
  const rules = [...new Set(stops.map(({ rule }) => rule))].join(', ');
  return `Sent although the check stopped it (${rules}): ${reason}`;
}
