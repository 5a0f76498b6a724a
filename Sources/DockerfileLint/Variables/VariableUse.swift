import Diagnostics
import DockerfileSyntax
import SourceText

/// A variable in a word, and where in the file it stands.
struct VariableUse {
  let name: [UInt8]
  /// The reference, from `$` to its end; the whole word where the word is not verbatim.
  let range: ByteRange
  /// The bytes of the name; nil where they cannot be changed alone.
  let nameRange: ByteRange?

  var nameString: String { String(decoding: name, as: UTF8.self) }

  /// The variables of a word, those inside modifiers too.
  static func all(in word: Word, options: WordTemplate.Options) -> [VariableUse] {
    guard word.hasVariable else { return [] }
    return WordTemplate(word.bytes, options: options).variables.map { reference in
      guard word.isVerbatim else {
        return VariableUse(name: reference.name, range: word.range, nameRange: nil)
      }
      let range = word.part(reference.indices).range
      let isBraced = reference.indices.count > 1 && word.bytes[reference.indices.lowerBound + 1] == 0x7B
      let start = Int(range.lower) + (isBraced ? 2 : 1)
      return VariableUse(
        name: reference.name, range: range, nameRange: ByteRange(start, start + reference.name.count))
    }
  }

  /// Asks whether another name was meant.
  func suggestion(among names: [String]) -> (text: String, fixIt: FixIt?)? {
    guard name.count > 1, let other = nearest(to: name, among: names)?.candidate, other != nameString else {
      return nil
    }
    return (other, nameRange.flatMap { FixIt("write \(other)", .unsafe, [Edit($0, other)]) })
  }
}
