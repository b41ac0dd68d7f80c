/** Who asks for work: a crowd in one workspace or from one address must not make others wait. */
export interface Asker {
  /** The workspace; lanes take turns. */
  readonly lane: string;
  /** The network of the client. */
  readonly network: string;
}

export interface HashingQueue {
  /** The result of the work; null if too much is waiting, or if its turn did not come in time. */
  run<Result>(asker: Asker, work: () => Promise<Result>): Promise<Result | null>;
}

export interface QueueLimits {
  readonly runningMax: number;
  readonly waitingMax: number;
  readonly waitingPerLaneMax: number;
  readonly waitingPerNetworkMax: number;
  readonly waitingMsMax: number;
}

interface Waiting extends Asker {
  /** Starts the work, or gives up. */
  go(isTurn: boolean): void;
}

/** A bounded queue for work that takes much processor time and memory. */
export function createHashingQueue(limits: QueueLimits): HashingQueue {
  // Lanes in the order of their turns: a lane that had its turn goes to the end.
  const lanes = new Map<string, Waiting[]>();
  const all = new Set<Waiting>();
  let running = 0;

  function hasRoom({ lane, network }: Asker): boolean {
    const ofNetwork = [...all].filter((other) => other.network === network).length;
    const ofLane = lanes.get(lane)?.length ?? 0;
    return all.size < limits.waitingMax && ofLane < limits.waitingPerLaneMax && ofNetwork < limits.waitingPerNetworkMax;
  }

  function leave(waiting: Waiting): void {
    const others = (lanes.get(waiting.lane) ?? []).filter((other) => other !== waiting);
    all.delete(waiting);
    lanes.delete(waiting.lane);
    if (others.length > 0) lanes.set(waiting.lane, others);
  }

  function startNext(): void {
    const [next] = lanes.values().next().value ?? [];
    if (next === undefined || running >= limits.runningMax) return;
    leave(next);
    next.go(true);
  }

  function turnOf(asker: Asker): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiting.go(false), limits.waitingMsMax);
      const waiting: Waiting = {
        ...asker,
        go: (isTurn) => {
          clearTimeout(timer);
          if (isTurn) running += 1;
          else leave(waiting);
          resolve(isTurn);
        },
      };
      all.add(waiting);
      lanes.set(asker.lane, [...(lanes.get(asker.lane) ?? []), waiting]);
      startNext();
    });
  }

  return {
    async run(asker, work) {
      if (!hasRoom(asker) || !(await turnOf(asker))) return null;
      try {
        return await work();
      } finally {
        running -= 1;
        startNext();
      }
    },
  };
}
