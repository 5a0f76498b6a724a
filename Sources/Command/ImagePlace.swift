import ImageStore
import OCIModel

/// Where an image is, or is to be: a registry, an OCI layout, an archive or the local store, written as skopeo writes it.
enum ImagePlace {
  /// `docker://NAME`
  case registry(ImageReference)
  /// `oci:FOLDER`, `oci:FOLDER:NAME`; also `oci-layout:`.
  case layout(path: String, name: String?)
  /// `oci-archive:FILE`, with `:NAME`.
  case archive(path: String, name: String?)
  /// `docker-archive:FILE`, with `:NAME`, which is a full one there.
  case dockerArchive(path: String, name: String?)
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
      let place = ArchiveSelector(rest)
      switch scheme {
      case "oci-archive:": self = .archive(path: place.path, name: place.name)
      case "docker-archive:": self = .dockerArchive(path: place.path, name: place.name)
      default: self = .layout(path: place.path, name: place.name)
      }
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
}
