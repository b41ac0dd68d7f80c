/** The messages of a process to its parent, if there is a channel between them. */
export type Told =
  /** It has its ports: the answers there come from this process. */
  | { readonly hasStarted: true }
  /** The reason in one line. It is final: starting it again unchanged would end the same way. */
  | { readonly cannotStart: string; readonly isFinal: boolean };

/** Resolves when the message is sent; without a channel at once. */
export function tellParent(told: Told): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(told, undefined, undefined, () => resolve());
  });
}

/** The message of a child; null for anything else that comes through the channel. */
export function toldIn(message: unknown): Told | null {
  if (typeof message !== 'object' || message === null) return null;
  if ('hasStarted' in message && message.hasStarted === true) return { hasStarted: true };
  if ('cannotStart' in message && typeof message.cannotStart === 'string')
    return { cannotStart: message.cannotStart, isFinal: 'isFinal' in message && message.isFinal === true };
  return null;
}
