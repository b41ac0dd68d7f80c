export * from './condition.ts';
export { nameOf, opNames, plainOpNames, shownCondition, writtenCondition } from './condition-form.ts';
export {
  type FieldSpec,
  readCondition,
  readDate,
  type Report,
  type Registry,
  type WrittenCondition,
} from './read-condition.ts';
