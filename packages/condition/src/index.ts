export * from './condition.ts';
export { type FieldSpec, readCondition, type Report, type Registry, type WrittenCondition } from './read-condition.ts';
