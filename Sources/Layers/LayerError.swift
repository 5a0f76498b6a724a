package import FileTree
package import OCIModel

/// Why a layer could not be written, read or applied. Paths are those in the image.
package enum LayerError: Error, Hashable, Sendable {
  /// A file or folder could not be used.
  case file(FileError)
  /// libarchive refused; with its own words, and the member if one is at hand.
  case archive(path: BytePath?, message: String)
  /// A file has another size than was said when the layer was planned.
  case sizeChanged(path: BytePath, expected: Int64, actual: Int64)
  /// A name starts with `.wh.`, which a layer would take for a removal.
  case reservedName(path: BytePath)
  /// Members are not in tree order, or one path is there twice.
  case unsorted(path: BytePath)
  /// A path that is empty, absolute, or has `.` or `..` in it.
  case invalidPath(BytePath)
  /// A member of an archive that points outside the tree it is unpacked in.
  case unsafePath(BytePath)
  /// A hard link to something that is not there, or to a folder.
  case linkTarget(path: BytePath, target: BytePath)
  /// A kind of member that cannot be unpacked; `type` is the format part of a mode.
  case unsupportedMember(path: BytePath, type: UInt32)
  /// An archive is larger than it may be.
  case limit(Limit, path: BytePath?)
  /// The uncompressed bytes are not those that were promised.
  case wrongDiffID(expected: Digest, actual: Digest)
  /// A codec that this build does not have, or that failed.
  case compression(String)

  package enum Limit: Hashable, Sendable {
    case entries(Int)
    case totalBytes(Int64)
    case pathLength(Int)
    case attributeBytes(Int)
    /// Times the compressed bytes.
    case ratio(Int)
  }
}
