interface Client {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface KeptOpen<Open> {
  use<Result>(work: (client: Open) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** A client that connects at its first use and is replaced after a failed use. */
export function keepOpen<Open extends Client>(make: () => Open): KeptOpen<Open> {
  let opened: { readonly client: Open; readonly connected: Promise<void> } | null = null;

  function open() {
    const client = make();
    return { client, connected: client.connect() };
  }

  return {
    async use<Result>(work: (client: Open) => Promise<Result>): Promise<Result> {
      const current = (opened ??= open());
      try {
        await current.connected;
        return await work(current.client);
      } catch (error) {
        if (opened === current) opened = null;
        current.client.disconnect().catch(() => undefined);
        throw error;
      }
    },
    async close(): Promise<void> {
      await opened?.client.disconnect();
      opened = null;
    },
  };
}
