/// Paths as texts, taken apart without asking the file system.
package enum FilePath {
  /// A path made absolute, without `.`, `..` and empty names.
  ///
  /// `..` takes the name before it away even where that is a link to a folder elsewhere.
  package static func absolute(_ path: String, in folder: String) -> String {
    var names: [Substring] = []
    for name in (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/") where name != "." {
      if name != ".." {
        names.append(name)
      } else if !names.isEmpty {
        names.removeLast()
      }
    }
    return "/" + names.joined(separator: "/")
  }

  /// The folder that an absolute path is in; nil for `/`.
  package static func parent(_ path: String) -> String? {
    guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A name in a folder.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The last name of a path.
  package static func name(_ path: String) -> Substring {
    path.split(separator: "/").last ?? ""
  }

  /// A path as seen from a folder; nil when it is not in it.
  package static func relative(_ path: String, to folder: String) -> String? {
    let prefix = folder == "/" ? "/" : folder + "/"
    return path.hasPrefix(prefix) && path.utf8.count > prefix.utf8.count
      ? String(path.dropFirst(prefix.count)) : nil
  }

  /// A path for messages: relative when it is below the folder.
  package static func shown(_ path: String, from folder: String) -> String {
    relative(path, to: folder) ?? path
  }
}
