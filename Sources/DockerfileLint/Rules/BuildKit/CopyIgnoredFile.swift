import Diagnostics
package import DockerfileSyntax
import SourceText

/// CopyIgnoredFile: COPY or ADD of what the ignore file leaves out.
package struct CopyIgnoredFile: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("CopyIgnoredFile", "copy-ignored-file"), .warning, visits: [.copy, .add],
    summary: "COPY or ADD of what `.dockerignore` leaves out")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let verdict = context.environment.ignoredPath else { return }
    let transfer: Transfer
    switch instruction.details {
    case .copy(let copy) where instruction.flag("from") == nil: transfer = copy
    case .add(let add): transfer = add
    default: return
    }
    let escape = context.tree.escape
    for word in transfer.paths {
      let values =
        word.hasVariable ? context.variables.before(instruction.index) : VariableValues(isComplete: true)
      guard case .known(let bytes) = values.text(of: word, escape: escape), !bytes.isEmpty,
        !RemoteSource.isRemote(bytes)
      else { continue }
      let path = String(decoding: bytes, as: UTF8.self)
      guard verdict(path) == .ignored else { continue }
      findings.report(
        Diagnostic(
          Self.metadata.code, .warning,
          "`.dockerignore` leaves `\(path)` out of the context, so there is nothing here to copy",
          at: word.range,
          help: "take the pattern out of the ignore file, or add `!\(path)` below it"),
        at: instruction.index)
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A local source of COPY (without `--from`) or ADD that a pattern of the ignore file matches, itself or by a folder \
        above it, and that no `!` pattern can take in again. The ignore file is `.dockerignore` in the folder of the \
        Dockerfile, or NAME.dockerignore beside a Dockerfile of the name NAME. BuildKit says nothing as soon as there is a \
        `!` pattern at all.
        """,
      why: "The build fails: what is ignored is not sent to the builder.",
      instead: "Change the ignore file, or copy something else.",
      sources: ["https://docs.docker.com/reference/build-checks/copy-ignored-file/"],
      examples: Self.examples)
  }

  /// Beside these files lies a `.dockerignore` with the line `secret`.
  private static let environment = LintEnvironment(ignoredPath: { $0 == "secret/key" ? .ignored : .kept })

  private static let examples: [RuleExample] = [
    .bad(
      """
      FROM debian:12
      COPY README.md «secret/key» /app/

      """, environment: environment),
    .good(
      """
      FROM debian:12 AS build
      COPY README.md /app/
      FROM debian:12
      COPY --from=build secret/key /app/

      """, environment: environment),
  ]
}
