import { hostname } from 'node:os';
import { type Static, Type } from '@sinclair/typebox';
import { ConfigError } from '../runtime/config.ts';
import type { KafkaOptions } from './kafkajs.ts';

/** The variables for the log: part of the environment of every process. */
export const brokerVariables = {
  KAFKA_BROKERS: Type.String({
    default: '',
    description: 'addresses of Kafka brokers, host:port, separated by commas; empty: the embedded log in Postgres',
  }),
  KAFKA_TOPIC_PREFIX: Type.String({
    default: '',
    pattern: '^[a-zA-Z0-9._-]{0,100}$',
    description: 'prefix of the names of topics and groups, for installations that share a cluster',
  }),
  KAFKA_SSL: Type.Boolean({ default: false }),
  KAFKA_SASL_MECHANISM: Type.Optional(
    Type.Union([Type.Literal('plain'), Type.Literal('scram-sha-256'), Type.Literal('scram-sha-512')], {
      description: 'plain, scram-sha-256 or scram-sha-512',
    }),
  ),
  KAFKA_SASL_USERNAME: Type.Optional(Type.String()),
  KAFKA_SASL_PASSWORD: Type.Optional(Type.String()),
};

type BrokerValues = Static<ReturnType<typeof Type.Object<typeof brokerVariables>>>;

/** The cluster to use; null = the embedded log. @throws ConfigError */
export function kafkaIn(values: BrokerValues): KafkaOptions | null {
  const brokers = values.KAFKA_BROKERS.split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  if (brokers.length === 0) {
    refuseWithoutBrokers(values);
    return null;
  }
  const wrong = brokers.filter((address) => !/^[^:/\s]+:\d+$|^\[[^\]]+\]:\d+$/.test(address));
  if (wrong.length > 0) throw new ConfigError(`wrong configuration: KAFKA_BROKERS: not host:port: ${wrong.join(', ')}`);
  const { KAFKA_TOPIC_PREFIX: prefix, KAFKA_SSL: ssl } = values;
  // A container, a pod and a machine keep their name when a process in them is started again (ADR 0015).
  return { brokers, prefix, ssl, sasl: saslIn(values), memberName: hostname() };
}

/** Ignored, these would connect to another log than the person asked for. @throws ConfigError */
function refuseWithoutBrokers(values: BrokerValues): void {
  const given = Object.entries(brokerVariables).flatMap(([name, { default: usual }]) => {
    const value: unknown = Reflect.get(values, name);
    return value === undefined || value === usual || name === 'KAFKA_BROKERS' ? [] : [name];
  });
  if (given.length > 0)
    throw new ConfigError(`${given.join(', ')}: without KAFKA_BROKERS this has no effect: set KAFKA_BROKERS too`);
}

function saslIn(values: BrokerValues): KafkaOptions['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values;
  if (mechanism === undefined && username === undefined && password === undefined) return null;
  if (mechanism === undefined || username === undefined || password === undefined) {
    const names = 'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD';
    throw new ConfigError(`wrong configuration: ${names} go together: set all three or none`);
  }
  return { mechanism, username, password };
}
