import type { GatewayConfig } from '@apollo/gateway';
import type { GatewayMetrics } from '../metrics.ts';

type PlanCache = NonNullable<NonNullable<GatewayConfig['queryPlannerConfig']>['cache']>;
type Plan = NonNullable<Awaited<ReturnType<PlanCache['get']>>>;

const plansMax = 1_000;

/** Keeps the plans used last: planning a new document takes about 2 ms. */
export function createPlanCache(metrics: GatewayMetrics): PlanCache {
  const plans = new Map<string, Plan>();
  return {
    async get(key) {
      const plan = plans.get(key);
      metrics.plans.inc({ outcome: plan === undefined ? 'planned' : 'known' });
      if (plan === undefined) return undefined;
      plans.delete(key);
      plans.set(key, plan);
      return plan;
    },
    async set(key, plan) {
      plans.set(key, plan);
      const oldest = plans.size > plansMax ? plans.keys().next().value : undefined;
      if (oldest !== undefined) plans.delete(oldest);
    },
    async delete(key) {
      return plans.delete(key);
    },
    clear: () => plans.clear(),
  };
}
