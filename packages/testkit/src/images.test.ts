import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaImage, postgresImage } from './images.ts';

const repository = join(import.meta.dirname, '../../..');

test('tests in containers run the Postgres of docker-compose.yml, and the Kafka of infra/kafka', () => {
  expect(readFileSync(join(repository, 'docker-compose.yml'), 'utf8')).toContain(`image: ${postgresImage}\n`);
  const pom = readFileSync(join(repository, 'infra/kafka/pom.xml'), 'utf8');
  const [, major, minor] = /<kafka\.version>(\d+)\.(\d+)\./.exec(pom) ?? [];
  expect(kafkaImage.split(':')[1]?.split('.').slice(0, 2)).toEqual([String(Number(major) + 4), minor]);
});
