package import Diagnostics
package import SourceText

/// A Dockerfile inside another file, like `dockerfile_inline` of a compose file.
package struct EmbeddedDockerfile: Sendable {
  /// The file that holds it.
  package let outer: Source
  /// The Dockerfile, with the way back.
  package let text: CookedText
  /// The Dockerfile as a file of its own, under the name of the file that holds it.
  package let source: Source
  /// The name of the service that is built from it.
  package let service: String
  /// Where it can be mended; nil for quoted and folded texts.
  private let block: LiteralBlock?

  init(outer: Source, service: String, _ scalar: ScalarText) {
    self.outer = outer
    self.service = service
    text = scalar.text
    source = Source(name: outer.name, bytes: scalar.text.bytes)
    block = scalar.block
  }

  /// Whether what is mended can be written back.
  package var isMendable: Bool { block != nil }

  /// A finding in the Dockerfile as a finding in the file that holds it. A fix that cannot be made there is left out.
  package func mapped(_ finding: Diagnostic) -> Diagnostic {
    var result = finding
    result.range = text.original(finding.range.indices)
    result.notes = finding.notes.map { Note($0.message, at: text.original($0.range.indices)) }
    result.fixIts = finding.fixIts.compactMap { fixIt in
      edits(for: fixIt.edits).flatMap { FixIt(fixIt.title, fixIt.applicability, $0) }
    }
    return result
  }

  /// Edits of the Dockerfile as edits of the file that holds it; nil where that cannot be done.
  package func edits(for edits: [Edit]) -> [Edit]? {
    block?.edits(for: edits)
  }

  /// The edits of the outer file that put another text in the place of the Dockerfile; nil where that cannot be done.
  ///
  /// - Parameter lineOrigins: for each line of the new text, the line of the old one that it is, both from 0; nil for a line
  ///   that was touched.
  package func edits(replacingWith newText: [UInt8], lineOrigins: [Int?]) -> [Edit]? {
    let (old, new) = (LineIndex(text.bytes), LineIndex(newText))
    var changes: [Edit] = []
    var (oldLine, newLine) = (0, 0)
    func change(to oldEnd: Int, _ newEnd: Int) {
      guard oldEnd > oldLine || newEnd > newLine else { return }
      let range = ByteRange(
        old.range(ofLine: oldLine + 1).lower, old.range(ofLine: oldEnd + 1).lower)
      let lower = Int(new.range(ofLine: newLine + 1).lower)
      let upper = Int(new.range(ofLine: newEnd + 1).lower)
      changes.append(Edit(range, Array(newText[lower..<upper])))
    }
    for (line, origin) in lineOrigins.enumerated() {
      // The last line may have got a line end since.
      guard let origin,
        text.bytes[old.range(ofLine: origin + 1).indices] == newText[new.range(ofLine: line + 1).indices]
      else { continue }
      guard origin >= oldLine, line >= newLine else { return nil }
      change(to: origin, line)
      (oldLine, newLine) = (origin + 1, line + 1)
    }
    change(to: old.count, new.count)
    return edits(for: changes.filter { !$0.range.isEmpty || !$0.replacement.isEmpty })
  }
}
