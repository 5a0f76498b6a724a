#!/bin/sh
# Fuzzes the parser with libFuzzer and AddressSanitizer.
#
#   Tests/Fuzz/run.sh [SECONDS] [CORPUS]
#
# SECONDS is 60 unless told; 0 only builds. CORPUS, a folder, keeps interesting inputs between runs; without it they are dropped.
# The text half's modules are compiled from Sources as they are, each as a module of its own. Exit status 0: nothing
# found. A finding is written to crash-*, timeout-* or oom-* in the build folder (FUZZ_BUILD, .build/fuzz unless told).
set -eu
seconds=${1:-60}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${FUZZ_BUILD:-$root/.build/fuzz}
corpus=${2:-$build/corpus}
mkdir -p "$build" "$corpus" "$build/seeds"

flags="-swift-version 6 -package-name slipway -parse-as-library -whole-module-optimization -O -g
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility -assert-config Debug -sanitize=fuzzer,address -I $build"
objects=
for module in SourceText Diagnostics DockerfileSyntax; do
  # shellcheck disable=SC2046,SC2086
  swiftc $flags -module-name "$module" -emit-module -emit-module-path "$build/$module.swiftmodule" \
    -emit-object -o "$build/$module.o" $(find "$root/Sources/$module" -name '*.swift' | LC_ALL=C sort)
  objects="$objects $build/$module.o"
done
# shellcheck disable=SC2086
swiftc $flags -module-name ParserFuzzer -emit-executable -o "$build/parser-fuzzer" \
  "$root/Tests/Fuzz/ParserFuzzer.swift" "$root/Tests/DockerfileSyntaxTests/TreeInvariants.swift" $objects 2>"$build/link.log" || { cat "$build/link.log" >&2; exit 1; }

number=0
find "$root/Fixtures/dockerfiles" -type f | LC_ALL=C sort | while read -r file; do
  number=$((number + 1))
  cp "$file" "$build/seeds/$number"
done
[ "$seconds" -gt 0 ] || exit 0
cd "$build"
export SWIFT_BACKTRACE=enable=no
exec ./parser-fuzzer -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
  -dict="$root/Tests/Fuzz/dockerfile.dict" -print_final_stats=1 -verbosity="${FUZZ_VERBOSITY:-1}" \
  "$corpus" "$build/seeds"
