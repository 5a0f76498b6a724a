import Glibc

/// Why a file operation of a test failed.
package struct FileFailure: Error, CustomStringConvertible {
  package let operation: String
  package let path: String
  package let code: Int32

  package var description: String {
    let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return "\(operation) \(path): \(text)"
  }
}

/// Files for tests, by path.
package enum Files {
  /// The whole content of a file.
  package static func read(_ path: String) throws -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileFailure(operation: "open", path: path, code: errno) }
    defer { close(descriptor) }
    return readAll(descriptor)
  }

  /// Everything up to the end of a descriptor; what cannot be read ends it.
  package static func readAll(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  /// Writes a file anew; folders above it are made.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try createFolder(String(path[..<slash]))
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileFailure(operation: "create", path: path, code: errno) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw FileFailure(operation: "write", path: path, code: errno) }
      rest = rest.dropFirst(written)
    }
  }

  /// Makes a folder and those above it.
  package static func createFolder(_ path: String) throws {
    guard unsafe mkdir(path, 0o755) != 0 else { return }
    switch errno {
    case EEXIST: return
    case ENOENT:
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { break }
      try createFolder(String(path[..<slash]))
      if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    default: break
    }
    throw FileFailure(operation: "mkdir", path: path, code: errno)
  }

  /// Whether something is there.
  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Whether the path is a folder.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder, sorted by their bytes; `.` and `..` are left out.
  package static func names(in folder: String) throws -> [String] {
    guard let stream = unsafe opendir(folder) else {
      throw FileFailure(operation: "open folder", path: folder, code: errno)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The files below a folder whose name ends with `suffix`, as paths, sorted.
  package static func files(below folder: String, suffix: String = "") throws -> [String] {
    var result: [String] = []
    for name in try names(in: folder) {
      let path = folder + "/" + name
      if isFolder(path) {
        result += try files(below: path, suffix: suffix)
      } else if name.hasSuffix(suffix) {
        result.append(path)
      }
    }
    return result
  }

  /// Makes a folder of its own for a test and removes it with all in it afterwards.
  package static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let base = Environment["TMPDIR"] ?? "/tmp"
    var template = Array((base + "/slipway-test.XXXXXX").utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw FileFailure(operation: "mkdtemp", path: base, code: errno)
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(path) }
    return try body(path)
  }

  /// Removes a file, or a folder with all in it; links are not followed.
  package static func remove(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      _ = unsafe chmod(path, 0o700)
      for name in (try? names(in: path)) ?? [] { remove(path + "/" + name) }
      _ = unsafe rmdir(path)
    } else {
      _ = unsafe unlink(path)
    }
  }
}

/// Environment variables.
package enum Environment {
  package static subscript(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
