import Diagnostics
package import DockerfileSyntax

/// DL3002: a stage whose last USER is root.
package struct RootUser: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3002", "root-user"), .warning, visits: [.from, .user, .onbuild],
    summary: "a stage whose last USER is root")

  private var isInStage = false
  /// The last USER of the stage, when it is root.
  private var root: (instruction: Instruction, user: Word)?
  /// The last USER that the stage hands on with ONBUILD, when it is root.
  private var rootTrigger: (instruction: Instruction, user: Word)?

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
    case .onbuild(let trigger?):
      guard isInStage, !context.isStrict, case .user(let user?) = trigger.details else { break }
      rootTrigger = Self.isRoot(user, trigger, context) ? (trigger, user) : nil
    default: break
    }
  }

  package mutating func finish(_ context: LintContext, _ findings: inout Findings) {
    if let root { report("the stage", root, &findings) }
    if let rootTrigger { report("what the stage hands on", rootTrigger, &findings) }
    root = nil
    rootTrigger = nil
  }

  private func report(
    _ owner: String, _ place: (instruction: Instruction, user: Word), _ findings: inout Findings
  ) {
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the last USER of \(owner) is root, so programs in the container run as root",
        at: place.user.range, help: "end it with a USER that has no more rights than the program needs"),
      at: place.instruction.index)
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
          strict: []),
        HadolintDifference(
          "A USER that a stage hands on with ONBUILD is the user of the images that are built on it.",
          "FROM a:1\nONBUILD USER root\n", ours: [2], strict: []),
      ])
  }
}
