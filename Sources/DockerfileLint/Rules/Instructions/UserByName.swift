import Diagnostics
package import DockerfileSyntax
import SourceText

/// DL3066: USER with a name in place of a number.
package struct UserByName: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("DL3066", "user-by-name"), .info, visits: [.user, .arg, .env, .from],
    summary: "USER with a name in place of a number")

  /// The names of ARG so far.
  private var arguments: Set<[UInt8]> = []
  private var variables = KnownVariables()

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    if !context.isStrict { variables.visit(instruction, context) }
    switch instruction.details {
    case .arg(let assignments):
      for assignment in context.isStrict ? assignments[..<min(1, assignments.count)] : assignments[...] {
        arguments.insert(assignment.name.bytes)
      }
    case .user(let user?) where !isNumber(user, instruction, context) && !context.isMisplaced(instruction):
      findings.report(
        Diagnostic(
          Self.metadata.code, .info,
          "only the image knows which user `\(user.string)` is; a number says it to everybody",
          at: user.range, help: "write the user's number"),
        at: instruction.index)
    default: break
    }
  }

  private func isNumber(_ user: Word, _ instruction: Instruction, _ context: LintContext) -> Bool {
    if context.isStrict {
      let hasBlanks = context.hasTrailingBlanks(instruction) && !user.bytes.contains(0x3A)
      return (Self.isNumber(user.bytes) && !hasBlanks) || mentionsArgument(user.bytes)
    }
    if Self.isNumber(Array(user.unquoted)) { return true }
    guard user.hasVariable else { return false }
    let options = WordTemplate.Options(escape: context.tree.escape)
    let references = WordTemplate(user.bytes, options: options).variables
    if references.contains(where: { arguments.contains($0.name) }) { return true }
    return variables.expand(user.bytes, context).map(Self.isNumber) ?? false
  }

  private static func isNumber(_ user: [UInt8]) -> Bool {
    user.prefix { $0 != 0x3A }.allSatisfy(\.isASCIIDigit)
  }

  /// Whether `${A}` or `$A` stands in a text for a known argument; `$AB` counts for `A`, too.
  private func mentionsArgument(_ text: [UInt8]) -> Bool {
    for dollar in text.indices where text[dollar] == 0x24 {
      var start = dollar + 1
      let hasBrace = start < text.count && text[start] == 0x7B
      if hasBrace { start += 1 }
      var name: [UInt8] = []
      for byte in text[start...].prefix(256) {
        if hasBrace ? byte == 0x7D : arguments.contains(name) { break }
        name.append(byte)
      }
      if arguments.contains(name), !hasBrace || text[start...].dropFirst(name.count).first == 0x7D {
        return true
      }
    }
    return false
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "USER with anything but a number before the colon, unless an ARG or an ENV that is a number says who it is.",
      why: """
        The name is looked up in the image when the container starts. What looks at the image from outside, such as \
        Kubernetes with `runAsNonRoot`, cannot tell whether it is root, and a volume's files belong to numbers.
        """,
      instead: "Write the user's number. It is in /etc/passwd, or chosen with `useradd --uid`.",
      sources: [
        "https://github.com/hadolint/hadolint",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
      ],
      examples: [
        .bad(
          """
          FROM debian:12
          USER «app»
          USER «app:1000»
          USER «$WHO»

          """),
        .good(
          """
          FROM debian:12
          ARG WHO
          USER $WHO
          USER 1000
          USER 1000:app

          """),
      ],
      differences: [
        HadolintDifference(
          "A path is no user: what is wrong with it is another finding.", "FROM a:1\nUSER /app\n", ours: [],
          strict: [2]),
        HadolintDifference(
          "A default value does not change which variable is meant.", "FROM a:1\nARG A\nUSER ${A:-1}\n",
          ours: [],
          strict: [3]),
        HadolintDifference(
          "An ENV with a number is as good as the number.", "FROM a:1\nENV A=1\nUSER $A\n", ours: [],
          strict: [3]),
        HadolintDifference(
          "Quotes do not make a name of a number.", "FROM a:1\nUSER \"1\"\n", ours: [], strict: [2]),
      ])
  }
}
