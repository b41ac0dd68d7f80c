export { openFoundation } from './foundation.ts';
export { readStandaloneConfig, type StandaloneConfig } from './config.ts';
export { type Standalone, startStandalone } from './standalone.ts';
