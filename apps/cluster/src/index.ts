export { type Cluster, startCluster } from './cluster.ts';
export { readClusterConfig } from './config.ts';
export { answers } from './kept-process.ts';
export { describeProcesses, prepareInstallation, readyUrlAt } from './installation.ts';
