import { refuse } from '@crossdesk/service-kit';

export const onlyLeads = refuse('FORBIDDEN', null, 'Only supervisors and admins change this: ask one.');
