/// Paths as texts, taken apart without asking the file system.
package enum FilePath {
  /// A path made absolute, without `.`, `..` and empty names.
  ///
  /// `..` takes the name before it away even where that is a link to a folder elsewhere.
  package static func absolute(_ path: String, in folder: String) -> String {
    var names: [Substring.UTF8View] = []
    let whole = path.utf8.first == 0x2F ? path : folder + "/" + path
    for name in whole.utf8.split(separator: 0x2F) where !name.elementsEqual(".".utf8) {
      if !name.elementsEqual("..".utf8) {
        names.append(name)
      } else if !names.isEmpty {
        names.removeLast()
      }
    }
    var result = names.isEmpty ? "/" : ""
    for name in names { result += "/" + Substring(name) }
    return result
  }

  /// The folder that an absolute path is in; nil for `/`.
  package static func parent(_ path: String) -> String? {
    guard path != "/", let slash = path.utf8.lastIndex(of: 0x2F) else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// A name in a folder.
  package static func join(_ folder: String, _ name: String) -> String {
    folder.utf8.last == 0x2F ? folder + name : folder + "/" + name
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
