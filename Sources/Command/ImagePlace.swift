import Glibc
import ImageStore
import OCIModel

/// Where an image is, or is to be: a registry, an OCI layout, an archive or the local store, written as skopeo writes it.
enum ImagePlace {
  /// `docker://NAME`
  case registry(ImageReference)
  /// `oci:FOLDER`, `oci:FOLDER:NAME`; also `oci-layout:`.
  case layout(path: String, name: String?)
  /// `oci-archive:FILE`, `docker-archive:FILE`, with `:NAME`.
  case archive(path: String, name: String?)
  /// Anything else: a name, or an id, in the local store.
  case stored(String)

  /// - Throws: a ``Failure`` for what is no name.
  init(_ text: String) throws {
    for scheme in ["docker://", "oci-layout://", "oci-layout:", "oci-archive:", "docker-archive:", "oci:"] {
      guard text.hasPrefix(scheme) else { continue }
      let rest = String(text.dropFirst(scheme.count))
      guard !rest.isEmpty else { throw Failure("\(text): what stands behind `\(scheme)` is missing") }
      if scheme == "docker://" {
        self = .registry(try imageName(rest))
        return
      }
      let (path, name) = Self.split(rest)
      self = scheme.hasSuffix("archive:") ? .archive(path: path, name: name) : .layout(path: path, name: name)
      return
    }
    for scheme in ["dir:", "docker-daemon:", "containers-storage:", "ostree:", "http://", "https://"]
    where text.hasPrefix(scheme) {
      throw Failure(
        "\(text): `\(scheme)` is not known; write docker://NAME, oci:FOLDER, oci-archive:FILE, docker-archive:FILE, or the "
          + "name of an image in the local store", status: Exit.unable)
    }
    self = .stored(text)
  }

  /// The path and what stands behind a colon. A colon belongs to the path where that exists; of one that is still to be made, the
  /// first ends it.
  private static func split(_ text: String) -> (path: String, name: String?) {
    if exists(text) { return (text, nil) }
    var end = text.endIndex
    while let colon = text[..<end].lastIndex(where: { $0 == ":" || $0 == "@" }) {
      if exists(String(text[..<colon])) {
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
      }
      end = colon
    }
    guard let colon = text.firstIndex(of: ":") else { return (text, nil) }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
