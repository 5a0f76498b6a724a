#!/bin/sh
# Fuzzes the text half with libFuzzer and AddressSanitizer.
#
#   Tests/Fuzz/run.sh [parser|lint] [SECONDS] [CORPUS]
#
# `parser` is the Dockerfile parser, the model and the expansion; `lint` the linter in default and strict mode, its fixes and the
# shell parser. SECONDS is 60 unless told; 0 only builds. CORPUS, a folder, keeps interesting inputs between runs; without it they
# stay in the build folder.
# The modules are compiled from Sources as they are, each as a module of its own. Exit status 0: nothing found. A finding is
# written to crash-*, timeout-* or oom-* in the build folder (FUZZ_BUILD, .build/fuzz unless told).
set -eu
target=parser
case ${1:-} in parser | lint) target=$1 && shift ;; esac
seconds=${1:-60}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${FUZZ_BUILD:-$root/.build/fuzz}
corpus=${2:-$build/corpus-$target}
seeds=$build/seeds-$target
rm -rf "$seeds"
mkdir -p "$build" "$corpus" "$seeds"
build=$(CDPATH='' cd -- "$build" && pwd)
corpus=$(CDPATH='' cd -- "$corpus" && pwd)
seeds=$build/seeds-$target

# The compiler leaves files where it works.
cd "$build"

tests=$root/Tests
case $target in
  parser)
    modules="SourceText Diagnostics DockerfileSyntax"
    files="$tests/Fuzz/ParserFuzzer.swift $tests/DockerfileSyntaxTests/TreeInvariants.swift"
    cat "$tests/Fuzz/dockerfile.dict" > "$build/$target.dict"
    ;;
  lint)
    modules="SourceText Diagnostics DockerfileSyntax ShellSyntax DockerfileLint"
    files="$tests/Fuzz/LintFuzzer.swift $tests/DockerfileLintTests/LintInvariants.swift
      $tests/ShellSyntaxTests/TreeInvariants.swift"
    cat "$tests/Fuzz/dockerfile.dict" "$tests/Fuzz/shell.dict" > "$build/$target.dict"
    ;;
esac

flags="-swift-version 6 -package-name slipway -parse-as-library -whole-module-optimization -O -g
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility -assert-config Debug -sanitize=fuzzer,address -I $build"
objects=
for module in $modules; do
  # shellcheck disable=SC2046,SC2086
  swiftc $flags -module-name "$module" -emit-module -emit-module-path "$build/$module.swiftmodule" \
    -emit-object -o "$build/$module.o" $(find "$root/Sources/$module" -name '*.swift' | LC_ALL=C sort)
  objects="$objects $build/$module.o"
done
# shellcheck disable=SC2086
swiftc $flags -module-name Fuzzer -emit-executable -o "$build/$target-fuzzer" $files $objects 2>"$build/link.log" ||
  { cat "$build/link.log" >&2; exit 1; }

number=0
find "$root/Fixtures/dockerfiles" -type f | LC_ALL=C sort | while read -r file; do
  number=$((number + 1))
  cp "$file" "$seeds/$number"
done
if [ "$target" = lint ]; then
  # The examples of all rules, from their pages.
  cat "$root"/docs/rules/*.md | awk -v folder="$seeds" '
    /^````?dockerfile$/ { number++; writing = 1; next }
    /^````?$/ { if (writing) close(folder "/example-" number); writing = 0 }
    writing { gsub(/«|»|‹|›/, ""); print > (folder "/example-" number) }'
fi
[ "$seconds" -gt 0 ] || exit 0
export SWIFT_BACKTRACE=enable=no
exec "./$target-fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
  -dict="$build/$target.dict" -print_final_stats=1 -verbosity="${FUZZ_VERBOSITY:-1}" \
  "$corpus" "$seeds"
