'use strict';

const { enableCompileCache } = require('node:module');

// Preloaded by every script of the root package.json: an older Node cannot open a .ts entry point, so the entry point
// cannot report this itself.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(
    `Node ${process.versions.node} is too old: 24.12 or newer is needed. On Linux start through \`npx --yes pnpm@12.21.0 <script>\`, which brings its own Node; elsewhere install Node 24.`,
  );
  process.exit(1);
}

// Keeps compiled code and stripped types on disk: every later start has a third less work.
enableCompileCache();
