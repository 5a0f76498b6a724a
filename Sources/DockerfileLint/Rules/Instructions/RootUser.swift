import Diagnostics
package import DockerfileSyntax

/// DL3002: a stage whose last USER is root.
package struct RootUser: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3002", "root-user"), .warning, visits: [.from, .user],
    summary: "a stage whose last USER is root")

  private var isInStage = false
  /// The last USER of the stage, when it is root.
  private var root: (instruction: Instruction, user: Word)?

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from:
      finish(context, &findings)
      isInStage = true
    case .user(let user?) where isInStage:
      root = Self.isRoot(user, instruction, context) ? (instruction, user) : nil
    default: break
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    guard let (instruction, user) = root else { return }
    root = nil
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the last USER of the stage is root, so programs in the container run as root",
        at: user.range, help: "end the stage with a USER that has no more rights than the program needs"),
      at: instruction.index)
  }

  private static func isRoot(_ user: Word, _ instruction: Instruction, _ context: LintContext) -> Bool {
    let text = context.isStrict ? user.bytes[...] : user.unquoted
    if text.starts(with: "root:".utf8) || text.starts(with: "0:".utf8) { return true }
    if context.isStrict, context.hasTrailingBlanks(instruction) { return false }
    return text.elementsEqual("root".utf8) || text.elementsEqual("0".utf8)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "A stage in which the last USER is `root` or `0`, with or without a group.",
      why: """
        Whoever breaks out of a program that runs as root owns the container, and often has an easier way out of it. \
        Changing to root for a while is fine; staying root is what is flagged.
        """,
      instead: "Change back to a user with few rights once the work that needs root is done.",
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/build/building/best-practices/#user",
      ],
      examples: [
        .bad(
          """
          FROM debian:12 AS build
          USER «0:0»
          FROM debian:12
          USER 1000
          USER «root»

          """),
        .good(
          """
          FROM debian:12
          USER root
          RUN make install
          USER 1000:1000

          """),
      ],
      differences: [
        HadolintDifference(
          "Quotes around a name do not make another user of it.", "FROM a:1\nUSER \"root\"\n", ours: [2],
          strict: [])
      ])
  }
}
