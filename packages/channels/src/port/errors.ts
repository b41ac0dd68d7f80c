/** Thrown by `parse` for a signed body that it cannot read. The delivery is stored, parked and shown, never lost. */
export class UnparsableDelivery extends Error {
  override name = 'UnparsableDelivery';
  constructor(message: string, options?: ErrorOptions) {
    // A delivery may have thousands of elements that cannot be read. Nobody sees the stacks, which take most of the time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Thrown by a call that got no answer. `mayHaveExecuted` is false only if the request was certainly not sent. */
export class PlatformCallError extends Error {
  override name = 'PlatformCallError';
  readonly mayHaveExecuted: boolean;
  constructor(message: string, mayHaveExecuted: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayHaveExecuted = mayHaveExecuted;
  }
}

/** Thrown by reads, token refreshes and authorisations when the platform answers with an error. */
export class PlatformRefusal extends Error {
  override name = 'PlatformRefusal';
  /** `permanent`: another try does not help, a person has to act. */
  readonly kind: 'unauthorised' | 'rate-limited' | 'unavailable' | 'permanent';
  /** How long the platform asks to wait; null if it does not say. */
  readonly retryAfterMs: number | null;
  constructor(kind: PlatformRefusal['kind'], detail: string, retryAfterMs: number | null = null) {
    super(detail);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}
