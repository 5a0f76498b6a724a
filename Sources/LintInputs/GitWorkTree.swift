import SourceText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where git keeps what is true for all of a user's repositories.
package struct GitEnvironment: Sendable {
  /// `$HOME`
  package var home: InputPath?
  /// `$XDG_CONFIG_HOME`, or `.config` in the home folder.
  package var configuration: InputPath?
  /// The configuration of the machine.
  package var system: InputPath?

  package init(home: InputPath?, configuration: InputPath?, system: InputPath?) {
    self.home = home
    self.configuration = configuration
    self.system = system
  }

  /// As the process finds it.
  package static var current: GitEnvironment {
    func variable(_ name: String) -> InputPath? {
      guard let value = unsafe getenv(name) else { return nil }
      let bytes = unsafe UnsafeBufferPointer(start: value, count: strlen(value)).map { UInt8(bitPattern: $0) }
      return bytes.isEmpty ? nil : InputPath(bytes)
    }
    let home = variable("HOME")
    return GitEnvironment(
      home: home,
      configuration: variable("XDG_CONFIG_HOME") ?? home?.appending(".config".utf8),
      system: variable("GIT_CONFIG_NOSYSTEM") == nil ? InputPath("/etc/gitconfig") : nil)
  }
}

/// A work tree of git.
struct GitWorkTree: Sendable {
  /// Its top folder: absolute, without links.
  let root: InputPath
  /// Where what all work trees of the repository share lies.
  private let common: InputPath

  /// What an ignore file may hold; git's own limit is larger.
  static let maximumIgnoreFileSize = 16 << 20

  /// The work tree that a folder is in; nil when it is in none.
  ///
  /// - Parameter folder: absolute, without links.
  init?(holding folder: InputPath) {
    var candidate = folder
    while true {
      if let found = GitWorkTree(at: candidate) {
        self = found
        return
      }
      let parent = candidate.folder
      guard parent != candidate else { return nil }
      candidate = parent
    }
  }

  /// The work tree whose top is a folder: `.git` is a folder there, or a file that names one (linked work trees and
  /// submodules have that).
  init?(at folder: InputPath) {
    let marker = folder.appending(".git".utf8)
    let kind: FileKind
    do throws(FileFailure) { kind = try fileKind(marker) } catch { return nil }
    root = folder
    guard kind == .file else {
      guard kind == .folder else { return nil }
      common = marker
      return
    }
    guard let text = Self.line(of: marker), text.starts(with: "gitdir:".utf8) else { return nil }
    let named = text.dropFirst(7).drop { $0 == UInt8(ascii: " ") }
    let gitFolder = folder.resolving(InputPath(named))
    common =
      Self.line(of: gitFolder.appending("commondir".utf8)).map { gitFolder.resolving(InputPath($0)) }
      ?? gitFolder
  }

  private static func line(of path: InputPath) -> [UInt8]? {
    guard let bytes = contents(path, followsLink: true) else { return nil }
    return Array(bytes.prefix { $0 != 0x0A && $0 != 0x0D })
  }

  /// The content of a file that may be missing; one that cannot be read has no say, as with git.
  private static func contents(_ path: InputPath, followsLink: Bool) -> [UInt8]? {
    do throws(FileFailure) {
      return try readFoundFile(path, followsLink: followsLink, limit: maximumIgnoreFileSize)
    } catch {
      return nil
    }
  }

  /// The patterns that hold in the whole work tree: those of the user, then those of the repository.
  func rules(_ environment: GitEnvironment) -> IgnoreRules {
    var rules = IgnoreRules(isInWorkTree: true)
    if let path = excludesFile(environment), let bytes = Self.contents(path, followsLink: true) {
      rules.add(IgnorePatterns(bytes, baseLength: 0))
    }
    if let bytes = Self.contents(common.appending("info/exclude".utf8), followsLink: true) {
      rules.add(IgnorePatterns(bytes, baseLength: 0))
    }
    return rules
  }

  /// The patterns of a folder's `.gitignore`; git does not follow a link there.
  static func patterns(in folder: InputPath, baseLength: Int) -> IgnorePatterns? {
    contents(folder.appending(".gitignore".utf8), followsLink: false)
      .flatMap { IgnorePatterns($0, baseLength: baseLength) }
  }

  /// What `core.excludesFile` names: the repository's word before the user's before the machine's.
  private func excludesFile(_ environment: GitEnvironment) -> InputPath? {
    var files = [common.appending("config".utf8)]
    if let home = environment.home { files.append(home.appending(".gitconfig".utf8)) }
    if let folder = environment.configuration { files.append(folder.appending("git/config".utf8)) }
    if let system = environment.system { files.append(system) }
    for file in files {
      guard let bytes = Self.contents(file, followsLink: true),
        let value = GitConfiguration.excludesFile(bytes)
      else { continue }
      guard value.starts(with: "~/".utf8) else { return root.resolving(InputPath(value)) }
      return environment.home?.appending(value.dropFirst(2))
    }
    return environment.configuration?.appending("git/ignore".utf8)
  }
}

/// The one thing that is wanted of git's configuration files. Files that they include are not read.
enum GitConfiguration {
  /// The last `excludesFile` of the `[core]` section.
  static func excludesFile(_ bytes: [UInt8]) -> [UInt8]? {
    var isCore = false
    var found: [UInt8]?
    for line in bytes.split(separator: 0x0A) {
      var rest = line.drop { $0 == 0x20 || $0 == 0x09 }
      if rest.first == UInt8(ascii: "[") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { continue }
        isCore = rest[..<end].dropFirst().equalsIgnoringCase("core")
        rest = rest[(end + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
      }
      guard isCore, let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { continue }
      var name = rest[..<equals]
      while let last = name.last, last == 0x20 || last == 0x09 { name.removeLast() }
      if name.equalsIgnoringCase("excludesfile") { found = value(rest[(equals + 1)...]) }
    }
    return found.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A value without quotes, escapes, a comment and blanks around it.
  private static func value(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    /// How much of it counts whatever follows.
    var kept = 0
    var isQuoted = false
    var index = text.drop { $0 == 0x20 || $0 == 0x09 }.startIndex
    while index < text.endIndex {
      let byte = text[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "#"), UInt8(ascii: ";"):
        if !isQuoted { return Array(result[..<kept]) }
        result.append(byte)
      case UInt8(ascii: "\\"):
        guard index < text.endIndex else { continue }
        result.append(text[index])
        index += 1
      default: result.append(byte)
      }
      if isQuoted || byte != 0x20 && byte != 0x09 && byte != 0x0D { kept = result.count }
    }
    return Array(result[..<kept])
  }
}
