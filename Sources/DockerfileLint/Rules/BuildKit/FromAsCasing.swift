import Diagnostics
package import DockerfileSyntax
import SourceText

/// FromAsCasing: AS in another letter case than the FROM before it.
package struct FromAsCasing: Rule {
  package static let metadata = RuleMetadata(
    DiagnosticCode("FromAsCasing", "from-as-casing"), .warning, fix: .safe, visits: [.from],
    summary: "AS in another letter case than its FROM")

  package init() {}

  package mutating func visit(
    _ instruction: Instruction, _ context: LintContext, _ findings: inout Findings
  ) {
    guard case .from(let from) = instruction.details, let word = from.asKeyword, from.name != nil else {
      return
    }
    // A FROM of mixed case is a matter of its own.
    let keyword = LetterCase(context.tree.cooked(instruction.syntax.keyword))
    guard keyword != .mixed, LetterCase(word.bytes) != keyword else { return }
    let replacement = keyword == .lower ? "as" : "AS"
    let fixIt = word.isVerbatim ? FixIt("write \(replacement)", .safe, [Edit(word.range, replacement)]) : nil
    findings.report(
      Diagnostic(
        Self.metadata.code, .warning,
        "`\(word.string)` and the \(keyword == .lower ? "`from`" : "`FROM`") before it differ in letter case",
        at: word.range, fixIts: [fixIt].compactMap(\.self)),
      at: instruction.index)
  }

  package static var documentation: RuleDocumentation {
    RuleDocumentation(
      what:
        "`as` behind `FROM`, or `AS` behind `from`. A FROM that mixes capitals and small letters is left alone.",
      why: "The two words are one instruction, and a file reads better when keywords look alike.",
      instead: "Write both in the same case.",
      fixSafety: "Always safe: the build does not mind the letter case.",
      sources: ["https://docs.docker.com/reference/build-checks/from-as-casing/"],
      examples: [
        .bad(
          """
          FROM node:22 «as» build
          from debian:12 «AS» run

          """,
          fixed: """
            FROM node:22 AS build
            from debian:12 as run

            """),
        .good(
          """
          FROM node:22 AS build
          FROM debian:12

          """),
      ])
  }
}

/// The letter case of a keyword.
enum LetterCase {
  case lower
  case upper
  case mixed

  /// Letters that are not ASCII do not count; no keyword has any.
  init(_ word: some Sequence<UInt8>) {
    var hasLower = false
    var hasUpper = false
    for byte in word where byte.isASCIILetter {
      if byte & 0x20 != 0 { hasLower = true } else { hasUpper = true }
    }
    self = hasLower && hasUpper ? .mixed : hasLower ? .lower : .upper
  }
}
