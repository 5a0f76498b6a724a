import Diagnostics
import DockerfileSyntax
import SourceText

/// What hadolint would say: its rules alone, and every finding at the start of the line in which its instruction starts.
enum StrictVerdict {
  static func verdict(_ entries: [Findings.Entry], _ context: LintContext) -> [Findings.Entry] {
    entries.compactMap { entry in
      let id = entry.diagnostic.code.id
      guard id.hasPrefix("DL") || id.hasPrefix("SC") else { return nil }
      guard let instruction = entry.instruction else { return entry }
      var entry = entry
      let syntax = context.dockerfile.instructions[instruction].syntax
      let line = context.lines.range(ofLine: context.lines.line(of: syntax.keyword.lower))
      entry.diagnostic.range = ByteRange(line.lower, syntax.keyword.upper)
      return entry
    }
  }
}
