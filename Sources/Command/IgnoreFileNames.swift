import Glibc
import Synchronization

/// The names of the ignore files in the folders of a lint run.
///
/// Hundreds of Dockerfiles may lie in one folder, mostly without any ignore file: the folder is then read once, in place of two
/// questions to the kernel for each Dockerfile.
final class IgnoreFileNames: Sendable {
  private enum Folder {
    /// One Dockerfile has asked: its folder need not be small.
    case askedOnce
    /// The names that end like those of ignore files.
    case names(Set<String>)
    case unreadable
  }
  private let folders = Mutex<[String: Folder]>([:])

  /// The first of some names that is there and can be read, as a path; nil without.
  ///
  /// - Parameter folder: with a slash at its end; empty for the current folder.
  func firstReadable(_ names: [String], in folder: String) -> String? {
    let known = folders.withLock { (folders: inout [String: Folder]) -> Set<String>? in
      switch folders[folder] {
      case nil: folders[folder] = .askedOnce
      case .askedOnce:
        if let names = Self.list(folder) {
          folders[folder] = .names(names)
          return names
        }
        folders[folder] = .unreadable
      case .names(let names): return names
      case .unreadable: break
      }
      return nil
    }
    for name in names where known?.contains(name) != false {
      if unsafe access(folder + name, R_OK) == 0 { return folder + name }
    }
    return nil
  }

  private static func list(_ folder: String) -> Set<String>? {
    guard let stream = unsafe opendir(folder.isEmpty ? "." : folder) else { return nil }
    defer { unsafe closedir(stream) }
    var names: Set<String> = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes -> String? in
        let name = unsafe bytes.prefix { $0 != 0 }
        guard unsafe name.suffix(13).elementsEqual(".dockerignore".utf8) else { return nil }
        return unsafe String(decoding: name, as: UTF8.self)
      }
      if let name { names.insert(name) }
    }
    return names
  }
}
