import Diagnostics
import DockerfileSyntax
import SourceText

/// What hadolint would say: its rules alone, and every finding at the start of the line in which its instruction starts.
enum StrictVerdict {
  /// The one finding of a file that hadolint cannot read: nothing silences it or changes its weight.
  static func refusal(_ source: Source) -> Findings.Entry? {
    guard let error = HadolintGrammar.firstError(in: source) else { return nil }
    let diagnostic = Diagnostic(
      .parseError, .error, "hadolint stops reading here, and says nothing about the rest of the file",
      at: ByteRange(error.offset, error.offset))
    return Findings.Entry(diagnostic: diagnostic, instruction: nil)
  }

  /// The file as hadolint reads it: what it reads to its end has no open here-documents to it.
  static func reading(_ dockerfile: Dockerfile) -> Dockerfile {
    guard dockerfile.problems.contains(where: { $0.kind == .syntax(.unterminatedHeredoc) }) else {
      return dockerfile
    }
    return Dockerfile(SyntaxTree.parseWithoutOpenHeredocs(dockerfile.source))
  }

  static func verdict(_ entries: [Findings.Entry], _ context: LintContext) -> [Findings.Entry] {
    entries.compactMap { entry in
      let id = entry.diagnostic.code.id
      // What hadolint reads without complaint is no error of the grammar to it.
      guard id.hasPrefix("DL") || id.hasPrefix("SC"), id != "DL1000" else { return nil }
      guard let instruction = entry.instruction else { return entry }
      var entry = entry
      let syntax = context.dockerfile.instructions[instruction].syntax
      let line = context.lines.range(ofLine: context.lines.line(of: syntax.keyword.lower))
      entry.diagnostic.range = ByteRange(line.lower, syntax.keyword.upper)
      return entry
    }
  }
}
