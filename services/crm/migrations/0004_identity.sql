-- What people decided about who is who (ADR 0097), and what they are asked.

create table identity_decision (
  tenant_id  uuid not null,
  id         uuid not null,
  -- Two profiles, the smaller id first. join: they are one buyer. apart: they are not. cut: what both claim is no proof.
  profile_a  uuid not null,
  profile_b  uuid not null,
  verdict    text not null check (verdict in ('join', 'apart', 'cut')),
  -- Empty after an erasure.
  reason     text not null,
  decided_by uuid not null,
  decided_at timestamptz not null,
  revoked_by uuid,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  check (profile_a < profile_b)
);
create index identity_decision_a on identity_decision (profile_a, tenant_id) where revoked_at is null;
create index identity_decision_b on identity_decision (profile_b, tenant_id) where revoked_at is null;
select protect_tenant_table('identity_decision');
select scope_table('identity_decision', unlimited());

-- Numbers and addresses that prove nothing, whoever claims them.
create table blocked_key (
  tenant_id  uuid not null,
  kind       text not null check (kind in ('phone', 'email')),
  value      text not null,
  reason     text not null,
  blocked_by uuid not null,
  blocked_at timestamptz not null,
  primary key (tenant_id, kind, value)
);
select protect_tenant_table('blocked_key');
select scope_table('blocked_key', unlimited());

-- Customers who may be one buyer, by the two profiles that speak most for it.
create table merge_proposal (
  tenant_id  uuid not null,
  id         uuid not null,
  profile_a  uuid not null,
  profile_b  uuid not null,
  -- Log2 of the odds that they are one.
  score      integer not null,
  reasons    text[] not null,
  state      text not null check (state in ('open', 'accepted', 'declined', 'gone')),
  found_at   timestamptz not null,
  decided_by uuid,
  decided_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, profile_a, profile_b)
);
create index merge_proposal_open on merge_proposal (tenant_id, id desc) where state = 'open';
create index merge_proposal_b on merge_proposal (profile_b, tenant_id);
select protect_tenant_table('merge_proposal');
select scope_table('merge_proposal', unlimited());
