import { topicNames } from '@crossdesk/contracts';
import type { Broker } from '@crossdesk/service-kit';

/** All current records of every topic as text. Closes the log. */
export async function readWholeLog(broker: Broker): Promise<string[]> {
  const bounds = await Promise.all(topicNames.map((topic) => broker.bounds(topic)));
  const expected = bounds
    .flatMap((partitions) => [...partitions.values()])
    .reduce((sum, { next }) => sum + Number(next), 0);
  const texts: string[] = [];
  const done = Promise.withResolvers<void>();
  const running = await broker.tail({ topics: topicNames, from: {}, batchSizeMax: 1_000 }, async ({ records }) => {
    texts.push(
      ...records.map(
        ({ key, value, headers }) => `${key} ${JSON.stringify(headers)} ${Buffer.from(value).toString('utf8')}`,
      ),
    );
    if (texts.length >= expected) done.resolve();
  });
  if (expected > 0) await done.promise;
  await running.stop();
  await broker.close();
  return texts;
}
