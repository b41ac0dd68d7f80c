/** The same image as in installations in containers. */
export const postgresImage = 'postgres:18.4-bookworm';

/** The library starts only Confluent's images. Their major version is four ahead of Kafka's: 8.1 is Kafka 4.1. */
export const kafkaImage = 'confluentinc/cp-kafka:8.1.0';
