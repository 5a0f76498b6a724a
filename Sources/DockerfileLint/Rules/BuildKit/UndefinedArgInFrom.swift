import Diagnostics
package import DockerfileSyntax
import SourceText

/// UndefinedArgInFrom: FROM with a variable that no ARG above the first FROM declares.
package struct UndefinedArgInFrom: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("UndefinedArgInFrom", "undefined-arg-in-from"), .warning, fix: .unsafe, visits: [.from],
    summary: "FROM with a variable that no ARG above the first FROM declares")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details else { return }
    let options = WordTemplate.Options(escape: context.tree.escape)
    var seen: Set<[UInt8]> = []
    for word in [from.platform, from.image].compactMap(\.self) {
      for use in VariableUse.all(in: word, options: options) {
        guard !StageBases.predefinedNames.contains(use.name), !isDeclared(use.name, context),
          seen.insert(use.name).inserted
        else { continue }
        report(use, instruction, context, &findings)
      }
    }
  }

  private func isDeclared(_ name: [UInt8], _ context: LintContext) -> Bool {
    context.stageBases.globals.values[name] != nil
  }

  private func report(
    _ use: VariableUse, _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let names = context.stageBases.argumentNames.map { String(decoding: $0, as: UTF8.self) }
    let suggestion = use.suggestion(among: names + StageBases.predefined.map(\.name))
    let hint = suggestion.map { "; did you mean `\($0.text)`?" } ?? ""
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "no ARG above the first FROM declares `\(use.nameString)`, so it never has a value\(hint)",
        at: use.range,
        help: suggestion == nil ? "write `ARG \(use.nameString)=…` above the first FROM" : nil,
        fixIts: [suggestion?.fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A variable in the image or in `--platform` of FROM that neither an ARG above the first FROM declares nor the \
        build defines (`TARGETPLATFORM`, `BUILDARCH` and their like).
        """,
      why: """
        Such a variable is empty, and `--build-arg` cannot give it a value. An ARG inside a stage does not count: it holds \
        for that stage only.
        """,
      instead: "Declare it with ARG above the first FROM.",
      fixSafety: "Unsafe: it writes the declared name that comes nearest.",
      sources: ["https://docs.docker.com/reference/build-checks/undefined-arg-in-from/"],
      examples: [
        .bad(
          """
          ARG VERSION=22
          FROM --platform=«$BULIDPLATFORM» node:«${VERSOIN}» AS build
          ARG VARIANT=slim
          FROM debian:12-«${VARIANT}»

          """,
          unsafelyFixed: """
            ARG VERSION=22
            FROM --platform=$BUILDPLATFORM node:${VERSION} AS build
            ARG VARIANT=slim
            FROM debian:12-${VARIANT}

            """),
        .good(
          """
          ARG VERSION=22
          ARG SUFFIX
          FROM --platform=$BUILDPLATFORM node:${VERSION}${SUFFIX}

          """),
      ])
  }
}
