import Diagnostics
import DockerfileSyntax
import SourceText

/// Comments that silence findings: `# hadolint ignore=DL3006,DF002 # why`, directly above the instruction.
///
/// The reach is hadolint's: only the line above counts, a blank line or another comment between the two ends it, and
/// findings anywhere in the instruction are covered. A parse error cannot be silenced.
enum Pragmas {
  /// The findings that no comment silences.
  static func filtered(_ entries: [Findings.Entry], _ context: LintContext) -> [Findings.Entry] {
    entries.filter { entry in
      guard let instruction = entry.instruction, entry.diagnostic.code != .parseError else { return true }
      return !ignored(above: instruction, context).contains(entry.diagnostic.code.id)
    }
  }

  /// The ids that the comment directly above an instruction names.
  private static func ignored(above instruction: Int, _ context: LintContext) -> [String] {
    let tree = context.tree
    // The comments of an instruction stand right above it, so the last of them is the line before.
    guard
      let token = tree.instructions[instruction].leadingComments.indices.last(where: {
        tree.tokens[$0].kind == .comment
      })
    else { return [] }
    let text = String(decoding: tree.source.bytes(in: tree.range(ofToken: token)), as: UTF8.self)
    return ids(in: text).flatMap { RuleRegistry.canonicalIDs(for: $0) }
  }

  /// The names in a comment of the form `# hadolint ignore=A,B # why`; none when it has another form.
  static func ids(in comment: String) -> [String] {
    var text = Substring(comment)
    guard text.popFirst() == "#" else { return [] }
    let pragma = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let halves = pragma.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2, halves[0].split(whereSeparator: \.isBlank) == ["hadolint", "ignore"] else {
      return []
    }
    let names = halves[1].split(separator: ",", omittingEmptySubsequences: false).map { name in
      name.split(whereSeparator: \.isBlank)
    }
    guard names.allSatisfy({ $0.count == 1 }) else { return [] }
    return names.map { String($0[0]) }
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\r" }
}
