'use strict';

const { enableCompileCache } = require('node:module');

// Preloaded by every script of the root package.json: an older Node cannot even open a .ts entry point, so the entry
// point cannot say it itself.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `Node ${process.versions.node} is too old: 24.12 or newer is needed. On Linux start through \`npx --yes pnpm@12.21.0 <script>\`, which brings its own; elsewhere install Node 24.`,
  );
  process.exit(1);
}

// What was compiled and stripped of its types once is kept: a third less to do at every later start.
enableCompileCache();
