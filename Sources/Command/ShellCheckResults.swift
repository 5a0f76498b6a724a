import DockerfileLint
import LintConfiguration
import LintInputs
import SourceText

/// What the installed ShellCheck says of all Dockerfiles of a lint run, asked once before they are linted.
struct ShellCheckResults: Sendable {
  /// By the content of the file: the same text has the same findings.
  private var byContent: [[UInt8]: ShellCheckFindings] = [:]

  /// Standard input, which can be read only once.
  private(set) var standardInput: Source?

  /// Reads the inputs and asks. What cannot be read is told when it is linted.
  init(of plan: LintPlan, _ facts: LintFacts, inputName: String?) throws(Failure) {
    var files: [(source: Source, settings: LintSettings, environment: LintEnvironment)] = []
    for input in plan.inputs {
      let settings = plan.configurations[input.configuration].settings
      let environment = facts.lintEnvironment(for: input.input.displayName)
      switch input.input.content {
      case .file:
        if let source = try? input.input.read() { files.append((source, settings, environment)) }
      case .embedded(let dockerfiles, _):
        for dockerfile in dockerfiles { files.append((dockerfile.source, settings, environment)) }
      case .standardInput:
        standardInput = try? input.input.read(named: inputName)
        if let standardInput { files.append((standardInput, settings, environment)) }
      }
    }
    let batch = ShellCheckBatch(files)
    let found = batch.findings(try ShellCheckRun.comments(on: batch.scripts))
    for (file, findings) in zip(files, found) { byContent[file.source.bytes] = findings }
  }

  /// What it says of a file.
  func findings(on source: Source) -> ShellCheckFindings? { byContent[source.bytes] }
}
