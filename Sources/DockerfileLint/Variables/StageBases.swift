import DockerfileSyntax
import SourceText

/// What each stage is built on, and the variables that FROM may use; a class, so that all rules share one.
final class StageBases {
  /// The base of a stage.
  enum Base: Hashable {
    /// Nothing at all.
    case scratch
    /// An earlier stage.
    case stage(Int)
    /// The image of a name.
    case image(String)
    /// A variable without a known value decides.
    case unknown
  }

  /// The ARGs above the first FROM, and what BuildKit defines there.
  let globals: VariableValues
  /// The same when nobody gives a value to any of them.
  let defaults: VariableValues
  /// The names of those ARGs, as written, in their order.
  let argumentNames: [[UInt8]]
  /// One base for each stage.
  let bases: [Base]

  /// What FROM may use without an ARG. Their values depend on the build; those of the systems most builds run on stand
  /// in for them, and a name that is often empty has none.
  static let predefined: [(name: String, sample: String?)] = [
    ("BUILDPLATFORM", "linux/amd64"), ("BUILDOS", "linux"), ("BUILDOSVERSION", nil), ("BUILDARCH", "amd64"),
    ("BUILDVARIANT", nil), ("TARGETPLATFORM", "linux/amd64"), ("TARGETOS", "linux"), ("TARGETOSVERSION", nil),
    ("TARGETARCH", "amd64"), ("TARGETVARIANT", nil), ("TARGETSTAGE", "default"),
  ]
  static let predefinedNames = Set(predefined.map { Array($0.name.utf8) })

  private static let predefinedValues: VariableValues = {
    var values = VariableValues(isComplete: true)
    for (name, sample) in predefined {
      values.set(Array(name.utf8), sample.map { .known(Array($0.utf8)) } ?? .unknown)
    }
    return values
  }()

  init(_ dockerfile: Dockerfile) {
    let escape = dockerfile.tree.escape
    var globals = Self.predefinedValues
    var defaults = globals
    var names: [[UInt8]] = []
    for instruction in dockerfile.instructions[dockerfile.preamble] {
      guard case .arg(let assignments) = instruction.details else { continue }
      for assignment in assignments {
        names.append(assignment.name.bytes)
        globals.declare(assignment, inherited: nil, escape: escape)
        defaults.declare(assignment, inherited: nil, escape: escape, emptyArguments: true)
      }
    }
    self.globals = globals
    self.defaults = defaults
    argumentNames = names
    var numbers: [String: Int] = [:]
    bases = dockerfile.stages.map { stage in
      defer { if let name = stage.name { numbers[name] = stage.number } }
      guard let word = stage.from.image, case .known(let bytes) = globals.text(of: word, escape: escape),
        !bytes.isEmpty
      else { return .unknown }
      // The variables of the platform stand for many values.
      if word.hasVariable, Self.dependsOnPlatform(word, escape) { return .unknown }
      let name = String(decoding: bytes, as: UTF8.self)
      if !numbers.isEmpty, let number = numbers[name.lowercased()] { return .stage(number) }
      return name == "scratch" ? .scratch : .image(name)
    }
  }

  private static func dependsOnPlatform(_ word: Word, _ escape: UInt8) -> Bool {
    WordTemplate(word.bytes, options: WordTemplate.Options(escape: escape)).variables.contains {
      predefinedNames.contains($0.name)
    }
  }
}
