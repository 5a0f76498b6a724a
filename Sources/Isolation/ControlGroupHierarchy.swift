import Glibc

/// A hierarchy of control groups that can be reached here, and where this process is in it (cgroups(7)).
struct ControlGroupHierarchy: Sendable, Equatable {
  enum Version: Sendable, Equatable {
    case first, second
  }

  var version: Version
  /// The controllers of version 1; those of version 2 depend on the folder.
  var controllers: Set<String>
  /// Where it is mounted.
  var mountPoint: [UInt8]
  /// The caller's own group: a folder at or below the mount point.
  var own: [UInt8]

  /// Reads what the kernel says of a process.
  /// - Parameters:
  ///   - groups: /proc/self/cgroup
  ///   - mounts: /proc/self/mountinfo
  static func all(groups: [UInt8], mounts: [UInt8]) -> [ControlGroupHierarchy] {
    let memberships = groups.split(separator: 0x0A).compactMap {
      line -> (names: Set<String>, path: [UInt8])? in
      let fields = line.split(separator: 0x3A, maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return nil }
      let names = String(decoding: fields[1], as: UTF8.self).split(separator: ",").map(String.init)
      return (Set(names), Array(fields[2]))
    }
    var found: [ControlGroupHierarchy] = []
    for line in mounts.split(separator: 0x0A) {
      // "36 35 98:0 /root /mount/point options … - type source super-options" (proc_pid_mountinfo(5)).
      let fields = line.split(separator: 0x20).map { Array($0) }
      guard let dash = fields.firstIndex(of: [0x2D]), dash >= 6, fields.count > dash + 3 else { continue }
      let (root, point) = (unescaped(fields[3]), unescaped(fields[4]))
      let options = String(decoding: fields[dash + 3], as: UTF8.self).split(separator: ",").map(String.init)
      let version: Version
      let membership: (names: Set<String>, path: [UInt8])?
      switch String(decoding: fields[dash + 1], as: UTF8.self) {
      case "cgroup2":
        version = .second
        membership = memberships.first { $0.names.isEmpty }
      case "cgroup":
        version = .first
        membership = memberships.first { !$0.names.isEmpty && $0.names.isSubset(of: options) }
      default: continue
      }
      guard let membership, let below = path(membership.path, below: root) else { continue }
      // One hierarchy may be mounted at several places.
      guard !found.contains(where: { $0.version == version && $0.controllers == membership.names }) else {
        continue
      }
      found.append(
        ControlGroupHierarchy(
          version: version, controllers: membership.names, mountPoint: point, own: point + below))
    }
    return found
  }

  /// Those of this process.
  static func ofCaller() -> [ControlGroupHierarchy] {
    let limit = 1 << 22
    guard let groups = readHostFile("/proc/self/cgroup", limit: limit),
      let mounts = readHostFile("/proc/self/mountinfo", limit: limit)
    else { return [] }
    return all(groups: groups, mounts: mounts)
  }

  /// What follows the root of a mount; nil for a group that is not below it. Empty for the root itself.
  private static func path(_ group: [UInt8], below root: [UInt8]) -> [UInt8]? {
    guard group.first == 0x2F, !group.split(separator: 0x2F).contains(where: { $0.elementsEqual("..".utf8) })
    else {
      return nil
    }
    let base = root == [0x2F] ? [] : root
    guard group.starts(with: base) else { return nil }
    let rest = Array(group.dropFirst(base.count))
    if rest.isEmpty || rest == [0x2F] { return [] }
    return rest.first == 0x2F ? rest : nil
  }

  /// Spaces and the like are written as octal numbers.
  private static func unescaped(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      guard byte == 0x5C, digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) else {
        result.append(byte)
        continue
      }
      result.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }))
      rest = rest.dropFirst(3)
    }
    return result
  }
}

extension ControlGroupHierarchy {
  /// The group above the caller's own one, if it can be seen.
  var parent: [UInt8]? {
    guard own.count > mountPoint.count, let slash = own.lastIndex(of: 0x2F) else { return nil }
    return Array(own[..<slash])
  }

  /// The controllers of a folder: words with spaces between.
  static func words(of folder: [UInt8], _ file: String) -> Set<String> {
    let text = readHostFile(folder + Array("/\(file)".utf8), limit: 1 << 16) ?? []
    return Set(String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\n" }.map(String.init))
  }
}
