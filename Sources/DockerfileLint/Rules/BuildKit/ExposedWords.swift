import DockerfileSyntax
import SourceText

/// The words of EXPOSE with their variables replaced.
enum ExposedWords {
  /// The words whose text is known, each as often as it gives one: a variable may hold several.
  ///
  /// A `#` that was meant to start a comment ends them.
  static func all(of words: [Word], at instruction: Int, _ context: LintContext) -> [(
    word: Word, text: String
  )] {
    var result: [(Word, String)] = []
    let escape = context.tree.escape
    for word in words {
      if word.bytes.first == 0x23, !result.isEmpty { break }
      let isPlain = !word.bytes.contains { $0 == 0x24 || $0 == 0x22 || $0 == 0x27 || $0 == escape }
      if isPlain {
        result.append((word, word.string))
        continue
      }
      let values = word.hasVariable ? context.variables.before(instruction) : VariableValues(isComplete: true)
      guard case .known(let text) = values.text(of: word, escape: escape) else { continue }
      for part in text.split(whereSeparator: \.isASCIISpace) {
        result.append((word, String(decoding: part, as: UTF8.self)))
      }
    }
    return result
  }
}
