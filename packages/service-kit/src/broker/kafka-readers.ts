import { pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Logger } from '../runtime/log.ts';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  createKafkaClients,
  type KafkaOptions,
  ResourcePatternTypes,
} from './kafkajs.ts';

/** A user of the cluster who may only read. */
export interface Reader {
  readonly name: string;
  readonly password: string;
  /** Kafka's names of the topics. */
  readonly topics: readonly string[];
  /** The prefix of its consumer groups. */
  readonly groupPrefix: string;
}

export interface ReaderAdmin {
  /** @throws Error when a user with this name already has rights, or the cluster has no authorizer */
  add(reader: Reader): Promise<void>;
  /** Removes the rights, which stops its consumers at once, and the password. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** SCRAM-SHA-512 in Kafka's protocol, and the largest number of rounds that Kafka accepts. */
const mechanism = 2;
const iterations = 16_384;
const hashBytes = 64;
const unknownUser = 91;

export async function openReaderAdmin(options: KafkaOptions, log: Logger): Promise<ReaderAdmin> {
  const admin = createKafkaClients(options, log).admin();
  await admin.connect();

  async function alterUser(changes: Parameters<typeof admin.alterUserScramCredentials>[0]): Promise<void> {
    const results = await admin.alterUserScramCredentials(changes);
    const failed = results.find(({ errorCode }) => errorCode !== 0 && errorCode !== unknownUser);
    if (failed !== undefined) throw new Error(`Kafka refuses: ${failed.errorMessage ?? `error ${failed.errorCode}`}`);
  }

  return {
    async add(reader) {
      const { resources } = await admin.describeAcls(everyRightOf(reader.name));
      if (resources.length > 0) throw new Error(`${reader.name} already has rights: remove it first`);
      await admin.createAcls({ acl: rightsOf(reader) });
      const salt = randomBytes(16);
      const saltedPassword = pbkdf2Sync(reader.password, salt, iterations, hashBytes, 'sha512');
      await alterUser({ upsertions: [{ name: reader.name, mechanism, iterations, salt, saltedPassword }] });
    },
    async remove(name) {
      await admin.deleteAcls({ filters: [everyRightOf(name)] });
      await alterUser({ deletions: [{ name, mechanism }] });
    },
    close: () => admin.disconnect(),
  };
}

function everyRightOf(name: string) {
  return {
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    principal: `User:${name}`,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  };
}

function rightsOf({ name, topics, groupPrefix }: Reader) {
  const allowed = { principal: `User:${name}`, host: '*', permissionType: AclPermissionTypes.ALLOW };
  const readable = [
    ...topics.map((topic) => ({
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    })),
    {
      resourceType: AclResourceTypes.GROUP,
      resourceName: groupPrefix,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
    },
  ];
  return readable.flatMap((resource) =>
    [AclOperationTypes.READ, AclOperationTypes.DESCRIBE].map((operation) => ({ ...allowed, ...resource, operation })),
  );
}
