/** Waits for a condition that other work on this event loop brings about. */
export async function until(isMet: () => boolean, withinMs = 5_000): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!isMet()) {
    if (performance.now() > endsAt) throw new Error(`not within ${withinMs} ms: ${isMet.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
