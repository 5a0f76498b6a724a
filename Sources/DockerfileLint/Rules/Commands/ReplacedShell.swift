import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL4005: another shell put in the place of `/bin/sh`.
package struct ReplacedShell: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL4005", "replaced-shell"), .warning, fix: .unsafe, visits: [.run],
    visitsTriggers: true, commands: ["ln"],
    summary: "`/bin/sh` replaced by a link, where SHELL chooses the shell")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let script = context.script(of: instruction) else { return }
    let links = script.commands.compactMap { command -> ShellCommand.Argument? in
      guard command.name == "ln" else { return nil }
      if context.isStrict { return command.arguments.first { $0.text == "/bin/sh" } }
      // With one name only, the link is made in the working directory.
      let words = command.plainArguments
      return words.count > 1 && words.last?.text == "/bin/sh" ? words.last : nil
    }
    findings.report(
      Self.metadata,
      "the link changes `/bin/sh` for all programs; SHELL chooses the shell of the build alone",
      atEach: links.map(\.range), note: "replaced again here",
      help: "write a SHELL instruction, like `SHELL [\"/bin/bash\", \"-c\"]`",
      fixIt: fixIt(script, instruction, context), in: instruction)
  }

  /// SHELL in place of a RUN that does nothing but replace the shell by one of another path.
  private func fixIt(_ script: RunScript, _ instruction: Instruction, _ context: LintContext) -> FixIt? {
    guard !context.isTrigger(instruction), instruction.heredocs.isEmpty, instruction.flags.isEmpty,
      script.pipes.isEmpty, let link = script.commands.last, link.name == "ln"
    else { return nil }
    let others = script.commands.dropLast()
    guard others.allSatisfy({ $0.name == "rm" && $0.plainArguments.map(\.text) == ["/bin/sh"] }),
      others.count < 2
    else { return nil }
    let words = link.plainArguments
    guard words.count == 2, words[1].text == "/bin/sh", words.allSatisfy(\.isVerbatim),
      let shell = Self.path(words[0].text)
    else { return nil }
    let keyword = context.keyword(.shell, like: instruction.syntax.keyword)
    return FixIt(
      "choose the shell with SHELL", .unsafe,
      [Edit(instruction.range, "\(keyword) [\"\(shell)\", \"-c\"]")])
  }

  /// The path of a shell that a link names.
  private static func path(_ target: String) -> String? {
    switch target {
    case "bash", "/bin/bash": "/bin/bash"
    case "/usr/bin/bash": "/usr/bin/bash"
    case "zsh", "/bin/zsh": "/bin/zsh"
    case "ash", "/bin/ash": "/bin/ash"
    case "dash", "/bin/dash": "/bin/dash"
    default: nil
    }
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "`ln` with `/bin/sh` as the link that is made.",
      why: """
        `/bin/sh` belongs to the distribution, and its scripts and programs expect the shell that it came with. An update \
        of the package puts the old link back, and the RUNs below then run in another shell than the one they were \
        written for.
        """,
      instead:
        "Write `SHELL [\"/bin/bash\", \"-c\"]`; it holds for the RUN, CMD and ENTRYPOINT instructions below.",
      fixSafety: """
        Unsafe: a RUN that does nothing but replace `/bin/sh` becomes a SHELL instruction. Programs in the image that start \
        `/bin/sh` then get the distribution's shell.
        """,
      sources: [
        "https://github.com/hadolint/hadolint", "https://docs.docker.com/reference/dockerfile/#shell",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN rm /bin/sh && ln -s /bin/bash «/bin/sh»
          RUN echo 1 && ln -sf bash «/bin/sh»

          """,
          unsafelyFixed: """
            FROM debian:12
            SHELL ["/bin/bash", "-c"]
            RUN echo 1 && ln -sf bash /bin/sh

            """),
        .good(
          """
          FROM debian:12
          SHELL ["/bin/bash", "-c"]
          RUN ln -s /opt/app/bin/app /usr/local/bin/app

          """),
      ],
      differences: [
        HadolintDifference(
          "here `/bin/sh` stays as it is, and something else points to it",
          "FROM a:1\nRUN ln -s /bin/sh /usr/local/bin/ash\n", ours: [], strict: [2]),
        .hidden("ln -sf bash /bin/sh"),
      ])
  }
}
