import CIsolation
import Glibc

/// The directories behind a step's file system that tells neither the inodes of the disk nor when files were made: FUSE.
final class Backing: Sendable {
  private let upper: Descriptor
  private let lower: Descriptor

  init(_ folders: BackingFolders) throws(IsolationError) {
    upper = try Self.open(folders.upper)
    lower = try Self.open(folders.lower)
  }

  private static func open(_ path: [UInt8]) throws(IsolationError) -> Descriptor {
    let raw = openHost(path, CInt(isolation_open_path) | O_DIRECTORY)
    guard raw >= 0 else { throw .setup(.root, errno: -raw, subject: path) }
    return Descriptor(owning: raw)
  }

  /// What the disk says about an object, found by the path that it has now. Must be called on the supervisor's thread, whose root is
  /// the step's.
  /// - Returns: nil for an object that has no name any more, and so will be in no layer.
  func status(of object: CInt, _ seen: isolation_object) -> isolation_object? {
    let raw = isolation_open_backing(object, upper.raw, lower.raw)
    guard raw >= 0 else { return nil }
    let found = Descriptor(owning: raw)
    var status = isolation_object()
    guard unsafe isolation_object(found.raw, &status) == 0, status.mode & S_IFMT == seen.mode & S_IFMT else {
      return nil
    }
    return status
  }
}
