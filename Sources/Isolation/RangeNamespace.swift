import CIsolation
package import FileTree
import Glibc

/// Moves this process into a user namespace in which the caller is user and group 0, and a range of /etc/subuid and
/// /etc/subgid is 1 and following, by the setuid programs newuidmap and newgidmap.
///
/// Files can then be given to these, and what commands have given to them can be removed. Must be called before the process
/// has a second thread. After an error the process has the rights that it had before.
/// - Parameter folder: where files are to be given away; `.ownersRefused` if that does not work there.
/// - Returns: the identities.
package func enterRangeNamespace(for folder: [UInt8]) throws(IsolationError) -> IDMapping {
  try makeRangeNamespace(for: folder, enters: true)
}

/// - Parameter enters: whether this process is moved; otherwise it is tried alone.
@discardableResult
func makeRangeNamespace(for folder: [UInt8], enters: Bool) throws(IsolationError) -> IDMapping {
  let mapping = IDMapping.subordinateOfCaller()
  guard let mapping, let users = IdentityMapWriter.helper("newuidmap"),
    let groups = IdentityMapWriter.helper("newgidmap")
  else { throw .unavailable(.range, reasons: IsolationMode.missingForRange(mapping)) }
  var memory = NativeMemory()
  var arguments: [UnsafePointer<UnsafePointer<CChar>?>] = unsafe []
  for (program, ranges) in [(users, mapping.users), (groups, mapping.groups)] {
    let words = [program] + ranges.flatMap(\.numbers)
    unsafe arguments.append(memory.strings(words.map { Array($0.utf8) }))
  }
  var status: CInt = 0
  let answer = unsafe isolation_make_range_namespace(
    arguments[0], arguments[1], memory.string(folder), enters ? 1 : 0, &status)
  guard answer == 0 else { throw .namespaces(errno: -answer) }
  let code = status & 0xFFFF
  if status & CInt(ISOLATION_RANGE_OWNERS) != 0 { throw .ownersRefused(folder: folder, errno: code) }
  guard status == 0 else {
    throw .identityMapHelper(
      program: status & CInt(ISOLATION_RANGE_GROUPS) == 0 ? users : groups, status: code)
  }
  return mapping
}

extension IDRange {
  /// As newuidmap takes it.
  var numbers: [String] { [inside, outside, count].map(String.init) }

  /// nil for a range of none.
  fileprivate var identities: ClosedRange<UInt32>? {
    // The last one means "no change" to the kernel.
    let (end, overflows) = inside.addingReportingOverflow(count)
    guard count > 0, !overflows || end == 0 else { return nil }
    return inside...(end &- 1)
  }
}

extension IDMapping {
  /// The owners that files can have in a user namespace of these identities.
  package var diskOwners: DiskOwners {
    DiskOwners(users: users.compactMap(\.identities), groups: groups.compactMap(\.identities))
  }

  /// Whether user 0 is somebody else outside: an ordinary user with a range, not root of a container.
  package var isSubordinate: Bool { users.first.map { $0.inside != $0.outside } ?? false }

  /// Whether a process of a user namespace with these identities can be a user.
  package func holds(_ user: ProcessUser) -> Bool {
    let owners = diskOwners
    return owners.has(user: user.uid) && ([user.gid] + user.groups).allSatisfy { owners.has(group: $0) }
  }

  /// The same identities, for a user namespace inside one that has them.
  package var fromInside: IDMapping {
    func seen(_ ranges: [IDRange]) -> [IDRange] {
      ranges.map { IDRange(inside: $0.inside, outside: $0.inside, count: $0.count) }
    }
    return IDMapping(users: seen(users), groups: seen(groups))
  }
}

extension IsolationMode {
  /// What a user lacks who could have a range of identities; each is a sentence.
  static func missingForRange(_ mapping: IDMapping?) -> [String] {
    var reasons: [String] = []
    if mapping == nil {
      reasons.append("/etc/subuid and /etc/subgid grant this user no range of 65536 identities.")
    }
    if IdentityMapWriter.helper("newuidmap") == nil || IdentityMapWriter.helper("newgidmap") == nil {
      reasons.append("The programs newuidmap and newgidmap are not installed (Debian package uidmap).")
    }
    return reasons
  }
}
