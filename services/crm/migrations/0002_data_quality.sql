-- Conversations that no order is linked to (ADR 0096), the latest first.
create index conversation_link_without_order on conversation_link (tenant_id, conversation_id desc) where order_id is null;
