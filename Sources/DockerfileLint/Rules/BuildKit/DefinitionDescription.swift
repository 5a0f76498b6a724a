import Diagnostics
package import DockerfileSyntax
import SourceText

/// InvalidDefinitionDescription: the comment above an ARG or a stage does not start with its name.
package struct DefinitionDescription: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("InvalidDefinitionDescription", "invalid-definition-description"), .warning, isOff: true,
    fix: .safe, visits: [.arg, .from],
    summary: "a comment above an ARG or a stage that starts with another word")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    let names: [[UInt8]]
    let place: ByteRange
    switch instruction.details {
    case .arg(let arguments):
      names = arguments.map(\.name.bytes)
      place = arguments.first?.name.range ?? instruction.syntax.keyword
    case .from(let from):
      names = from.name.map { [$0.bytes.map(\.asciiLowercased)] } ?? []
      place = from.name?.range ?? instruction.syntax.keyword
    default: return
    }
    guard !names.isEmpty, let comment = comment(above: instruction, context) else { return }
    let word = comment.text.prefix { $0 != 0x20 }
    guard !names.contains(where: { $0.elementsEqual(word) }) else { return }
    let name = names.count == 1 ? String(decoding: names[0], as: UTF8.self) : "NAME"
    let line = context.lines.range(ofLine: context.line(of: instruction))
    let before = context.dockerfile.source.bytes(in: ByteRange(0, line.lower))
    let ending = before.suffix(2).elementsEqual([0x0D, 0x0A]) ? "#\r\n" : "#\n"
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "the comment above is taken for the description of `\(name)`, but does not start with that name",
        at: place, notes: [Note("the comment", at: comment.range)],
        help: "write `# \(name) …`, or a line with nothing but `#` in between if it describes something else",
        fixIts: [
          FixIt(
            "set the comment off with an empty one", .safe, [Edit(ByteRange(line.lower, line.lower), ending)])
        ].compactMap(\.self)),
      at: instruction.index)
  }

  /// The text of the last comment above an instruction, and its place; nil for one that is meant for a program.
  private func comment(
    above instruction: Instruction, _ context: LintContext
  ) -> (text: ArraySlice<UInt8>, range: ByteRange)? {
    let tree = context.tree
    guard
      let token = instruction.syntax.leadingComments.indices.last(where: { tree.tokens[$0].kind == .comment })
    else { return nil }
    let range = tree.range(ofToken: token)
    let text = tree.source.bytes(in: range).dropFirst().drop(while: \.isASCIISpace)
    for program in ["hadolint", "check", "slipway"] where text.starts(with: program.utf8) {
      let rest = text.dropFirst(program.utf8.count).drop(while: \.isASCIISpace)
      if rest.first == 0x3D || rest.starts(with: "ignore".utf8) || rest.starts(with: "shell".utf8) {
        return nil
      }
    }
    return (text, range)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what: """
        A comment directly above an ARG or a FROM with a name whose first word is not that name (one of the names, for \
        an ARG with several). Comments for a linter are left alone. Off by default, as in BuildKit, where it is experimental: \
        `# check=experimental=InvalidDefinitionDescription` switches it on.
        """,
      why: "`docker build --call=outline` shows such comments as the descriptions of arguments and stages.",
      instead: "Start the comment with the name, or set it off with an empty line or an empty comment.",
      fixSafety: "Always safe: an empty comment is put below the comment.",
      sources: ["https://docs.docker.com/reference/build-checks/invalid-definition-description/"],
      examples: [
        .bad(
          """
          ‹# the version of the base image›
          ARG «VERSION»=12
          ‹# compiles›
          FROM debian:${VERSION} AS «build»

          """,
          fixed: """
            # the version of the base image
            #
            ARG VERSION=12
            # compiles
            #
            FROM debian:${VERSION} AS build

            """),
        .good(
          """
          # VERSION is the version of the base image
          ARG VERSION=12

          # what follows compiles

          FROM debian:${VERSION} AS build
          # hadolint ignore=DL3006
          FROM debian AS run

          """),
      ])
  }
}
