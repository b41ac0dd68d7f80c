// Whether the process in this container can do its work.
const port = process.env.HEALTH_PORT ?? 4003;
const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) });
process.exit(ok ? 0 : 1);
