import Diagnostics
package import DockerfileSyntax
import SourceText

/// The findings in what a change has touched: instructions whose text is not in the old version.
///
/// An instruction that only moved is not touched; one that is there once more than before is.
///
/// - Parameter olds: the old version; several Dockerfiles where one file held them.
package func findings(of result: LintResult, changedSince olds: [Dockerfile]) -> LintResult {
  guard !result.findings.isEmpty else { return result }
  var known: [[UInt8]: Int] = [:]
  for old in olds {
    for index in old.instructions.indices { known[old.text(ofInstruction: index), default: 0] += 1 }
  }
  var isChanged: [Bool] = []
  for index in result.dockerfile.instructions.indices {
    let text = result.dockerfile.text(ofInstruction: index)
    let count = known[text, default: 0]
    if count > 0 { known[text] = count - 1 }
    isChanged.append(count == 0)
  }
  return result.filtered { index in
    // What belongs to no instruction is about a comment or the file as a whole.
    if let instruction = result.instructions[index] { return isChanged[instruction] }
    let text = result.text(ofFinding: index)
    return !olds.contains { $0.source.bytes.contains(text) }
  }
}

extension [UInt8] {
  /// Whether some bytes stand somewhere in these.
  fileprivate func contains(_ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    var index = startIndex
    while index + part.count <= count {
      if self[index] == first, self[index..<(index + part.count)].elementsEqual(part) { return true }
      index += 1
    }
    return false
  }
}
