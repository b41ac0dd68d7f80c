/** What a process tells the one that started it, where there is a channel between them. */
export type Told =
  /** It has its ports: whoever answers there is this process. */
  | { readonly hasStarted: true }
  /** Why, in one line. Final: starting it again as it is would end the same way. */
  | { readonly cannotStart: string; readonly isFinal: boolean };

/** Resolves when it is on its way; without a channel at once. */
export function tellParent(told: Told): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(told, undefined, undefined, () => resolve());
  });
}

/** What a child told; null for anything else that comes through the channel. */
export function toldIn(message: unknown): Told | null {
  if (typeof message !== 'object' || message === null) return null;
  if ('hasStarted' in message && message.hasStarted === true) return { hasStarted: true };
  if ('cannotStart' in message && typeof message.cannotStart === 'string')
    return { cannotStart: message.cannotStart, isFinal: 'isFinal' in message && message.isFinal === true };
  return null;
}
