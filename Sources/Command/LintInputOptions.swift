import ArgumentParser
import LintInputs
import SourceText

/// The options of `slipway lint` that say which files are looked at.
struct LintInputOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Leave out what matches, a pattern as in a .gitignore of the current folder. May be repeated.",
      valueName: "glob"))
  var exclude: [String] = []
  @Flag(help: "Search also what .gitignore files leave out, and node_modules.")
  var noIgnore = false

  /// Finds what is linted, and says what stood in the way.
  ///
  /// - Returns: the inputs, and the exit status that the rest of the run cannot better.
  func inputs(for paths: [String], isVerbose: Bool) throws(Failure) -> (inputs: [LintInput], status: Int32) {
    var arguments = paths.map { InputPath(argument: $0) }
    if arguments.isEmpty {
      guard let path = InputList.defaultPath else {
        throw Failure(
          "there is no Dockerfile in this folder; name a file, a folder to search, or - for standard input",
          status: Exit.unable)
      }
      arguments = [path]
    }
    let list = InputList(
      arguments, options: InputOptions(excluded: exclude, obeysIgnoreFiles: !noIgnore))
    var status: Int32 = 0
    for problem in list.problems {
      if problem.level == .note, !isVerbose { continue }
      if problem.level == .error { status = Exit.unable }
      Exit.complain(problem.sentence)
    }
    return (list.inputs, status)
  }
}

extension InputProblem {
  /// The place and what is wrong there.
  fileprivate var sentence: String {
    let place = position.map { "\(path.displayName):\($0.line):\($0.column)" } ?? path.displayName
    let prefix = level == .error ? "" : level == .warning ? "warning: " : "note: "
    return "\(place): \(prefix)\(reason)"
  }

  private var reason: String {
    switch kind {
    case .unreadable(let failure): failure.sentence
    case .unreadableFolder(let failure): "the folder cannot be searched: \(failure.sentence)"
    case .tooDeep: "the folders are nested too deep"
    case .noMatch: "no file matches the pattern"
    case .tooManyAlternatives: "the braces stand for too many patterns"
    case .excluded: "is not linted: --exclude leaves it out"
    case .malformed(let message): message
    case .missing(let path, let failure):
      "the Dockerfile \(path.displayName) cannot be read: \(failure.sentence)"
    case .variables(let text): "`\(text)` has variables without a default; what it names is not linted"
    }
  }
}
