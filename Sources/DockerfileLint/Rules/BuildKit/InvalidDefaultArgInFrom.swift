import Diagnostics
package import DockerfileSyntax
import SourceText

/// InvalidDefaultArgInFrom: FROM that names no image when no build argument is given.
package struct InvalidDefaultArgInFrom: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("InvalidDefaultArgInFrom", "invalid-default-arg-in-from"), .warning, visits: [.from],
    summary: "FROM that names no image when no build argument is given")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let word = from.image, word.hasVariable else { return }
    let escape = context.tree.escape
    let bases = context.stageBases
    let uses = VariableUse.all(in: word, options: WordTemplate.Options(escape: escape))
    // Without one it is a matter of what is not declared, or of what is written.
    guard let argument = uses.first(where: { bases.globals.values[$0.name] != nil }),
      case .known(let name) = bases.defaults.text(of: word, escape: escape, emptyArguments: true),
      let problem = ImageNameProblem(name)
    else { return }
    let isEmpty = bases.globals.values[argument.name] == .declared
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        name.isEmpty
          ? "without build arguments no image is named here"
          : "without build arguments the image is `\(String(decoding: name.prefix(100), as: UTF8.self))`: \(problem.clause)",
        at: word.range,
        help: isEmpty
          ? "give `ARG \(argument.nameString)` a default, or write `${\(argument.nameString):-value}` here"
          : "give the ARGs defaults that make the name of an image together"),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        FROM with a variable of an ARG above, whose image has an empty or an impossible name when every ARG has its \
        default, or nothing where it has none.
        """,
      why: "The file can only be built by those who know which arguments to give.",
      instead: "Give the ARG a default that works.",
      sources: ["https://docs.docker.com/reference/build-checks/invalid-default-arg-in-from/"],
      examples: [
        .bad(
          """
          ARG IMAGE
          ARG VERSION
          ARG SUFFIX="box:"
          FROM «$IMAGE» AS one
          FROM «node:$VERSION» AS two
          FROM «busy${SUFFIX}»

          """),
        .good(
          """
          ARG VERSION=22
          ARG VARIANT
          FROM node:${VERSION}${VARIANT} AS one
          FROM node:${VARIANT:-slim}

          """),
      ])
  }
}
