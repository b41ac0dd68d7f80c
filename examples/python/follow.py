"""Prints one line for each event of a topic; README.md says how to run it."""

import json
import os
import signal
import sys
from pathlib import Path

from confluent_kafka import Consumer, KafkaException
from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

env = os.environ
topic = env.get("TOPIC", "conversation.conversation")
schemas = Path(env.get("SCHEMAS", Path(__file__).parent / "../../packages/contracts/schemas"))
REMEMBERED_MAX = 100_000

contents = {file.stem: json.loads(file.read_text("utf-8")) for file in schemas.glob("*.json")}
# The schemas of events refer to the schema of the envelope.
registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in contents.values())
validators = {
    name: Draft7Validator(schema, registry=registry, format_checker=FormatChecker())
    for name, schema in contents.items()
}
counts = {"events": 0, "repeats": 0, "unknown": 0, "bad": 0}
seen: dict[str, None] = {}


def is_repeat(event_id):
    """Delivery is at least once. Real code stores the id in the transaction of its effect: memory is lost at a restart."""
    if event_id in seen:
        return True
    seen[event_id] = None
    if len(seen) > REMEMBERED_MAX:
        del seen[next(iter(seen))]
    return False


def skip(place, why):
    """An unreadable record must not block later records. Its content is not logged, because it may be personal."""
    counts["bad"] += 1
    print(f"bad {place} {why}", file=sys.stderr, flush=True)


def handle(place, key, value):
    try:
        event = json.loads(value or b"")
    except ValueError:
        return skip(place, "is not JSON")
    if not isinstance(event, dict) or "type" not in event or "version" not in event:
        return skip(place, "is not an event")
    name = f"{event['type']}.v{event['version']}"
    if name not in validators:
        # A type or version that is newer than this program: additions must not break it.
        counts["unknown"] += 1
        return None
    error = best_match(validators[name].iter_errors(event))
    if error is not None:
        return skip(place, f"breaks its schema: {error.validator} at {error.json_path}")
    if is_repeat(event["id"]):
        counts["repeats"] += 1
        print(f"repeat {place} {event['id']}", flush=True)
        return None
    counts["events"] += 1
    print(f"event {place} {key.decode()} {name} {event['id']}", flush=True)


settings = {
    "bootstrap.servers": env.get("KAFKA_BROKERS", "127.0.0.1:9094"),
    "group.id": env.get("GROUP", "example"),
    # The first start reads all kept records; later starts continue after the last commit of the group.
    "auto.offset.reset": "earliest",
    "enable.auto.commit": False,
    "session.timeout.ms": 6_000,
}
has_tls = env.get("KAFKA_SSL") == "true"
if "KAFKA_SASL_USERNAME" in env:
    settings |= {
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": env["KAFKA_SASL_USERNAME"],
        "sasl.password": env["KAFKA_SASL_PASSWORD"],
    }
    settings["security.protocol"] = "SASL_SSL" if has_tls else "SASL_PLAINTEXT"
else:
    settings["security.protocol"] = "SSL" if has_tls else "PLAINTEXT"

is_stopping = False


def stop(*_):
    global is_stopping
    is_stopping = True


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)

consumer = Consumer(settings)
consumer.subscribe([topic])
try:
    while not is_stopping:
        records = consumer.consume(num_messages=100, timeout=0.5)
        for record in records:
            # An error from which the client cannot recover ends the program; a supervisor restarts it.
            if record.error():
                raise KafkaException(record.error())
            handle(f"{record.partition()}/{record.offset()}", record.key(), record.value())
        if records:
            # Commits after the work, so that a crash repeats records and loses none.
            consumer.commit(asynchronous=False)
finally:
    consumer.close()
print(f"stopped {json.dumps(counts)}", flush=True)
