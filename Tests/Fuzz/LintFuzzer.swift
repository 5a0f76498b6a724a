// The libFuzzer target of the linter, its fixes and the shell parser; run.sh builds and runs it.

/// Checks one input; any violation ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLinter(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: data == nil ? 0 : count))
  // The text as a Dockerfile, linted in one of several ways for the sake of speed, and as a script.
  let way = bytes.reduce(0) { $0 + Int($1) }
  let violations = LintInvariants.violations(of: bytes, way: way) + TreeInvariants.violations(of: bytes)
  if !violations.isEmpty { fatalError(violations.joined(separator: "\n")) }
  return 0
}
