import fastify from 'fastify';
import { registerControl } from './control.routes.ts';
import { buildDemo } from './demo.ts';
import { createFaults } from './faults.ts';
import type { Context, Platforms } from './platform.port.ts';
import { platforms as allPlatforms } from './platforms.generated.ts';
import { Pusher } from './pusher.ts';
import { createSeed } from './seed.ts';
import { Tokens } from './tokens.ts';
import { createTraffic } from './traffic.ts';
import { say, twinCommands } from './twin.commands.ts';
import type { Twin, TwinOptions } from './twin.port.ts';
import { World } from './world.ts';

/** The largest file that a platform accepts, and the form around it. */
const bodyBytesMax = 101 * 1_048_576;
const defaultRetriesMs = [200, 500, 1_000, 2_000];

export function createTwin(options: TwinOptions): Twin {
  return openTwin(options, allPlatforms);
}

/** A twin with the given platforms, for tests with their own platforms. */
export function openTwin(options: TwinOptions, platforms: Platforms): Twin {
  let origin = 'http://127.0.0.1:0';
  const context = createContext(options, platforms, () => options.publicUrl ?? origin);
  const traffic = createTraffic(context, (shop, buyer, content) => {
    say(context, 'inbound', { shop, buyer: buyer.key, content });
  });
  const app = fastify({ bodyLimit: bodyBytesMax, forceCloseConnections: true, routerOptions: { maxParamLength: 256 } });
  const twin: Twin = {
    ...twinCommands(context),
    traffic,
    async listen(port, host = '127.0.0.1') {
      origin = await app.listen({ port, host });
      return origin;
    },
    async close() {
      await traffic.stop();
      await context.pusher.close();
      await app.close();
    },
  };
  // Signatures cover the bytes, so no body may be parsed before its signature is checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const platform of Object.values(platforms)) platform.register(app, context);
  registerControl(app, twin);
  return twin;
}

function createContext(options: TwinOptions, platforms: Platforms, origin: () => string): Context {
  const seed = createSeed(options.seed);
  const clock = options.clock ?? (() => new Date());
  const faults = createFaults(seed);
  const world = new World(seed, clock, platforms);
  buildDemo(platforms, world, seed, clock);
  return {
    platforms,
    seed,
    clock,
    world,
    faults,
    pusher: new Pusher(clock, faults, options.pushRetriesMs ?? defaultRetriesMs),
    tokens: new Tokens(seed, clock),
    echoes: new Map(),
    receipts: new Map(),
    origin,
  };
}
