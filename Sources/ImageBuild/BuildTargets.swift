import DockerfileSyntax
package import SourceText

/// A stage that `--target` may name, as BuildKit's `frontend.targets` lists it.
package struct BuildTarget: Hashable, Sendable {
  /// As written; nil without `AS`.
  package var name: String?
  /// Whether it is built when no target is given: the last stage.
  package var isDefault: Bool
  /// The comment above the FROM that starts with the stage's name, without the name.
  package var description: String?
  /// What the stage starts from, as written.
  package var base: String?
  /// The value of `--platform`, as written.
  package var platform: String?
  /// The FROM.
  package var range: ByteRange

  /// All stages of a Dockerfile, in its order.
  package static func list(_ source: Source) throws(BuildError) -> [BuildTarget] {
    let file = Dockerfile(parsing: source)
    try file.refuseProblems()
    return file.stages.map { stage in
      let from = file.instructions[stage.start]
      let name = stage.from.name
      return BuildTarget(
        name: name?.string, isDefault: stage.number == file.stages.count - 1,
        description: name.flatMap { file.description(of: $0.bytes, above: from) },
        base: stage.from.image?.string, platform: stage.from.platform?.string, range: from.range)
    }
  }
}

extension Dockerfile {
  /// Throws what keeps the file from being built, if there is anything.
  ///
  /// What is wrong behind ONBUILD breaks the builds that use the image, not this one; BuildKit does not look there.
  func refuseProblems() throws(BuildError) {
    let problems = problems.filter { !$0.isInTrigger }.map {
      BuildProblem(.syntax($0.kind), at: $0.range, instruction: $0.instruction)
    }
    guard problems.isEmpty else { throw .invalid(problems) }
  }

  /// The number of the stage of a name or number, the last one for nil; or why there is none.
  func target(_ name: String?) throws(BuildProblem) -> Int? {
    guard let name, !name.isEmpty else { return stages.last?.number }
    if let stage = stage(named: name) { return stage.number }
    let names = stages.compactMap { $0.from.name?.string }
    let range = stages.last.map { instructions[$0.start].range } ?? ByteRange(0, 0)
    throw BuildProblem(.unknownTarget(name, available: names), at: range, instruction: nil)
  }

  /// What the comments right above an instruction say of a name: the first that starts with it and a blank.
  ///
  /// An empty comment ends what belongs to the instruction (BuildKit's parser).
  func description(of name: [UInt8], above instruction: Instruction) -> String? {
    var found: String?
    for index in instruction.syntax.leadingComments.indices where tree.tokens[index].kind == .comment {
      var comment = source.bytes(in: tree.range(ofToken: index)).dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
      while let last = comment.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { comment.removeLast() }
      if comment.isEmpty {
        found = nil
      } else if found == nil, comment.starts(with: name), comment.dropFirst(name.count).first == 0x20 {
        found = String(decoding: comment.dropFirst(name.count + 1), as: UTF8.self)
      }
    }
    return found
  }
}
