import Glibc

/// How a process ended and what it printed.
package struct ProcessResult: Sendable {
  /// The exit status; 128 and the signal's number when a signal ended it.
  package let status: Int32
  package let output: [UInt8]
  package let errors: [UInt8]

  package var outputText: String { String(decoding: output, as: UTF8.self) }
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Runs programs for tests.
package enum Processes {
  /// Runs a program to its end.
  ///
  /// - Parameters:
  ///   - program: a path, or a name to find in PATH.
  ///   - environment: added to this process's environment; a nil value takes a variable away.
  ///   - input: what it reads from standard input.
  ///   - folder: where it works.
  /// - Throws: ``FileFailure`` when it cannot be started.
  package static func run(
    _ program: String, _ arguments: [String] = [], environment: [String: String?] = [:], input: [UInt8] = [],
    folder: String? = nil
  ) throws -> ProcessResult {
    guard let path = program.contains("/") ? program : find(program) else {
      throw FileFailure(operation: "find", path: program, code: ENOENT)
    }
    // The C library's own way to start in another folder is hidden from Swift; a shell does it as well.
    let command =
      folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0, path] + arguments } ?? [path] + arguments
    return try Files.withTemporaryFolder { scratch in
      // Files instead of pipes: nothing can block, whatever the program reads and writes first.
      try Files.write(input, to: scratch + "/in")
      var actions = unsafe posix_spawn_file_actions_t()
      unsafe posix_spawn_file_actions_init(&actions)
      defer { unsafe posix_spawn_file_actions_destroy(&actions) }
      unsafe posix_spawn_file_actions_addopen(&actions, 0, scratch + "/in", O_RDONLY, 0)
      let writing = O_WRONLY | O_CREAT | O_TRUNC
      unsafe posix_spawn_file_actions_addopen(&actions, 1, scratch + "/out", writing, 0o600)
      unsafe posix_spawn_file_actions_addopen(&actions, 2, scratch + "/err", writing, 0o600)
      var process: pid_t = 0
      let code = unsafe withCStrings(command) { arguments in
        unsafe withCStrings(merged(environment)) { variables in
          unsafe posix_spawn(&process, command[0], &actions, nil, arguments, variables)
        }
      }
      guard code == 0 else { throw FileFailure(operation: "start", path: path, code: code) }
      var status: Int32 = 0
      while unsafe waitpid(process, &status, 0) < 0 {
        guard errno == EINTR else { throw FileFailure(operation: "wait for", path: path, code: errno) }
      }
      let signal = status & 0x7F
      return ProcessResult(
        status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
        output: try Files.read(scratch + "/out"), errors: try Files.read(scratch + "/err"))
    }
  }

  /// The path of a program in PATH; nil when it is not there.
  package static func find(_ name: String) -> String? {
    for folder in (Environment["PATH"] ?? "").split(separator: ":") {
      let path = folder + "/" + name
      if unsafe access(path, X_OK) == 0, !Files.isFolder(path) { return path }
    }
    return nil
  }

  /// The `slipway` that was built with the tests: it lies beside the test bundle. nil when it has not been built.
  ///
  /// `SLIPWAY` in the environment names another one.
  package static let slipway: String? = {
    if let path = Environment["SLIPWAY"] { return path }
    guard let resolved = unsafe realpath("/proc/self/exe", nil) else { return nil }
    defer { unsafe free(resolved) }
    let executable = unsafe String(cString: resolved)
    var folders = [executable]
    folders += CommandLine.arguments
    for path in folders {
      guard let slash = path.lastIndex(of: "/") else { continue }
      // The binary is named by its product, or by its target before the product is linked.
      for name in ["slipway", "Command"] where Files.exists(path[..<slash] + "/" + name) {
        return path[..<slash] + "/" + name
      }
    }
    return nil
  }()

  private static func merged(_ changes: [String: String?]) -> [String] {
    var result: [String] = []
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let line = unsafe String(cString: text)
      let name = line.prefix { $0 != "=" }
      if changes[String(name)] == nil { result.append(line) }
      unsafe entry += 1
    }
    for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
      if let value { result.append("\(name)=\(value)") }
    }
    return result
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(pointers)
  }
}
