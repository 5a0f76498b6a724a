import Glibc

/// Finds the files that a lint run is about.
enum LintInputs {
  /// How deep folders are searched.
  private static let maximumDepth = 64

  /// The Dockerfile of the current folder, or its Containerfile.
  static func defaultPath() throws(Failure) -> String {
    for name in ["Dockerfile", "Containerfile"] where unsafe access(name, F_OK) == 0 { return name }
    throw Failure(
      "there is no Dockerfile in this folder; name a file, a folder to search, or - for standard input",
      status: Exit.unable)
  }

  /// The files that a path stands for: itself, or all Dockerfiles below a folder, sorted.
  static func files(at path: String) throws(InputError) -> [String] {
    guard path != "-" else { return [path] }
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw InputError(path: path, reason: errorText(errno)) }
    guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    return try search(path, depth: 0)
  }

  /// Symbolic links to folders are not followed, so that the search ends.
  private static func search(_ folder: String, depth: Int) throws(InputError) -> [String] {
    guard depth < maximumDepth else {
      throw InputError(path: folder, reason: "the folders are nested too deep")
    }
    guard let handle = unsafe opendir(folder) else {
      throw InputError(path: folder, reason: errorText(errno))
    }
    var names: [String] = []
    while let entry = unsafe readdir(handle) {
      names.append(
        unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        })
    }
    unsafe closedir(handle)
    var files: [String] = []
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      guard name != ".", name != "..", name != ".git", name != "node_modules" else { continue }
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        files += try search(path, depth: depth + 1)
      } else if isDockerfile(name) {
        // A link to a file counts; pipes and devices do not.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
        files.append(path)
      }
    }
    return files
  }

  /// Whether a file is a Dockerfile by its name.
  static func isDockerfile(_ name: String) -> Bool {
    let small = name.lowercased()
    guard !small.hasSuffix(".dockerignore"), !small.hasSuffix(".containerignore") else { return false }
    return ["Dockerfile", "Containerfile"].contains { base in
      name == base || name.hasPrefix(base + ".")
        || (small.hasSuffix("." + base.lowercased()) && name.utf8.count > base.utf8.count + 1)
    }
  }
}
