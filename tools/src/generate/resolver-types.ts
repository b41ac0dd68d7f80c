import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'graphql';
import { root } from '../repository.ts';
import { type Generated, type GeneratedFile, generatedMark } from './generated-file.ts';
import { readSubgraphSdl, type SubgraphName, subgraphNames } from './supergraph.ts';

/** TypeScript for each scalar, the same for input and output; _FieldSet is an argument of federation's @key. */
const scalars = { DateTime: 'Date', BigInt: 'string', JSON: 'unknown', ID: 'string', _FieldSet: 'string' };

const baseConfig = {
  federation: true,
  enumsAsTypes: true,
  useTypeImports: true,
  importExtension: '.ts',
  emitLegacyCommonJSImports: false,
  strictScalars: true,
  scalars,
  avoidOptionals: { field: true },
  // No index signatures and no Maybe-undefined in results: a resolver returns null or the value.
  maybeValue: 'T | null',
  inputMaybeValue: 'T | null | undefined',
  resolverTypeWrapperSignature: 'Promise<T> | T',
};

/**
 * The service's own types behind GraphQL types, by name: `{ "Customer": "./customer/customer.store.ts#CustomerRow" }`.
 */
async function readMappers(service: SubgraphName): Promise<Record<string, string>> {
  const path = join(root, 'services', service, 'codegen-mappers.json');
  if (!existsSync(path)) return {};
  const mappers: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (typeof mappers !== 'object' || mappers === null) throw new Error(`${path} must hold an object`);
  return Object.fromEntries(Object.entries(mappers).map(([type, target]) => [type, String(target)]));
}

async function typesOf(service: SubgraphName): Promise<GeneratedFile> {
  const contextFile = join(root, 'services', service, 'src', 'graphql-context.ts');
  const contextType = existsSync(contextFile)
    ? './graphql-context.ts#GraphqlContext'
    : '@crossdesk/service-kit#RequestContext';
  const path = `services/${service}/src/graphql.generated.ts`;
  const text = await codegen({
    filename: path,
    schema: parse(readSubgraphSdl(service)),
    documents: [],
    config: { ...baseConfig, contextType, mappers: await readMappers(service) },
    plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
    pluginMap: { typescript, typescriptResolvers },
  });
  return { path, text: `// ${generatedMark}\n${text.trim()}\n` };
}

/** The types for writing resolvers, per subgraph. */
export async function generateResolverTypes(): Promise<Generated> {
  return { files: await Promise.all(subgraphNames.map(typesOf)), refusals: [], notes: [] };
}
