/** A pause of a polling loop that can be cut short. A wake-up that comes while nobody sleeps is not lost. */
export interface WakeUp {
  sleep(ms: number): Promise<void>;
  wake(): void;
}

export function createWakeUp(): WakeUp {
  let isAwake = false;
  let end: (() => void) | null = null;
  return {
    wake: () => {
      isAwake = true;
      end?.();
    },
    sleep: async (ms) => {
      if (!isAwake) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isAwake = false;
      end = null;
    },
  };
}
