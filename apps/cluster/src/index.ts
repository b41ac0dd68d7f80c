export { type Cluster, startCluster } from './cluster.ts';
export { readClusterConfig } from './config.ts';
export { describeProcesses, prepareInstallation } from './installation.ts';
