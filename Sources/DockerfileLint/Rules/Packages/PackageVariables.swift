import DockerfileSyntax
import SourceText

/// The variables that hadolint knows of in a stage: every ARG of the file so far, and the ENV of the stage and of those
/// that it builds on.
struct PackageVariables {
  private struct Stage {
    var names: Set<[UInt8]> = []
    var parent: Int?
  }
  private var arguments: Set<[UInt8]> = []
  /// The stages so far; the first is what stands before the first FROM.
  private var stages = [Stage()]
  /// The first stage of each name.
  private var numbers: [[UInt8]: Int] = [:]

  /// How many stages that build on each other are looked through.
  private static let maximumDepth = 64
  /// The longest name of a variable.
  private static let maximumName = 256

  /// Learns from FROM, ARG and ENV.
  mutating func learn(_ instruction: Instruction, isStrict: Bool) {
    switch instruction.details {
    case .from(let from):
      var stage = Stage()
      if let image = from.image { stage.parent = numbers[Array(ImageName(image.bytes, isStrict: true).name)] }
      if let name = from.name?.bytes, numbers[name] == nil { numbers[name] = stages.count }
      stages.append(stage)
    case .arg(let assignments):
      // hadolint takes the first alone.
      for assignment in isStrict ? assignments.prefix(1) : assignments[...] {
        arguments.insert(assignment.name.bytes)
      }
    case .env(let assignments):
      for assignment in assignments { stages[stages.count - 1].names.insert(assignment.name.bytes) }
    default: break
    }
  }

  /// Whether a text has a `${NAME}` in it whose variable is known.
  func occur(in text: String) -> Bool {
    let bytes = Array(text.utf8)
    for index in bytes.indices.dropLast() where bytes[index] == 0x24 && bytes[index + 1] == 0x7B {
      let rest = bytes[(index + 2)...].prefix(Self.maximumName)
      guard let end = rest.firstIndex(of: 0x7D) else { continue }
      if isKnown(Array(rest[..<end])) { return true }
    }
    return false
  }

  private func isKnown(_ name: [UInt8]) -> Bool {
    if arguments.contains(name) { return true }
    var stage: Int? = stages.count - 1
    for _ in 0..<Self.maximumDepth {
      guard let number = stage else { return false }
      if stages[number].names.contains(name) { return true }
      stage = stages[number].parent
    }
    return false
  }
}
