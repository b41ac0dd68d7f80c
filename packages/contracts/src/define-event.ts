import type { Static, TObject } from '@sinclair/typebox';
import type { TopicName } from './topics.ts';

export interface EventDefinition<Type extends string = string, Data extends TObject = TObject> {
  readonly type: Type;
  readonly version: number;
  readonly topic: TopicName;
  readonly description: string;
  readonly data: Data;
  /** The data without the personal data of a buyer; null = the data has none. */
  readonly personal: { erase(data: Static<Data>): Static<Data> } | null;
}

/** Declares one event type: its name, its topic and the JSON Schema of its data. */
export function defineEvent<Type extends string, Data extends TObject>(definition: EventDefinition<Type, Data>) {
  return definition;
}
