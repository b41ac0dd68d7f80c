export * from './condition.ts';
export {
  type FieldSpec,
  readCondition,
  readDate,
  type Report,
  type Registry,
  type WrittenCondition,
} from './read-condition.ts';
