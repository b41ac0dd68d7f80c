import type { SendOutcome } from '../port/sending.port.ts';

export type Rejection = Extract<SendOutcome, { status: 'rejected' }>;

/** The reply cannot be sent as it is; the detail says what to change. */
export function invalid(detail: string): Rejection {
  return { status: 'rejected', failure: 'INVALID_REQUEST', detail };
}

/** The channel has no message of this kind. */
export function unsupported(detail: string): Rejection {
  return { status: 'rejected', failure: 'UNSUPPORTED', detail };
}
