import DockerfileSyntax
import SourceText

extension Dockerfile {
  /// The number of the stage that an instruction stands in; nil before the first FROM.
  ///
  /// Found by halving: a file may have as many stages as lines.
  func stageNumber(of instruction: Int) -> Int? {
    guard let first = stages.first, instruction >= first.start else { return nil }
    var low = 0
    var high = stages.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if stages[middle].start <= instruction { low = middle } else { high = middle }
    }
    return low
  }

  /// The comments right above an instruction, without line ends.
  func leadingComments(of node: InstructionSyntax) -> [ByteRange] { comments(node.leadingComments.indices) }

  /// The comments between the lines of an instruction.
  func innerComments(of node: InstructionSyntax) -> [ByteRange] { comments(node.tokens.indices) }

  /// The comments that belong to no instruction.
  var detachedComments: [ByteRange] {
    var result: [ByteRange] = []
    var index = 0
    for node in tree.instructions {
      if index < node.leadingComments.indices.lowerBound {
        result += comments(index..<node.leadingComments.indices.lowerBound)
      }
      index = max(index, node.tokens.indices.upperBound)
    }
    return result + comments(index..<tree.tokens.count)
  }

  private func comments(_ indices: Range<Int>) -> [ByteRange] {
    indices.filter { tree.tokens[$0].kind == .comment }.map { tree.range(ofToken: $0) }
  }
}
