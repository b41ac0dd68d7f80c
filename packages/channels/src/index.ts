export * from './channels.ts';
export * from './port/record.ts';
export * from './port/send-problem.ts';
export { trimSlashes } from './shared/trim-slashes.ts';
