import type { GatewayConfig } from '@apollo/gateway';
import { LRUCache } from 'lru-cache';
import type { GatewayMetrics } from '../metrics.ts';

type PlanCache = NonNullable<NonNullable<GatewayConfig['queryPlannerConfig']>['cache']>;
type Plan = NonNullable<Awaited<ReturnType<PlanCache['get']>>>;

/** The memory for plans. */
const plansBytesMax = 32 * 1024 * 1024;
/** Measured: a plan takes 6 to 9 times the length of its JSON. */
const bytesPerCharacter = 9;

/** Keeps the most recently used plans: planning a new document takes milliseconds. */
export function createPlanCache(metrics: Pick<GatewayMetrics, 'plans'>): PlanCache {
  const plans = new LRUCache<string, Plan>({
    maxSize: plansBytesMax,
    sizeCalculation: (plan) => bytesPerCharacter * JSON.stringify(plan).length,
  });
  return {
    async get(key) {
      const plan = plans.get(key);
      metrics.plans.inc({ outcome: plan === undefined ? 'planned' : 'known' });
      return plan;
    },
    set: async (key, plan) => void plans.set(key, plan),
    delete: async (key) => plans.delete(key),
    clear: () => plans.clear(),
  };
}
