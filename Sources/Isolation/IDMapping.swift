import FileTree
import Glibc

/// A run of identities: `inside` the user namespace they are `outside` on the host.
package struct IDRange: Sendable, Equatable {
  package var inside: UInt32
  package var outside: UInt32
  package var count: UInt32

  package init(inside: UInt32, outside: UInt32, count: UInt32) {
    self.inside = inside
    self.outside = outside
    self.count = count
  }

  func contains(_ id: UInt32) -> Bool { id >= inside && id - inside < count }
}

/// The users and groups that a user namespace has.
package struct IDMapping: Sendable, Equatable {
  package var users: [IDRange]
  package var groups: [IDRange]

  package init(users: [IDRange], groups: [IDRange]) {
    self.users = users
    self.groups = groups
  }

  /// How many identities a range must have before it is worth having: those of a usual image.
  package static let usefulCount: UInt32 = 65536

  /// The caller as user 0, and a range of /etc/subuid and /etc/subgid (subuid(5)) from 1 on.
  ///
  /// `subuid` and `subgid` are the files' bytes; a line counts for the user if it begins with the name or the number.
  /// `nil` if either file grants no range of at least `usefulCount`.
  package static func subordinate(
    name: [UInt8]?, uid: UInt32, gid: UInt32, subuid: [UInt8], subgid: [UInt8]
  ) -> IDMapping? {
    guard let users = range(in: subuid, name: name, uid: uid),
      let groups = range(in: subgid, name: name, uid: uid)
    else { return nil }
    return IDMapping(
      users: [IDRange(inside: 0, outside: uid, count: 1), users],
      groups: [IDRange(inside: 0, outside: gid, count: 1), groups])
  }

  private static func range(in text: [UInt8], name: [UInt8]?, uid: UInt32) -> IDRange? {
    for fields in UserDatabase.lines(text) {
      guard fields.count == 3, fields[0] == name || UserDatabase.number(fields[0]) == uid,
        let start = UserDatabase.number(fields[1]), let count = UserDatabase.number(fields[2]),
        count >= usefulCount, UInt64(start) + UInt64(count) <= UInt64(UInt32.max)
      else { continue }
      return IDRange(inside: 1, outside: start, count: count)
    }
    return nil
  }

  /// What this machine's files grant to the calling user.
  package static func subordinateOfCaller() -> IDMapping? {
    let limit = 1 << 20
    guard let subuid = readHostFile("/etc/subuid", limit: limit),
      let subgid = readHostFile("/etc/subgid", limit: limit)
    else { return nil }
    let uid = geteuid()
    let passwd = readHostFile("/etc/passwd", limit: limit) ?? []
    let entry = UserDatabase.lines(passwd).first { $0.count > 2 && UserDatabase.number($0[2]) == uid }
    return subordinate(name: entry?.first, uid: uid, gid: getegid(), subuid: subuid, subgid: subgid)
  }
}

extension IDMapping {
  /// Every user and group of the caller's own user namespace, as themselves; nil if they cannot be read.
  package static func ownOfCaller() -> IDMapping? {
    guard let users = readHostFile("/proc/self/uid_map", limit: 1 << 16).flatMap(identities),
      let groups = readHostFile("/proc/self/gid_map", limit: 1 << 16).flatMap(identities)
    else { return nil }
    return IDMapping(users: users, groups: groups)
  }

  /// The first column and the last of each line of a map (user_namespaces(7)); nil for a text that is none.
  static func identities(_ map: [UInt8]) -> [IDRange]? {
    var ranges: [IDRange] = []
    for line in map.split(separator: 0x0A) {
      let fields = line.split(separator: 0x20).map { UserDatabase.number(Array($0)) }
      guard fields.count == 3, let first = fields[0], let count = fields[2], count > 0 else { return nil }
      ranges.append(IDRange(inside: first, outside: first, count: count))
    }
    return ranges.isEmpty ? nil : ranges
  }
}

/// Which users a process can be.
package enum UserNamespace: Sendable, Equatable {
  /// No user namespace: for real root only.
  case none
  /// A user namespace where the caller is user and group 0 and nobody else exists.
  case single
  case ranges(IDMapping)

  /// The owners that files of a process can have on the disk; nil where there is one only, or the disk holds all.
  var diskOwners: DiskOwners? {
    guard case .ranges(let mapping) = self else { return nil }
    return mapping.diskOwners
  }

  /// Throws `.userNotMappable` or `.groupNotMappable`.
  func check(uid: UInt32, gid: UInt32, groups: [UInt32]) throws(IsolationError) {
    switch self {
    case .none: return
    case .single:
      guard uid == 0 else { throw .userNotMappable(uid: uid) }
      if let other = ([gid] + groups).first(where: { $0 != 0 }) { throw .groupNotMappable(gid: other) }
    case .ranges(let mapping):
      guard mapping.users.contains(where: { $0.contains(uid) }) else { throw .userNotMappable(uid: uid) }
      for group in [gid] + groups where !mapping.groups.contains(where: { $0.contains(group) }) {
        throw .groupNotMappable(gid: group)
      }
    }
  }
}
