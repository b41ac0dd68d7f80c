import { serviceNames, type TopicName, topicNames } from '@crossdesk/contracts';

/** Every consumer of the product with its topics. The harness throws if one is missing here. */
export const consumers: Readonly<Record<string, readonly TopicName[]>> = {
  'analytics.inbox': ['conversation.conversation'],
  'automation.conversations': ['conversation.agent', 'conversation.conversation'],
  'automation.language': ['ingest.inbound'],
  'automation.rules': ['conversation.conversation', 'crm.customer', 'crm.link', 'ingest.commerce'],
  'conversation.cases': ['conversation.agent'],
  'conversation.customers': ['crm.customer', 'crm.link', 'ingest.commerce'],
  'conversation.decisions': ['automation.decision', 'crm.outreach'],
  'conversation.feedback': ['crm.feedback'],
  'conversation.inbox': ['ingest.delivery', 'ingest.inbound'],
  'conversation.search': ['conversation.conversation'],
  'conversation.understanding': ['automation.analysis'],
  'conversation.notify': [
    'conversation.agent',
    'conversation.case',
    'conversation.conversation',
    'conversation.work',
    'crm.customer',
    'ingest.account',
  ],
  'crm.feedback': ['conversation.case', 'crm.link', 'ingest.feedback'],
  'crm.ledger': ['automation.erasure', 'conversation.erasure', 'ingest.erasure'],
  'crm.links': ['conversation.case', 'ingest.commerce', 'ingest.inbound'],
  'crm.outreach': ['conversation.conversation', 'ingest.delivery'],
  'ingest.erasures': ['crm.erasure'],
  'ingest.replies': ['conversation.conversation'],
  'ingest.webhooks': topicNames,
};

export const services = serviceNames;
