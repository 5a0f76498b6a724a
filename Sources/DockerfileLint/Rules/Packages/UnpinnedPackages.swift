import Diagnostics
import DockerfileSyntax
import SourceText

/// Packages without a version: one finding for a RUN, at the first of them, with the others as notes.
struct UnpinnedPackages {
  let metadata: RuleMetadata
  /// What stands between a package and its version.
  let separator: String

  /// Reports the packages, if there are any.
  func report(_ packages: [ShellCommand.Argument], of instruction: Instruction, _ findings: inout Findings) {
    guard let first = packages.first else { return }
    findings.report(
      Diagnostic(
        metadata.code, metadata.severity,
        "`\(first.text)` has no version, so the image depends on the day on which it is built",
        at: first.range,
        notes: packages.dropFirst().map { Note("`\($0.text)` has no version either", at: $0.range) },
        help: "write the version that you test with behind it: `\(first.text)\(separator)<version>`"),
      at: instruction.index)
  }
}

extension PackageCall {
  /// The words behind the call that name packages: neither flags, nor values of flags, nor verbs.
  ///
  /// - Parameters:
  ///   - values: the flags whose values hadolint leaves out.
  ///   - others: more flags that take a value; they count where hadolint's verdict does not.
  func packages(
    without verbs: [String], values: Set<Substring>, others: Set<Substring>, _ context: LintContext
  ) -> [ShellCommand.Argument] {
    let isStrict = context.isStrict
    return command.plainArguments(droppingValuesOf: values, isStrict ? [] : others).filter {
      !verbs.contains($0.text) && (isStrict || $0.text != "--")
    }
  }
}
