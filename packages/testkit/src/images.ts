/** What installations in containers run, too. */
export const postgresImage = 'postgres:18.4-bookworm';

/** The library starts the images of Confluent only. Their major version is four ahead of Kafka's: 8.1 is Kafka 4.1. */
export const kafkaImage = 'confluentinc/cp-kafka:8.1.0';
