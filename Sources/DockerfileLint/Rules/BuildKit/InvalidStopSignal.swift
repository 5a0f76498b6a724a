import Diagnostics
package import DockerfileSyntax
import SourceText

/// DF120: STOPSIGNAL with something that is no signal.
package struct InvalidStopSignal: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DF120", "invalid-stop-signal"), .error, fix: .unsafe, visits: [.stopsignal],
    summary: "STOPSIGNAL with something that is no signal")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .stopsignal(let word?) = instruction.details else { return }
    let values =
      word.hasVariable ? context.variables.before(instruction.index) : VariableValues(isComplete: true)
    guard case .known(let bytes) = values.text(of: word, escape: context.tree.escape) else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    guard !isSignal(text), Int(text).map({ $0 >= 0 }) ?? true else { return }
    let candidate = nearest(to: bytes, among: Self.common)?.candidate
    let fixIt = candidate.flatMap { name in
      word.isVerbatim ? FixIt("write \(name)", .unsafe, [Edit(word.range, name)]) : nil
    }
    let hint = candidate.map { "; did you mean \($0)?" } ?? ""
    findings.report(
      Diagnostic(
        Self.metadata.code, .error, "`\(text.prefix(60))` is no signal\(hint)", at: word.range,
        help: candidate == nil ? "write a name like SIGTERM, or a number" : nil,
        fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  /// The signals that ask a program to end or to do something of its own.
  private static let common = [
    "SIGABRT", "SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH",
  ]

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "STOPSIGNAL whose argument is neither a number above 0 nor the name of a signal of Linux.",
      why: "The build stops there.",
      instead: "Write a name, with or without SIG before it.",
      fixSafety: "Unsafe: it writes the name of the usual signal that comes nearest.",
      sources: [
        "https://docs.docker.com/reference/dockerfile/#stopsignal",
        "https://man7.org/linux/man-pages/man7/signal.7.html",
      ],
      examples: [
        .bad(
          """
          FROM debian:12 AS one
          STOPSIGNAL «SIGTREM»
          FROM debian:12
          STOPSIGNAL «stop please»

          """,
          unsafelyFixed: """
            FROM debian:12 AS one
            STOPSIGNAL SIGTERM
            FROM debian:12
            STOPSIGNAL stop please

            """),
        .good(
          """
          FROM debian:12 AS one
          STOPSIGNAL quit
          FROM debian:12
          STOPSIGNAL SIGRTMIN+3

          """),
      ])
  }
}
