import CIsolation
import FileTree
import Glibc

// The attribute that records are kept in is in no list: a program that copies attributes, or compares them with what a package has,
// would take it for the file's own.
extension SupervisedCalls {
  /// listxattr(2) and its kin. The kernel answers for whatever has no record.
  func listAttributes(_ call: isolation_call) throws(CallError) -> CallOutcome {
    try readPath(call)
    let isDescriptor = unsafe text[0] == 0
    let follows = isDescriptor || call.flags & Self.noFollow == 0
    if isDescriptor || !hasOtherRoots {
      // One system call for nearly every file.
      let count = unsafe isolation_get_named_attribute(
        call.pid, call.directory, text.baseAddress, follows ? 1 : 0, Self.markName, attribute.baseAddress,
        attribute.count)
      if count < 0 { return .proceed }
    }
    guard let object = find(call, followsLast: follows) else { return .proceed }
    var names = [CChar](repeating: 0, count: Self.longestList)
    let count = unsafe isolation_list_attributes(object.raw, &names, names.count)
    guard count >= 0 else { return .proceed }
    // What is behind the last NUL is nothing.
    let shown = names.prefix(Int(count)).split(separator: 0).filter {
      !$0.elementsEqual(Self.markName.dropLast())
    }
    .flatMap { $0 + [0] }
    let room = call.values.1
    if room > 0, !shown.isEmpty {
      guard shown.count <= room else { throw CallError(code: ERANGE) }
      try checkPending(call)
      try CallError.check(
        unsafe shown.withUnsafeBytes {
          unsafe isolation_write_memory(call.pid, call.values.0, $0.baseAddress, $0.count)
        })
    }
    return .value(Int64(shown.count))
  }

  /// XATTR_LIST_MAX.
  private static let longestList = 65536

  /// removexattr(2) and its kin: for a process there is no record that could be removed.
  func removeAttribute(_ call: isolation_call) throws(CallError) -> CallOutcome {
    let length = unsafe isolation_read_text(call.pid, call.values.0, text.baseAddress, 256)
    guard length >= 0, textIs(Self.markName) else { return .proceed }
    throw CallError(code: ENODATA)
  }
}
