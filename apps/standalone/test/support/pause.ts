/** The killer strikes at random moments: here time itself is the experiment, not a substitute for an event. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
