import Glibc

/// Which image of an archive or layout is meant, as `oci:PATH:NAME` and the like write it.
package struct ArchiveSelector: Hashable, Sendable {
  package var path: String
  /// A name, tag or digest in it; nil for the only one there is.
  package var name: String?

  /// Cuts `PATH`, `PATH:NAME` or `PATH@DIGEST`. A colon belongs to the path where that exists; of a path that is still to be made, the
  /// first one ends it.
  package init(_ text: String) {
    path = text
    guard !Self.exists(text) else { return }
    var end = text.endIndex
    while let mark = text[..<end].lastIndex(where: { $0 == ":" || $0 == "@" }) {
      if Self.exists(String(text[..<mark])) {
        cut(text, at: mark)
        return
      }
      end = mark
    }
    if let place = text.firstRange(of: "@sha256:") {
      cut(text, at: place.lowerBound)
    } else if let mark = text.firstIndex(of: ":") {
      cut(text, at: mark)
    }
  }

  private mutating func cut(_ text: String, at mark: String.Index) {
    path = String(text[..<mark])
    name = String(text[text.index(after: mark)...])
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
