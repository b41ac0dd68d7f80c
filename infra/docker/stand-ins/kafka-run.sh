#!/bin/bash
# Configures the jars from Maven with the variables of the official image: KAFKA_NODE_ID becomes node.id,
# three underscores become a dash.
set -euo pipefail
config=/opt/kafka/config/server.properties
env | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS=' | while IFS='=' read -r name value; do
  echo "$(sed 's/___/-/g; s/.*/\L&/; s/_/./g' <<< "${name#KAFKA_}")=$value"
done > "$config"
run=(java ${KAFKA_HEAP_OPTS:-} -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*')
"${run[@]}" kafka.tools.StorageTool format --ignore-formatted --cluster-id "$CLUSTER_ID" --config "$config"
exec "${run[@]}" kafka.Kafka "$config"
