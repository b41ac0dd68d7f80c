import type { AgentId, ChannelAccountId, RoleId } from '@crossdesk/contracts';
import {
  fromEnum,
  inputId,
  permissionRules,
  permissions,
  signedIn,
  signedInAs,
  toEnum,
  toPayload,
  withPresent,
} from '@crossdesk/service-kit';
import { agentsByIds } from '../agent/agent.store.ts';
import type * as graphql from '../graphql.generated.ts';
import type { GraphqlContext } from '../graphql-context.ts';
import { refuseStoreIds } from '../store-ids.ts';
import { assignRole, deleteRole, saveRole } from './role.commands.ts';
import { reaches } from './role.domain.ts';
import { rolesByIds, rolesOf } from './role.store.ts';

export const accessResolvers: graphql.Resolvers<GraphqlContext> = {
  Query: {
    permissions: () =>
      permissionRules.map(({ permission, mutations }) => ({
        permission: toEnum(permission),
        mutations: [...mutations],
      })),
    roles: (_, _args, { app: { runtime }, request }) => {
      const { tenantId } = signedInAs(request, 'admin');
      return runtime.db.forTenant(tenantId, (trx) => rolesOf(trx, tenantId));
    },
  },
  Mutation: {
    saveRole: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const roleId = typeof input.roleId === 'string' ? inputId<RoleId>(input.roleId) : null;
      const wanted = {
        ...input,
        roleId,
        expectedVersion: input.expectedVersion ?? null,
        storeIds: input.storeIds?.map((id) => inputId<ChannelAccountId>(id)) ?? null,
        reach: fromEnum(reaches, input.reach),
        withheld: (input.withheld ?? []).map((name) => fromEnum(permissions, name)),
      };
      const outcome =
        refuseStoreIds('storeIds', input.storeIds) ??
        (await runtime.commands.asked(request, 'saveRole', (call) => saveRole(runtime, call, wanted)));
      const shown = await withPresent(outcome, async () => {
        if (roleId === null) return null;
        return (await runtime.db.forTenant(tenantId, (trx) => rolesByIds(trx, tenantId, [roleId]))).get(roleId) ?? null;
      });
      return { ...toPayload('role', shown), clientMutationId: input.clientMutationId };
    },
    deleteRole: async (_, { input }, { app: { runtime }, request }) => {
      const id = inputId<RoleId>(input.roleId);
      const outcome = await runtime.commands.asked(request, 'deleteRole', (call) => deleteRole(runtime, call, id));
      return { ...toPayload('role', outcome), clientMutationId: null };
    },
    assignRole: async (_, { input }, { app: { runtime }, request }) => {
      const { tenantId } = signedIn(request);
      const wanted = {
        agentId: inputId<AgentId>(input.agentId),
        roleId: typeof input.roleId === 'string' ? inputId<RoleId>(input.roleId) : null,
        expectedVersion: input.expectedVersion,
      };
      const outcome = await runtime.commands.asked(request, 'assignRole', (call) => assignRole(runtime, call, wanted));
      const { agentId } = wanted;
      const read = () => runtime.db.forTenant(tenantId, (trx) => agentsByIds(trx, tenantId, [agentId]));
      return toPayload('agent', await withPresent(outcome, async () => (await read()).get(agentId) ?? null));
    },
  },
  Agent: {
    customRole: ({ id, customRoleId }, _, { loaders, request }) => {
      const caller = signedIn(request);
      const maySee = caller.agentId === id || caller.role === 'admin';
      return customRoleId === null || !maySee ? null : loaders.load(rolesByIds, customRoleId);
    },
  },
  CustomRole: {
    storeIds: ({ storeIds }) => (storeIds === null ? null : [...storeIds]),
    reach: ({ reach }) => toEnum(reach),
    withheld: ({ withheld }) => withheld.map((permission) => toEnum(permission)),
  },
};
