// The libFuzzer target of the parser, the model and the expansion; run.sh builds and runs it.

/// Checks one input; any violation ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzParser(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: data == nil ? 0 : count))
  let violations = TreeInvariants.violations(of: bytes)
  if !violations.isEmpty { fatalError(violations.joined(separator: "\n")) }
  return 0
}
