/// The users and groups of an image: the bytes of its /etc/passwd and /etc/group (passwd(5), group(5)).
///
/// Lines that are not of the format are passed over; of two entries with one name or number the first counts.
package struct UserDatabase: Sendable {
  private var users: [User]?
  private var groups: [Group]?

  private struct User {
    var name: [UInt8]
    var uid: UInt32
    var gid: UInt32
    var home: [UInt8]
  }

  private struct Group {
    var name: [UInt8]
    var gid: UInt32
    var members: [[UInt8]]
  }

  /// `nil` is a file that the image does not have.
  package init(passwd: [UInt8]?, group: [UInt8]?) {
    users = passwd.map { text in
      Self.lines(text).compactMap { fields in
        guard fields.count >= 4, !fields[0].isEmpty, let uid = Self.number(fields[2]),
          let gid = Self.number(fields[3])
        else { return nil }
        return User(name: fields[0], uid: uid, gid: gid, home: fields.count > 5 ? fields[5] : [])
      }
    }
    groups = group.map { text in
      Self.lines(text).compactMap { fields in
        guard fields.count >= 3, !fields[0].isEmpty, let gid = Self.number(fields[2]) else { return nil }
        let members = fields.count > 3 ? fields[3].split(separator: 0x2C).map(Array.init) : []
        return Group(name: fields[0], gid: gid, members: members)
      }
    }
  }

  /// Whom `USER text` makes a command run as.
  ///
  /// `user` has its primary group and every group that lists it, also when given as a number that passwd knows; a
  /// number that passwd does not know has group 0. `user:group` has that group only. Empty is root.
  package func processUser(_ text: [UInt8]) throws(UserLookupError) -> ProcessUser {
    let (user, group) = Self.split(text)
    var result = ProcessUser.root
    var name: [UInt8]?
    if user.isEmpty {
      let root = users?.first { $0.uid == 0 }
      result.gid = root?.gid ?? 0
      name = root?.name
    } else if let entry = try entry(user) {
      result = ProcessUser(uid: entry.uid, gid: entry.gid)
      name = entry.name
    } else {
      result.uid = try Self.validNumber(user)
    }
    if let group, !group.isEmpty {
      result.gid = try groupNumber(group)
    } else if let name {
      result.groups = (groups ?? []).filter { $0.members.contains(name) }.map(\.gid)
    }
    return result
  }

  /// Whom `--chown=text` makes a file belong to.
  ///
  /// A name alone brings its primary group; a number alone is used for both; a missing half is 0.
  package func owner(_ text: [UInt8]) throws(UserLookupError) -> (uid: UInt32, gid: UInt32) {
    let (user, group) = Self.split(text)
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    if !user.isEmpty {
      if Self.isNumeric(user) {
        uid = try Self.validNumber(user)
        gid = uid
      } else if let entry = try entry(user) {
        uid = entry.uid
        gid = entry.gid
      }
    }
    if let group { gid = group.isEmpty ? 0 : try groupNumber(group) }
    return (uid, gid)
  }

  /// The home directory of a user: `/` for one that passwd does not know, or that has none.
  package func home(uid: UInt32) -> [UInt8] {
    guard let entry = users?.first(where: { $0.uid == uid }), !entry.home.isEmpty else { return [0x2F] }
    return entry.home
  }

  /// The passwd entry of a name or number; `nil` for a number without one.
  private func entry(_ text: [UInt8]) throws(UserLookupError) -> User? {
    if Self.isNumeric(text) {
      let uid = try Self.validNumber(text)
      return users?.first { $0.uid == uid }
    }
    guard let users else { throw .noUserFile(text) }
    guard let found = users.first(where: { $0.name == text }) else { throw .unknownUser(text) }
    return found
  }

  private func groupNumber(_ text: [UInt8]) throws(UserLookupError) -> UInt32 {
    if Self.isNumeric(text) { return try Self.validNumber(text) }
    guard let groups else { throw .noGroupFile(text) }
    guard let found = groups.first(where: { $0.name == text }) else { throw .unknownGroup(text) }
    return found.gid
  }

  private static func split(_ text: [UInt8]) -> (user: [UInt8], group: [UInt8]?) {
    guard let colon = text.firstIndex(of: 0x3A) else { return (text, nil) }
    return (Array(text[..<colon]), Array(text[(colon + 1)...]))
  }

  private static func isNumeric(_ text: [UInt8]) -> Bool {
    !text.isEmpty && text.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// A number that chown(2) does not read as "leave as it is".
  private static func validNumber(_ text: [UInt8]) throws(UserLookupError) -> UInt32 {
    guard let value = number(text), value != UInt32.max else { throw .outOfRange(text) }
    return value
  }

  static func number(_ text: [UInt8]) -> UInt32? {
    guard isNumeric(text) else { return nil }
    var value: UInt64 = 0
    for digit in text {
      value = value * 10 + UInt64(digit - 0x30)
      if value > UInt64(UInt32.max) { return nil }
    }
    return UInt32(value)
  }

  /// The fields of every line that is neither empty nor a comment; blanks around a line do not count.
  static func lines(_ text: [UInt8]) -> [[[UInt8]]] {
    text.split(separator: 0x0A).compactMap { line in
      var line = line
      while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
      while let first = line.first, first == 0x20 || first == 0x09 { line.removeFirst() }
      guard let first = line.first, first != 0x23 else { return nil }
      return line.split(separator: 0x3A, omittingEmptySubsequences: false).map(Array.init)
    }
  }
}

/// Why a user or group has no number.
package enum UserLookupError: Error, Equatable {
  /// The name needs /etc/passwd, which the image does not have.
  case noUserFile([UInt8])
  case noGroupFile([UInt8])
  case unknownUser([UInt8])
  case unknownGroup([UInt8])
  /// Not in 0…4294967294.
  case outOfRange([UInt8])
}
