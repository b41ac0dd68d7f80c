// Whether the process in this container can do its work. The name of its port variable depends on the service.
const { HTTP_PORT, INGEST_PORT, GATEWAY_PORT } = process.env;
const port = HTTP_PORT ?? INGEST_PORT ?? GATEWAY_PORT;
const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) });
process.exit(ok ? 0 : 1);
