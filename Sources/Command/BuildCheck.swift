import ArgumentParser
import FileTree
import Glibc
import ImageBuild
import SourceText

extension BuildInputs {
  /// Lints the Dockerfile in place of building it, as `slipway lint` would where it lies: with the configuration found
  /// from its folder upwards, the images of the store and the context's ignore file.
  ///
  /// - Parameter options: what a build argument says in place of the file's `# check=`.
  /// - Throws: the exit status of the linter.
  func check(isJSON: Bool, root: String?, options: String?) throws {
    // The linter asks for images where the build would.
    if let root { unsafe setenv("SLIPWAY_ROOT", root, 1) }
    var arguments = isJSON ? ["--format", "json"] : []
    if let options { arguments += options.isEmpty ? ["--check", ""] : ["--check=\(options)"] }
    switch origin {
    case .standardInput:
      try putBack()
      arguments.append("-")
    case .file(let path): arguments += ["--", path]
    case .context:
      // Findings name the file as the context does.
      guard unsafe chdir(String(decoding: folder.bytes, as: UTF8.self)) == 0 else {
        throw InputError(path: String(decoding: folder.bytes, as: UTF8.self), reason: errorText(errno))
      }
      arguments += ["--", dockerfile.name]
    }
    let command = try LintCommand.parse(arguments)
    try command.run()
  }

  /// Makes standard input, which has been read, the Dockerfile once more.
  private func putBack() throws {
    guard let file = unsafe tmpfile() else { throw InputError(path: "-", reason: errorText(errno)) }
    defer { unsafe fclose(file) }
    let descriptor = unsafe fileno(file)
    guard writeAll(descriptor, dockerfile.bytes), lseek(descriptor, 0, SEEK_SET) == 0,
      dup2(descriptor, STDIN_FILENO) == STDIN_FILENO
    else { throw InputError(path: "-", reason: errorText(errno)) }
  }
}
