import Glibc
import TestSupport

@testable import LintInputs

/// No configuration of the machine's user gets into the tests.
let noEnvironment = GitEnvironment(home: nil, configuration: nil, system: nil)

/// Writes files below a folder; a name that ends with a slash is a folder.
func write(_ files: [String: String], below folder: String) throws {
  for (name, text) in files {
    if name.hasSuffix("/") {
      try Files.createFolder(folder + "/" + name.dropLast())
    } else {
      try Files.write(Array(text.utf8), to: folder + "/" + name)
    }
  }
}

/// A tree of files in a folder of its own.
func withFiles<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
  try Files.withTemporaryFolder { folder in
    try write(files, below: folder)
    return try body(folder)
  }
}

/// What is found for arguments below a folder.
struct Found {
  let list: InputList
  /// The paths, without the folder.
  let names: [String]
  /// The paths of the problems, without the folder.
  let problems: [String]

  init(
    _ arguments: [String], in folder: String, excluded: [String] = [], obeysIgnoreFiles: Bool = true,
    environment: GitEnvironment = noEnvironment
  ) {
    let options = InputOptions(
      excluded: excluded, obeysIgnoreFiles: obeysIgnoreFiles, environment: environment)
    list = InputList(
      arguments.map { InputPath($0 == "-" ? $0 : $0.isEmpty ? folder : folder + "/" + $0) }, options: options)
    func short(_ path: InputPath) -> String {
      path.displayName.hasPrefix(folder + "/")
        ? String(path.displayName.dropFirst(folder.count + 1)) : path.displayName
    }
    names = list.inputs.map { short($0.path) }
    problems = list.problems.map { short($0.path) }
  }
}

/// Makes a symbolic link.
func link(_ target: String, at path: String) throws {
  guard unsafe symlink(target, path) == 0 else {
    throw FileFailureOfTest(code: errno)
  }
}

struct FileFailureOfTest: Error {
  let code: Int32
}
