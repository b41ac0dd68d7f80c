import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Proxy } from '../system/proxy.ts';
import { platformTimeoutMs } from '../system/place.ts';
import type { Strike } from './strike.port.ts';

/** A call that asks a platform to send a message to a buyer: Shopee has a path of its own, a generic shop has one address. */
const isSend: Answer = (asked) => /^POST \/(shopee\/api\/v2\/sellerchat\/send_message|generic)\b/.test(asked);
/** A load that has no replies left sends nothing, so there is no answer to drop. */
const waitForSendMs = 3_000;

/** Trouble on the way to the platforms. The platforms themselves work, and their journal is complete. */
export const platformStrikes: Readonly<Record<string, Strike>> = {
  'platform connections cut': async ({ system }) => system.platformProxy.cut(),
  'platform unreachable': ({ system, random }) =>
    during(300 + random(2_000), (isOn) => system.platformProxy.refuse(isOn)),
  'platform slow': ({ system, random }) => slow(system.platformProxy, 100 + random(platformTimeoutMs / 2)),
  'platform slower than its time limit': ({ system, random }) =>
    slow(system.platformProxy, platformTimeoutMs + 100 + random(2 * platformTimeoutMs)),
  'platform answer lost': async ({ system, random }) => {
    for (let n = random(4); n >= 0; n -= 1)
      await Promise.race([system.platformProxy.dropNextAnswer(isSend), pause(waitForSendMs)]);
    system.platformProxy.dropNothing();
  },
  'platform half-open': ({ system, random }) =>
    during(500 + random(3 * platformTimeoutMs), (isOn) => system.platformProxy.freeze(isOn)),
};

export function healPlatforms(proxy: Proxy): void {
  proxy.refuse(false);
  proxy.delay(0);
  proxy.freeze(false);
  proxy.dropNothing();
}

async function slow(proxy: Proxy, ms: number): Promise<void> {
  await during(ms + 2_000, (isOn) => proxy.delay(isOn ? ms : 0));
}

async function during(ms: number, turn: (isOn: boolean) => void): Promise<void> {
  turn(true);
  await pause(ms);
  turn(false);
}
