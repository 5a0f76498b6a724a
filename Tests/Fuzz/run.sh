#!/bin/sh
# Fuzzes what reads hostile input with libFuzzer and AddressSanitizer.
#
#   Tests/Fuzz/run.sh [parser|lint|extract] [SECONDS] [CORPUS]
#
# `parser` is the Dockerfile parser, the model and the expansion; `lint` the linter in default and strict mode, its fixes and the
# shell parser; `extract` the extraction of layers and archives, in a folder of FUZZ_GROUND (/dev/shm). SECONDS is 60 unless told; 0 only builds. CORPUS, a folder, keeps interesting inputs between runs; without it they
# stay in the build folder.
# The modules are compiled from Sources as they are, each as a module of its own. Exit status 0: nothing found. A finding is
# written to crash-*, timeout-* or oom-* in the build folder (FUZZ_BUILD, .build/fuzz unless told).
set -eu
target=parser
case ${1:-} in parser | lint | extract) target=$1 && shift ;; esac
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
libraries=
longest=4096

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
  extract)
    modules="JSONText ContentHash OCIModel FileTree Layers"
    files="$tests/Fuzz/ExtractFuzzer.swift"
    longest=32768
    cat "$tests/Fuzz/archive.dict" > "$build/$target.dict"
    clang -g -O1 -fsanitize=address -D_GNU_SOURCE -I "$root/Sources/CLinux/include" -c "$root/Sources/CLinux/CLinux.c" \
      -o "$build/CLinux.o"
    libraries="$build/CLinux.o -larchive -lz -ldeflate -lzstd -lcrypto -ljansson"
    ;;
esac

flags="-swift-version 6 -package-name slipway -parse-as-library -whole-module-optimization -O -g
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility -assert-config Debug -sanitize=fuzzer,address -I $build"
if [ "$target" = extract ]; then
  for library in CCrypto CJansson CArchive CDeflate CZstd; do flags="$flags -I $root/Sources/$library"; done
  # What the package manager writes for a target in C.
  mkdir -p "$build/CLinux"
  echo "module CLinux { header \"$root/Sources/CLinux/include/CLinux.h\" export * }" > "$build/CLinux/module.modulemap"
  flags="$flags -I $build/CLinux"
fi
objects=
for module in $modules; do
  # shellcheck disable=SC2046,SC2086
  swiftc $flags -module-name "$module" -emit-module -emit-module-path "$build/$module.swiftmodule" \
    -emit-object -o "$build/$module.o" $(find "$root/Sources/$module" -name '*.swift' | LC_ALL=C sort)
  objects="$objects $build/$module.o"
done
# shellcheck disable=SC2086
swiftc $flags -module-name Fuzzer -emit-executable -o "$build/$target-fuzzer" $files $objects $libraries 2>"$build/link.log" ||
  { cat "$build/link.log" >&2; exit 1; }

if [ "$target" = extract ]; then
  # Programs for the fuzzer's own archives, and archives.
  for first in 0 1 2 3 4 5 6 7; do
    # shellcheck disable=SC2059
    printf "\\000\\00$first\\001\\002\\003\\004\\002\\00$first\\003\\001\\005\\001" > "$seeds/program-$first"
  done
  mkdir "$seeds/files"
  cd "$seeds/files"
  mkdir d && echo x > d/f && ln d/f d/h && ln -s ../../outside d/l && mkfifo d/p && : > d/.wh.f
  for format in ustar gnu pax oldgnu; do
    { printf '\001' && tar --format=$format -cf - d; } > "$seeds/tar-$format"
  done
  cd "$build"
  rm -r "$seeds/files"
else
  number=0
  find "$root/Fixtures/dockerfiles" -type f | LC_ALL=C sort | while read -r file; do
    number=$((number + 1))
    cp "$file" "$seeds/$number"
  done
fi
if [ "$target" = lint ]; then
  # The examples of all rules, from their pages.
  cat "$root"/docs/rules/*.md | awk -v folder="$seeds" '
    /^````?dockerfile$/ { number++; writing = 1; next }
    /^````?$/ { if (writing) close(folder "/example-" number); writing = 0 }
    writing { gsub(/«|»|‹|›/, ""); print > (folder "/example-" number) }'
fi
[ "$seconds" -gt 0 ] || exit 0
export SWIFT_BACKTRACE=enable=no
if [ "$target" = extract ]; then
  FUZZ_GROUND=$(mktemp -d "${FUZZ_GROUND:-/dev/shm}/slipway-fuzz-XXXXXX")
  export FUZZ_GROUND
  trap 'rm -rf "$FUZZ_GROUND"' EXIT
fi
"./$target-fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len="$longest" \
  -dict="$build/$target.dict" -print_final_stats=1 -verbosity="${FUZZ_VERBOSITY:-1}" \
  "$corpus" "$seeds"
