import { azure } from './azure.ts';
import { deepl } from './deepl.ts';
import type { Engine, EngineKind } from './engine.port.ts';
import { createGoogleV3, googleV2 } from './google.ts';
import { libretranslate } from './libretranslate.ts';
import { openai } from './openai.ts';

export const engines: Readonly<Record<EngineKind, Engine>> = {
  deepl,
  'google-v2': googleV2,
  'google-v3': createGoogleV3(),
  azure,
  libretranslate,
  'openai-compatible': openai,
};
