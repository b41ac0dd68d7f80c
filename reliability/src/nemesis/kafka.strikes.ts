import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaServer } from '../system/kafka-server.ts';
import type { System } from '../system/system.ts';
import type { Strike } from './strike.port.ts';

/** The session time-out of a member: after it its partitions go to another one. */
export const sessionMs = 6_000;
/** A relay that has nothing to publish asks for nothing, so there is no answer to drop. */
const loseAnswerWithinMs = 3_000;

/** Trouble with the broker and the way to it. */
export const kafkaStrikes: Readonly<Record<string, Strike>> = {
  'broker stops and restarts': async ({ system, random }) => {
    const { broker } = kafkaOf(system);
    await broker.end('SIGTERM');
    await pause(random(3_000));
    await broker.start();
  },
  'broker killed': async ({ system, random }) => {
    const { broker } = kafkaOf(system);
    await broker.end('SIGKILL');
    await pause(random(3_000));
    await broker.start();
  },
  'broker frozen': async ({ system, random }) => {
    const { broker } = kafkaOf(system);
    broker.freeze();
    await pause(500 + random(sessionMs - 2_000));
    broker.thaw();
  },
  'broker frozen beyond sessions': async ({ system, random }) => {
    const { broker } = kafkaOf(system);
    broker.freeze();
    await pause(sessionMs + 1_000 + random(6_000));
    broker.thaw();
  },
  'Kafka connections cut': async ({ system }) => kafkaOf(system).proxy.cut(),
  'Kafka unreachable': async ({ system, random }) => {
    const { proxy } = kafkaOf(system);
    proxy.refuse(true);
    await pause(300 + random(2 * sessionMs));
    proxy.refuse(false);
  },
  'Kafka slow': async ({ system, random }) => {
    const { proxy } = kafkaOf(system);
    proxy.delay(20 + random(200));
    await pause(1_000 + random(3_000));
    proxy.delay(0);
  },
  // The records are on the log, and the publisher does not know.
  'produce answer lost': async ({ system, random }) => {
    const { proxy } = kafkaOf(system);
    for (let n = random(5); n >= 0; n -= 1)
      await Promise.race([proxy.dropNextAnswer(isProduced), pause(loseAnswerWithinMs)]);
    proxy.dropNothing();
  },
};

/** Undoes what a strike may have left. */
export function healKafka({ proxy, broker }: KafkaServer): void {
  proxy.refuse(false);
  proxy.delay(0);
  proxy.dropNothing();
  broker.thaw();
}

function kafkaOf({ kafka }: System): KafkaServer {
  if (kafka === null) throw new Error('this system has no Kafka to strike at');
  return kafka;
}

const clientId = 'crossdesk';

/** Whether the answer to a produce request is lost. Kafka's requests begin with size (4 bytes), kind (2; 0 is produce), version (2), number (4) and the client's name (2 + n). */
export function isProduced(asked: string): boolean {
  const request = Buffer.from(asked.slice(0, 14 + clientId.length), 'latin1');
  return (
    request.length === 14 + clientId.length &&
    request.readInt16BE(4) === 0 &&
    request.toString('latin1', 14) === clientId
  );
}
