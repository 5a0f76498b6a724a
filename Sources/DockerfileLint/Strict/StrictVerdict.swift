import Diagnostics
import DockerfileSyntax
import SourceText

/// What hadolint would say: its rules alone, and every finding at the start of the line in which its instruction starts.
enum StrictVerdict {
  /// The one finding of a file that hadolint cannot read: nothing silences it or changes its weight.
  static func refusal(_ context: LintContext) -> Findings.Entry? {
    guard let error = HadolintGrammar.firstError(in: context.dockerfile.source) else { return nil }
    let diagnostic = Diagnostic(
      .parseError, .error, "hadolint stops reading here, and says nothing about the rest of the file",
      at: ByteRange(error.offset, error.offset))
    return Findings.Entry(diagnostic: diagnostic, instruction: nil)
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
