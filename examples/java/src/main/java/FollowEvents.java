import static java.nio.charset.StandardCharsets.UTF_8;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Prints one line for each event of a topic; README.md says how to run it. */
public final class FollowEvents {
  private static final int REMEMBERED_MAX = 100_000;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Map<String, Schema> schemas = new HashMap<>();
  private final Set<String> seen = new LinkedHashSet<>();
  private int events;
  private int repeats;
  private int unknown;
  private int bad;
  private volatile boolean isStopping;

  public static void main(String[] args) throws IOException {
    var folder = Path.of(env("SCHEMAS", "../../packages/contracts/schemas"));
    new FollowEvents(folder).run(env("TOPIC", "conversation.conversation"));
  }

  private FollowEvents(Path folder) throws IOException {
    var texts = new HashMap<String, String>();
    try (var files = Files.newDirectoryStream(folder, "*.json")) {
      for (var file : files) texts.put(file.getFileName().toString().replaceFirst("\\.json$", ""), Files.readString(file));
    }
    // The schemas of events refer to the schema of the envelope.
    var envelope = Map.of("urn:crossdesk:event:envelope", texts.get("envelope"));
    var registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7, builder -> builder.schemas(envelope));
    texts.forEach((name, text) -> schemas.put(name, registry.getSchema(text, InputFormat.JSON)));
  }

  private void run(String topic) {
    var main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(main)));
    try (var consumer = new KafkaConsumer<>(settings(), new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(Set.of(topic));
      // An error from which the client cannot recover ends the program; a supervisor restarts it.
      while (!isStopping) {
        var records = consumer.poll(Duration.ofMillis(500));
        records.forEach(this::handle);
        // Commits after the work, so that a crash repeats records and loses none.
        if (!records.isEmpty()) consumer.commitSync();
      }
    }
    System.out.printf(
        "stopped {\"events\":%d,\"repeats\":%d,\"unknown\":%d,\"bad\":%d}%n", events, repeats, unknown, bad);
  }

  private void stop(Thread main) {
    isStopping = true;
    try {
      main.join(10_000);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void handle(ConsumerRecord<String, String> record) {
    var place = record.partition() + "/" + record.offset();
    JsonNode event;
    try {
      event = JSON.readTree(record.value() == null ? "" : record.value());
    } catch (JacksonException broken) {
      skip(place, "is not JSON");
      return;
    }
    if (!event.has("type") || !event.has("version")) {
      skip(place, "is not an event");
      return;
    }
    var name = event.get("type").asString() + ".v" + event.get("version").asString();
    var schema = schemas.get(name);
    if (schema == null) {
      // A type or version that is newer than this program: additions must not break it.
      unknown += 1;
      return;
    }
    var errors = schema.validate(event, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    if (!errors.isEmpty()) {
      skip(place, "breaks its schema: " + errors.get(0).getKeyword() + " at " + errors.get(0).getInstanceLocation());
      return;
    }
    var id = event.get("id").asString();
    if (isRepeat(id)) {
      repeats += 1;
      System.out.printf("repeat %s %s%n", place, id);
      return;
    }
    events += 1;
    System.out.printf("event %s %s %s %s%n", place, record.key(), name, id);
  }

  /** Delivery is at least once. Real code stores the id in the transaction of its effect: memory is lost at a restart. */
  private boolean isRepeat(String id) {
    if (!seen.add(id)) return true;
    if (seen.size() > REMEMBERED_MAX) seen.remove(seen.iterator().next());
    return false;
  }

  /** An unreadable record must not block later records. Its content is not logged, because it may be personal. */
  private void skip(String place, String why) {
    bad += 1;
    System.err.printf("bad %s %s%n", place, why);
  }

  private static Map<String, Object> settings() {
    var hasTls = env("KAFKA_SSL", "").equals("true");
    var username = env("KAFKA_SASL_USERNAME", "");
    var settings = new HashMap<String, Object>();
    settings.put("bootstrap.servers", env("KAFKA_BROKERS", "127.0.0.1:9094"));
    settings.put("group.id", env("GROUP", "example"));
    // The first start reads all kept records; later starts continue after the last commit of the group.
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", false);
    settings.put("session.timeout.ms", 6_000);
    settings.put("security.protocol", (username.isEmpty() ? "" : "SASL_") + (hasTls ? "SSL" : "PLAINTEXT"));
    if (!username.isEmpty()) {
      settings.put("sasl.mechanism", "SCRAM-SHA-512");
      settings.put(
          "sasl.jaas.config",
          "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
              .formatted(username, env("KAFKA_SASL_PASSWORD", "")));
    }
    return settings;
  }

  private static String env(String name, String otherwise) {
    return System.getenv().getOrDefault(name, otherwise);
  }
}
