import { monitorEventLoopDelay } from 'node:perf_hooks';
import { defaultLimits } from '../src/limits.ts';
import { startGateway } from './gateway.ts';

/** A gateway in a process of its own; tells the longest stall of its event loop when it is asked. */
const gateway = await startGateway({
  // As many attackers together have: each of them alone is soon refused unread.
  limits: {
    ...defaultLimits,
    refusedWorkPerMinuteMax: 1e9,
    costPerMinuteMax: 1e9,
    anonymousCostPerMinuteMax: 1e9,
  },
});
const token = await gateway.tokenFor(gateway.agent);
const stalls = monitorEventLoopDelay({ resolution: 10 });
stalls.enable();
process.on('message', () => process.send?.({ stallMs: stalls.max / 1e6, heapBytes: process.memoryUsage().rss }));
process.send?.({ url: gateway.url, token });
