import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3025: CMD, ENTRYPOINT or a health check in shell form.
package struct ShellFormCommand: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3025", "shell-form-command"), .warning, buildkit: "JSONArgsRecommended", fix: .safe,
    visits: [.cmd, .entrypoint, .healthcheck, .shell, .from], visitsTriggers: true,
    summary: "CMD or ENTRYPOINT that starts a shell first")

  /// The names of the stages whose shell is not `/bin/sh`.
  private var stagesWithShell: Set<String> = []
  private var stage: String?
  private var hasShell = false

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    // hadolint does not look into ONBUILD for this.
    if context.isStrict, context.isTrigger(instruction) { return }
    switch instruction.details {
    case .from(let from):
      closeStage()
      stage = from.name?.string.lowercased()
      let base = from.image?.string.lowercased() ?? ""
      // Images of Windows start cmd or PowerShell, and files for them have the backtick as escape character.
      hasShell =
        stagesWithShell.contains(base) || context.tree.escape == 0x60 || base.holds("windows")
        || base.holds("nanoserver")
    case .shell: hasShell = true
    case .cmd(let command), .entrypoint(let command):
      check(instruction, command, context, &findings)
    case .healthcheck(let check) where !check.isNone:
      self.check(instruction, check.command, context, &findings)
    default: break
    }
  }

  private mutating func closeStage() {
    if hasShell, let stage { stagesWithShell.insert(stage) }
  }

  private func check(
    _ instruction: Instruction, _ command: CommandForm, _ context: LintContext, _ findings: inout Findings
  ) {
    guard let text = shellText(instruction, command, context) else { return }
    let name = instruction.kind == .healthcheck ? "the health check" : instruction.kind.keyword
    var fixIts: [FixIt] = []
    var help: String?
    if let words = PlainCommand.words(text.bytes), let form = PlainCommand.execForm(words) {
      let isSafe = !hasShell && text.isVerbatim && !context.isTrigger(instruction)
      fixIts = [FixIt("write the exec form", isSafe ? .safe : .unsafe, [Edit(text.range, form)])].compactMap(
        \.self)
    } else if text.bytes.first == 0x5B {
      help =
        "this looks like the exec form, but is none: every word needs double quotes, with commas between them"
    } else if text.bytes.last == 0x5D, text.string.holds("[\"") {
      help =
        "the exec form is one list with the program in it: every word in double quotes, with commas between them"
    } else {
      help =
        "if it needs the shell, say so: `[\"sh\", \"-c\", \"exec …\"]`; `exec` lets the program take the shell's place"
    }
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "\(name) starts a shell, and the program in it gets no signals; the exec form starts the program itself",
        at: text.range, help: help, fixIts: fixIts),
      at: instruction.index)
  }

  /// The text for the shell; nil for the exec form. In strict mode it is hadolint that tells the two apart.
  private func shellText(_ instruction: Instruction, _ command: CommandForm, _ context: LintContext) -> Word?
  {
    guard context.isStrict else {
      if case .shell(let text) = command { return text }
      return nil
    }
    var place = ByteRange(instruction.syntax.keyword.upper, instruction.syntax.line.upper)
    if case .healthcheck(let check) = instruction.details, let type = check.type {
      place = ByteRange(type.range.upper, place.upper)
    }
    let text = context.tree.cooked(place)
    return HadolintExecForm.matches(text[...], escape: context.tree.escape)
      ? nil : Word(text, at: place, isVerbatim: false)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "CMD, ENTRYPOINT, or the command of HEALTHCHECK, not written as a JSON array of strings.",
      why: """
        The shell form runs `/bin/sh -c` with the text. The shell is then process 1: it does not pass on the signal \
        that asks the container to stop, so that the program is killed ten seconds later. An ENTRYPOINT in shell form \
        also ignores CMD and the arguments of `docker run`.
        """,
      instead:
        "Write the program and its arguments as a JSON array: every word in double quotes, with commas between.",
      fixSafety: """
        Safe when the command is made of plain words and quoted literal text on one line, and neither a SHELL \
        instruction nor a Windows image changes what the shell is. With a SHELL it is unsafe. A command with variables, \
        operators or patterns, or one that only a shell knows, gets no fix.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/reference/build-checks/json-args-recommended/",
      ],
      examples: [
        .bad(
          """
          FROM node:22
          HEALTHCHECK --interval=5s CMD «curl -f http://localhost/ || exit 1»
          ENTRYPOINT «exec node 'my server.js'»
          CMD «npm run dev»

          """,
          fixed: """
            FROM node:22
            HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1
            ENTRYPOINT ["node", "my server.js"]
            CMD ["npm", "run", "dev"]

            """),
        .bad(
          """
          FROM node:22 AS base
          SHELL ["/bin/bash", "-c"]
          FROM base
          CMD «node app.js»
          ENTRYPOINT «['node']»

          """,
          unsafelyFixed: """
            FROM node:22 AS base
            SHELL ["/bin/bash", "-c"]
            FROM base
            CMD ["node", "app.js"]
            ENTRYPOINT ['node']

            """),
        .good(
          """
          FROM node:22
          HEALTHCHECK CMD ["node", "check.js"]
          ENTRYPOINT ["node"]
          CMD ["server.js"]

          """),
      ],
      differences: [
        HadolintDifference(
          "Inside ONBUILD it is the same mistake, in the build that comes later.",
          "FROM a:1\nONBUILD CMD npm start\n", ours: [2], strict: []),
        HadolintDifference(
          "JSON has no such escape as `\\R`, so the builder takes the brackets for a shell command.",
          "FROM a:1\nCMD [\"C:\\Ruby\\ruby.exe\"]\n", ours: [2], strict: []),
        HadolintDifference(
          "A backslash at the end of a word, escaped, is good JSON.", "FROM a:1\nCMD [\"a\", \"b\\\\\"]\n",
          ours: [],
          strict: [2]),
      ])
  }
}
