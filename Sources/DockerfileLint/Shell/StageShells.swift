import DockerfileSyntax
import ShellSyntax
import SourceText

/// The shell that runs the shell form of each instruction, by the instruction's index.
///
/// A stage starts with the shell of the image that it builds on: the last SHELL of a stage, what is known of an image, or
/// `sh`. A pragma `# hadolint shell=…` counts like a SHELL; above the first FROM it says what every image starts with.
///
/// - Parameters:
///   - dockerfile: the file.
///   - pragmas: the shells that pragmas name, with their places, in the order of the file.
///   - image: the words of the SHELL of an image; nil when nothing is known of it.
func shells(
  of dockerfile: Dockerfile, pragmas: [(offset: UInt32, shell: String)], image: (String) -> [String]?
) -> [ShellDialect] {
  var result = [ShellDialect](repeating: .sh, count: dockerfile.instructions.count)
  var last: [String: ShellDialect] = [:]
  var pragmas = pragmas[...]
  func next(before offset: UInt32) -> ShellDialect? {
    var found: ShellDialect?
    while let first = pragmas.first, first.offset < offset {
      found = ShellDialect(shell: first.shell.split(separator: " ").map(String.init))
      pragmas.removeFirst()
    }
    return found
  }
  let start = dockerfile.stages.first.map { dockerfile.instructions[$0.start].range.lower }
  let initial = start.flatMap { next(before: $0) }
  for stage in dockerfile.stages {
    let base = stage.from.image?.string ?? ""
    var shell =
      (last.isEmpty ? nil : last[base.lowercased()]) ?? image(base).flatMap { ShellDialect(shell: $0) }
      ?? initial ?? .sh
    if let named = next(before: dockerfile.instructions[stage.start].range.lower) { shell = named }
    result[stage.start] = shell
    for index in stage.body {
      if let named = next(before: dockerfile.instructions[index].range.lower) { shell = named }
      if case .shell(let form) = dockerfile.instructions[index].details, form.isExec,
        let named = ShellDialect(shell: form.words.map(\.string))
      {
        shell = named
      }
      result[index] = shell
    }
    if let name = stage.name { last[name] = shell }
  }
  return result
}
