# shellcheck shell=bash disable=SC2034 # EDGE is for the scripts that source this
# Sourced by the run scripts: what they compare, built in this run, and a seeded database and a Redis of their own.
# prepare_edge sets EDGE, DATABASE_URL and REDIS_URL; prepare_peer FOLDER prints the path of a published binary.

ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly ROOT SERVERS="$ROOT/.dev/bench"
EDGE="$ROOT/artifacts/native/edge"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 EDGE_SHUTDOWN_DELAY_SECONDS=0
# Limits are on, as in production, and wide: all load comes from one address.
export EDGE_LIMIT_PUBLIC=1000000/s EDGE_LIMIT_USER=1000000/s EDGE_LIMIT_WRITES=1000000/s EDGE_LIMIT_EXPORTS=1000000/s EDGE_LIMIT_LOGIN=1000000/s EDGE_LIMIT_LOGIN_EMAIL=1000000/s

prepare_edge() {
    "$ROOT/dev" publish
    local values
    values=$("$ROOT/dev" servers start "$SERVERS" --until-exit $$)
    eval "$(grep -E '^(DATABASE|REDIS)_URL=' <<<"$values" | sed 's/^/export /')"
    trap '"$ROOT/dev" servers stop "$SERVERS"' EXIT
    "$EDGE" migrate >&2
    "$EDGE" seed >&2
}

# Built by the same compiler for the same framework as Edge, which its stamp tells.
prepare_peer() {
    local name framework rid
    name=$(basename "$1")
    read -r framework rid <"$ROOT/artifacts/native/published"
    echo "Publishing $name" >&2
    dotnet publish "$ROOT/$1" -c Release -r "$rid" -f "$framework" -p:EdgeNativeFramework="$framework" -o "$ROOT/artifacts/bench/$name" -v q --nologo >&2
    printf '%s' "$ROOT/artifacts/bench/$name/$name"
}

# await_ready PID URL: until it answers. A server that ends instead, or says nothing for 20 s, ends the benchmark too.
await_ready() {
    local attempt
    for ((attempt = 0; attempt < 400; attempt++)); do
        if curl -sf "$2" >/dev/null; then return; fi
        if ! kill -0 "$1" 2>/dev/null; then echo "The server that should answer $2 has ended." >&2; exit 1; fi
        sleep 0.05
    done
    echo "$2 does not answer." >&2
    exit 1
}

# report NAME yes|no: prints the markdown of stdin, with --save into bench/results/NAME.md under a header too.
report() {
    local file="$ROOT/bench/results/$1.md" body
    body=$(cat)
    printf '%s\n' "$body"
    if [[ $2 == yes ]]; then
        mkdir -p "$ROOT/bench/results"
        {
            printf '# %s\n\n' "$1"
            printf '%s · %s, %s cores · commit %s · %s\n\n' "$(date -u +%Y-%m-%d)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc --all)" \
                "$(git -C "$ROOT" describe --always --dirty)" "$(cut -d' ' -f1 "$ROOT/artifacts/native/published")"
            printf '%s\n' "$body"
        } >"$file"
        echo "Saved as $file" >&2
    fi
}
