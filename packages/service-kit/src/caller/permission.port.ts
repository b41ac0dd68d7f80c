/** What a custom role can withhold (ADR 0104). */
export type Permission =
  | 'reply'
  | 'assign-others'
  | 'bulk'
  | 'regroup'
  | 'manage-people'
  | 'manage-work'
  | 'manage-automation'
  | 'manage-texts'
  | 'manage-stores'
  | 'manage-webhooks'
  | 'erase-customers';
