'use strict';

// Jest does not use Node's module loader, so types are stripped here with Node's own function. They become blanks, so
// stack traces show the real columns without source maps.
const { createHash } = require('node:crypto');
const { stripTypeScriptTypes } = require('node:module');

module.exports = {
  process: (source, fileName) => ({ code: stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: fileName }) }),
  getCacheKey: (source, fileName, options) =>
    createHash('sha256')
      .update(`${process.version}\n${fileName}\n${String(options.instrument)}\n${source}`)
      .digest('hex'),
};
