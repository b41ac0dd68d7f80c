/** The SQLSTATE of an error from Postgres; null for anything else. */
function sqlState(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
  return typeof code === 'string' ? code : null;
}

/** Deadlock, serialisation failure or lock time-out: the same transaction may succeed when repeated at once. */
export function isTransient(error: unknown): boolean {
  return ['40001', '40P01', '55P03'].includes(sqlState(error) ?? '');
}

/**
 * True when the database itself is in trouble (gone, restarting, full, read-only): work is kept and tried again, and
 * never parked as if the message were the cause.
 */
export function isDatabaseTrouble(error: unknown): boolean {
  if (isTransient(error)) return true;
  const state = sqlState(error);
  if (state === null) {
    const message = error instanceof Error ? error.message : '';
    return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      message,
    );
  }
  const networkCodes = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'];
  return networkCodes.includes(state) || /^(08|53|57|58|25006)/.test(state);
}

/** A statement ran out of time: the database may be slow, or the work may always be too much. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlState(error) === '57014';
}

/** True when another session was changing the same roles at the same moment. */
export function isRoleClash(error: unknown): boolean {
  const state = sqlState(error);
  if (state === 'XX000') return error instanceof Error && error.message.startsWith('tuple concurrently');
  return state === '23505' || state === '42710';
}
