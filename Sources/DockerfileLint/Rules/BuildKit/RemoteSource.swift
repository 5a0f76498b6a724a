import SourceText

/// Whether a source of ADD is something that is fetched.
enum RemoteSource {
  /// A URL, or a git repository in one of the ways in which git writes it.
  static func isRemote(_ source: [UInt8]) -> Bool { isHTTP(source) || isGit(source) }

  static func isHTTP(_ source: [UInt8]) -> Bool {
    source.starts(with: "http://".utf8) || source.starts(with: "https://".utf8)
  }

  static func isGit(_ source: [UInt8]) -> Bool {
    for scheme in ["git://", "ssh://", "git@", "github.com/"] where source.starts(with: scheme.utf8) {
      return true
    }
    guard isHTTP(source) else { return false }
    let path = source.prefix { $0 != 0x23 && $0 != 0x3F }
    return path.suffix(4).elementsEqual(".git".utf8)
  }
}
