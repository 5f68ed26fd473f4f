# What a part of Edge costs a cached read (GET /api/products/1): two instances, with it and without, in turn. Processor time per request as the
# scheduler tells it, and requests per second. Sourced by a `run` that has set: name (of the results), settings[off] and settings[on] (one variable each), and
# common (variables of both).
# shellcheck shell=bash disable=SC2154
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

rounds=30 seconds=1 connections=32 save=no
while (($#)); do
    case $1 in
        --rounds) rounds=$2; shift ;;
        --seconds) seconds=$2; shift ;;
        --connections) connections=$2; shift ;;
        --save) save=yes ;;
        *) sed -n '2,5s/^# *//p' "$0"; exit 2 ;;
    esac
    shift
done
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }

prepare_edge
unset REDIS_URL
folder=$(mktemp -d)
declare -A pid port
trap 'kill "${pid[@]}" 2>/dev/null || true; wait; rm -rf "$folder"; "$ROOT/dev" servers stop "$SERVERS"' EXIT
first=$((20000 + RANDOM % 10000))
port=([off]=$first [on]=$((first + 1)))
for kind in off on; do
    env "${settings[$kind]}" "${common[@]}" PORT="${port[$kind]}" "$EDGE" >"$folder/log.$kind" 2>&1 &
    pid[$kind]=$!
    await_ready "${pid[$kind]}" "http://127.0.0.1:${port[$kind]}/health/ready"
done

# spent KIND: nanoseconds of processor time so far, of all threads. (/proc/PID/stat counts in hundredths of a second, which is a percent of a round.)
spent() { cat /proc/"${pid[$1]}"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'; }

# measure KIND: reads/s, failed ones, microseconds of processor time per read.
measure() {
    local before after reads
    before=$(spent "$1")
    reads=$(wrk -t1 -c"$connections" -d"$seconds"s --latency -s "$ROOT/bench/load/cached-read/one-product.lua" "http://127.0.0.1:${port[$1]}" | sed -n 's/^RESULT //p')
    after=$(spent "$1")
    awk -v ns=$((after - before)) '{ print $1, $3, ns / 1e3 / $4 }' <<<"$reads"
}

for kind in off on; do measure "$kind" >/dev/null; done
for ((round = 0; round < rounds; round++)); do
    ((round % 10)) || printf 'round %d of %d, about %d s left\n' $((round + 1)) "$rounds" $(((rounds - round) * 2 * (seconds + 1))) >&2
    if ((round % 2)); then order=(on off); else order=(off on); fi
    for kind in "${order[@]}"; do echo "$round $kind $(measure "$kind")" >>"$folder/results"; done
done

awk '
    function sort(list, n,    i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j - 1]; j--) { t = list[j]; list[j] = list[j - 1]; list[j - 1] = t } }
    function at(list, n, part) { return list[1 + int((n - 1) * part + 0.5)] }
    function row(label, list, n, format) { sort(list, n); printf "| %s | " format " (" format "–" format ") |\n", label, at(list, n, 0.5), at(list, n, 0.25), at(list, n, 0.75) }
    { rate[$1, $2] = $3; errors += $4; cpu[$1, $2] = $5; n = $1 + 1 }
    END {
        for (i = 0; i < n; i++) { a[i + 1] = cpu[i, "off"]; b[i + 1] = cpu[i, "on"]; c[i + 1] = cpu[i, "on"] / cpu[i, "off"]; d[i + 1] = rate[i, "on"] / rate[i, "off"] }
        print "| | median (quarters) |\n|---|---|"
        row("processor time of a read without, µs", a, n, "%.1f"); row("with, µs", b, n, "%.1f")
        row("processor time, with over without, round by round", c, n, "%.3f"); row("requests/s, with over without", d, n, "%.3f")
        printf "\n%d rounds, %d failed reads. wrk on the same machine, so that servers and load share its cores.\n", n, errors
    }' "$folder/results" | report "$name" "$save"
