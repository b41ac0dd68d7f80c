/** Waits in real time: the test kills at random moments, so the pause is part of the experiment and replaces no event. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
