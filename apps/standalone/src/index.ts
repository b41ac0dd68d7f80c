export { openOwnFoundation } from './foundation.ts';
export {
  addressesOf,
  clusterVariables,
  isEmpty,
  machineSettingsIn,
  machineVariables,
  readStandaloneConfig,
  type StandaloneConfig,
} from './config.ts';
export { type Standalone, startStandalone } from './standalone.ts';
export { say, sayUnknown } from './words.ts';
