import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3004: `sudo` in RUN.
package struct Sudo: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3004", "sudo"), .error, fix: .safe, visits: [.run, .user, .from],
    visitsTriggers: true, commands: ["sudo"], summary: "`sudo` in RUN")

  /// Who the commands of a RUN belong to.
  private enum User {
    case root
    case other
    /// That of an image.
    case ofImage(String)
    case unknown
  }
  private var user = StageFact(User.unknown)

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    switch instruction.details {
    case .from: user.startStage(context) { $0.map { .ofImage($0) } ?? .unknown }
    case .user(let word?): user.current = Self.user(word.string)
    case .run: check(instruction, context, &findings)
    default: break
    }
  }

  private static func user(_ text: String) -> User {
    let name = text.utf8.prefix { $0 != 0x3A }
    if name.isEmpty || name.contains(0x24) { return name.isEmpty ? .root : .unknown }
    return name.elementsEqual("root".utf8) || name.elementsEqual("0".utf8) ? .root : .other
  }

  private func check(_ instruction: Instruction, _ context: LintContext, _ findings: inout Findings) {
    guard let script = context.script(of: instruction) else { return }
    let commands = script.commands.filter { $0.name == "sudo" }
    guard !commands.isEmpty else { return }
    var user = user.current
    if case .ofImage(let image) = user {
      user =
        image == "scratch"
        ? .root : context.environment.imageFacts(image).map { Self.user($0.user) } ?? .unknown
    }
    var applicability = Applicability.unsafe
    var help = "leave it out; where it is needed, put `USER root` above"
    var edits: [Edit] = []
    if case .other = user {
      help = "put `USER root` above this instruction, and the other user back behind it"
    } else {
      if case .root = user { applicability = .safe }
      for command in commands {
        guard let (edit, hasOptions) = Self.removal(of: command, instruction, context) else { continue }
        edits.append(edit)
        if hasOptions { applicability = .unsafe }
      }
    }
    findings.report(
      Self.metadata,
      "`sudo` is for people at a terminal: a build has its user from USER, and `sudo` changes the environment and how signals arrive",
      atEach: commands.map(\.nameRange), note: "`sudo` here too", help: help,
      fixIt: FixIt("leave out `sudo`", applicability, edits), in: instruction)
  }

  /// The edit that takes `sudo` away, and whether options go with it that have a meaning of their own.
  private static func removal(
    of command: ShellCommand, _ instruction: Instruction, _ context: LintContext
  ) -> (Edit, hasOptions: Bool)? {
    guard case .run(let run) = instruction.details, !run.command.isExec,
      context.has("sudo", at: command.nameRange)
    else { return nil }
    var end = command.nameRange.upper
    var hasOptions = false
    for argument in command.arguments {
      guard argument.isVerbatim, context.isBlank(ByteRange(end, argument.range.lower)) else { return nil }
      end = argument.range.upper
      if argument.text.utf8.first == 0x2D {
        guard argument.text.utf8.count > 1,
          argument.text.utf8.dropFirst().allSatisfy({ "EHn".utf8.contains($0) })
        else { return nil }
        hasOptions = true
        continue
      }
      guard !argument.text.utf8.contains(0x3D), !reserved.contains(argument.text) else { return nil }
      return (Edit(ByteRange(command.nameRange.lower, argument.range.lower), ""), hasOptions)
    }
    return nil
  }

  /// Words that mean something else where a command starts.
  private static let reserved: Set<String> = [
    "!", "[[", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "select",
    "then", "time", "until", "while", "{", "}",
  ]

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: "The command `sudo` anywhere in RUN, also inside ONBUILD. To install it is fine.",
      why: """
        RUN already runs as the user that USER sets, which is root unless something else is said. `sudo` adds a process \
        that sits between the shell and the command, takes most of the environment away, asks for a password where it is \
        not set up, and is one more program with special rights in the image.
        """,
      instead:
        "Leave it out. Where another user is set, write `USER root` above the RUN and the other user below it.",
      fixSafety: """
        Safe when the user is known to be root, from USER or from the base image, and `sudo` has no options. Unsafe when \
        the user is not known, or with the options `-E`, `-H` and `-n`. With other options, with variables, and for a user \
        that is not root there is no fix.
        """,
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://docs.docker.com/build/building/best-practices/#user",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          RUN «sudo» -E make install
          USER root
          RUN «sudo» apt-get update && \\
              ‹sudo› apt-get upgrade
          USER app
          RUN «sudo» chown app /srv

          """,
          fixed: """
            FROM debian:12
            RUN sudo -E make install
            USER root
            RUN apt-get update && \\
                apt-get upgrade
            USER app
            RUN sudo chown app /srv

            """,
          unsafelyFixed: """
            FROM debian:12
            RUN make install
            USER root
            RUN apt-get update && \\
                apt-get upgrade
            USER app
            RUN sudo chown app /srv

            """),
        .good(
          """
          FROM debian:12
          RUN apt-get update && apt-get install -y --no-install-recommends sudo=1.9.13p3-1

          """),
      ],
      differences: [
        HadolintDifference(
          "a script that is handed to a shell, in quotes or as a here-document, is a script too",
          "FROM a:1\nRUN sh -c \"sudo make && make\"\nRUN bash -e <<E\nsudo make\nE\n", ours: [2, 4],
          strict: [])
      ])
  }
}
