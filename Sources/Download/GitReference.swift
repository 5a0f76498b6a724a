/// A place in a git repository, as ADD and the build context name it: `https://host/x.git#ref:folder`,
/// `git@host:x.git`, `ssh://…`, `git://…`, or with `?ref=`, `?branch=`, `?tag=`, `?subdir=`, `?commit=`,
/// `?keep-git-dir=`, `?submodules=` and `?mtime=`, as BuildKit has it.
package struct GitReference: Hashable, Sendable {
  /// What git is given: the URL without fragment and query.
  package var remote: String
  /// A branch, a tag, a commit or a full name of a ref; nil is the default branch.
  package var ref: String?
  /// A folder in the repository, without `/` at its start; empty is all of it.
  package var folder = ""
  /// How the name of the commit has to start.
  package var commit: String?
  /// nil where the URL says nothing.
  package var keepsGitFolder: Bool?
  package var takesSubmodules = true
  /// Whether files have the time of the commit.
  package var hasCommitTime = false

  package enum Failure: Error, Hashable, Sendable {
    /// The query has a field that means nothing, or a value that does not fit; the field.
    case query(String)
    /// Two parts of the URL say different things; the field.
    case conflict(String)
    case invalidRef(String)
  }

  /// Whether a text names a repository.
  package static func names(_ text: String) -> Bool { split(text) != nil }

  /// Reads a reference; nil for a text that names no repository.
  /// - Parameter isContext: also takes what only stands on a command line, where it is no file's name:
  ///   `github.com/…` and `file://….git`.
  package init?(parsing text: String, isContext: Bool = false) throws(Failure) {
    let isGitHub = isContext && text.hasPrefix("github.com/")
    let text = isGitHub ? "https://" + text : text
    guard let parts = Self.split(text, takesFiles: isContext, takesAnyPath: isGitHub) else { return nil }
    remote = parts.remote
    if let fragment = parts.fragment, !fragment.isEmpty {
      let halves = fragment.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      if let name = halves.first, !name.isEmpty { ref = String(name) }
      if halves.count == 2 { folder = Self.cleaned(halves[1]) }
    }
    if let query = parts.query { try read(query) }
    if let ref, ref.hasPrefix("-") || ref.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || $0 == 0x3A }) {
      throw .invalidRef(ref)
    }
    if let commit, !Self.isHexadecimal(commit) { throw .query("commit") }
  }

  /// Whether the repository is on this machine.
  var isFile: Bool { remote.lowercased().hasPrefix("file://") }

  /// Whether a text may be the start of a commit's name.
  package static func isHexadecimal(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { Self.isHexadecimalDigit($0) }
  }

  private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
  }

  /// Whether a ref is the whole name of a commit.
  static func isCommit(_ ref: String) -> Bool {
    [40, 64].contains(ref.utf8.count) && isHexadecimal(ref)
  }

  private struct Parts {
    var remote: String
    var query: Substring?
    var fragment: Substring?
  }

  private static func split(
    _ text: String, takesFiles: Bool = false, takesAnyPath: Bool = false
  ) -> Parts? {
    var rest = text[...]
    var fragment: Substring?
    var query: Substring?
    if let hash = rest.firstIndex(of: "#") {
      fragment = rest[rest.index(after: hash)...]
      rest = rest[..<hash]
    }
    if let mark = rest.firstIndex(of: "?") {
      query = rest[rest.index(after: mark)...]
      rest = rest[..<mark]
    }
    let scheme = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
    if !scheme.isEmpty, rest[scheme.endIndex...].hasPrefix("://") {
      switch scheme.lowercased() {
      case "http", "https":
        let path = rest[scheme.endIndex...].dropFirst(3).drop { $0 != "/" }
        guard takesAnyPath || path.hasSuffix(".git") else { return nil }
      case "git", "ssh": break
      case "file": guard takesFiles, rest.hasSuffix(".git") else { return nil }
      default: return nil
      }
    } else {
      // user@host:path, as scp has it.
      guard let at = rest.firstIndex(of: "@"), at > rest.startIndex,
        let colon = rest[at...].firstIndex(of: ":")
      else { return nil }
      let user = rest[..<at]
      let host = rest[rest.index(after: at)..<colon]
      let isUser = user.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x5F }
      let isHost = host.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x2E }
      guard isUser, isHost, let first = host.first, first != "-" else { return nil }
    }
    return Parts(remote: String(rest), query: query, fragment: fragment)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  /// A path relative to the repository, and never outside of it.
  private static func cleaned(_ path: some StringProtocol) -> String {
    var kept: [Substring] = []
    for part in String(path).split(separator: "/") where part != "." {
      if part == ".." { _ = kept.popLast() } else { kept.append(part) }
    }
    return kept.joined(separator: "/")
  }

  private mutating func read(_ query: Substring) throws(Failure) {
    for field in query.split(separator: "&") {
      let halves = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = String(halves[0])
      let value = halves.count == 2 ? String(halves[1]) : ""
      switch key {
      case "ref": try setRef(value, key)
      case "branch": try setRef(value.hasPrefix("refs/heads/") ? value : "refs/heads/" + value, key)
      case "tag": try setRef(value.hasPrefix("refs/tags/") ? value : "refs/tags/" + value, key)
      case "subdir":
        let path = Self.cleaned(value)
        guard !path.isEmpty else { throw .query(key) }
        guard folder.isEmpty || folder == path else { throw .conflict(key) }
        folder = path
      case "commit", "checksum": commit = value
      case "keep-git-dir": keepsGitFolder = try Self.boolean(value, key)
      case "submodules": takesSubmodules = try Self.boolean(value, key)
      case "mtime":
        guard value == "commit" || value == "checkout" else { throw .query(key) }
        hasCommitTime = value == "commit"
      // We fetch a whole commit name by itself anyway.
      case "fetch-by-commit": _ = try Self.boolean(value, key)
      default: throw .query(key)
      }
    }
  }

  private mutating func setRef(_ value: String, _ key: String) throws(Failure) {
    guard !value.isEmpty, !value.hasSuffix("/") else { throw .query(key) }
    guard ref == nil || ref == value else { throw .conflict(key) }
    ref = value
  }

  private static func boolean(_ value: String, _ key: String) throws(Failure) -> Bool {
    switch value.lowercased() {
    case "", "1", "t", "true": return true
    case "0", "f", "false": return false
    default: throw .query(key)
    }
  }
}
