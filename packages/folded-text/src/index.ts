export * from './folded-name.ts';
export * from './folded-text.ts';
