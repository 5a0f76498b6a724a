import DockerfileSyntax
import SourceText

/// What is known of the variables at a place of the file, without arguments of the build.
///
/// Sizes are bounded, so that a file that doubles a variable in every line costs no more than another: what is too long
/// is there and has an unknown value, and with too many names nothing is known any more.
struct VariableValues {
  /// What is known of one variable.
  enum Value: Hashable {
    /// It has this value.
    case known([UInt8])
    /// It is set; to what, is not known.
    case unknown
    /// An ARG without a default: it is for whoever builds to say.
    case declared
  }

  /// What a word stands for.
  enum Text: Hashable {
    case known([UInt8])
    /// A variable in it has no known value.
    case unknown
    /// `${NAME:?}` of a variable that is not set.
    case refused(name: [UInt8])
  }

  static let maximumLength = 512
  private static let maximumWord = 4096
  private static let maximumCount = 512

  private(set) var values: [[UInt8]: Value] = [:]
  /// Whether a name that is not here is not set: everything that the stage builds on is known.
  private(set) var isComplete: Bool

  init(isComplete: Bool) {
    self.isComplete = isComplete
  }

  /// What is known of a variable; nil when it is not set.
  subscript(name: [UInt8]) -> Value? {
    values[name] ?? (isComplete ? nil : .unknown)
  }

  mutating func set(_ name: [UInt8], _ value: Value) {
    guard values.count < Self.maximumCount || values[name] != nil else {
      isComplete = false
      return
    }
    if case .known(let text) = value, text.count > Self.maximumLength {
      values[name] = .unknown
    } else {
      values[name] = value
    }
  }

  /// Takes in an ARG: `inherited` is the value of the ARG of that name above the first FROM.
  /// - Parameter emptyArguments: as for ``text(of:escape:emptyArguments:)``.
  mutating func declare(
    _ argument: Assignment, inherited: Value?, escape: UInt8, emptyArguments: Bool = false
  ) {
    let name = argument.name.bytes
    if let value = argument.value {
      set(name, self.value(of: value, escape: escape, emptyArguments))
    } else if let inherited, inherited != .declared {
      set(name, inherited)
    } else if values[name] == nil {
      set(name, .declared)
    }
  }

  /// Takes in an ENV: all values are those before the instruction.
  mutating func assign(_ assignments: [Assignment], escape: UInt8) {
    let values = assignments.map {
      ($0.name, $0.value.map { self.value(of: $0, escape: escape) } ?? .unknown)
    }
    for (name, value) in values {
      if case .known(let text) = text(of: name, escape: escape) { set(text, value) }
    }
  }

  private func value(of word: Word, escape: UInt8, _ emptyArguments: Bool = false) -> Value {
    if case .known(let text) = text(of: word, escape: escape, emptyArguments: emptyArguments) {
      .known(text)
    } else {
      .unknown
    }
  }

  /// What a word stands for.
  ///
  /// - Parameter emptyArguments: whether an ARG without a default counts as empty: nobody gives a value.
  func text(of word: Word, escape: UInt8, emptyArguments: Bool = false) -> Text {
    let isPlain = !word.bytes.contains { $0 == 0x24 || $0 == 0x22 || $0 == 0x27 || $0 == escape }
    if isPlain { return .known(word.bytes) }
    guard word.bytes.count <= Self.maximumWord else { return .unknown }
    let template = WordTemplate(word.bytes, options: WordTemplate.Options(escape: escape))
    guard template.error == nil else { return .unknown }
    return text(of: template.parts, emptyArguments)
  }

  private func text(of parts: [WordTemplate.Part], _ emptyArguments: Bool) -> Text {
    var result: [UInt8] = []
    var isKnown = true
    for part in parts {
      switch part {
      case .literal(let bytes, _): result += bytes
      case .variable(let reference, _):
        switch text(of: reference, emptyArguments) {
        case .known(let bytes): result += bytes
        case .unknown: isKnown = false
        case .refused(let name): return .refused(name: name)
        }
      }
    }
    return isKnown ? .known(result) : .unknown
  }

  private func text(of reference: VariableReference, _ emptyArguments: Bool) -> Text {
    var value: [UInt8]?
    switch self[reference.name] {
    case .known(let text): value = text
    case .unknown: return .unknown
    case .declared: if !emptyArguments { return .unknown }
    case nil: break
    }
    func isMissing(_ emptyIsUnset: Bool) -> Bool { value.map { emptyIsUnset && $0.isEmpty } ?? true }
    switch reference.modifier {
    case .none: return .known(value ?? [])
    case .defaultValue(let word, let emptyIsUnset):
      let other = text(of: word, emptyArguments)
      if case .refused = other { return other }
      return isMissing(emptyIsUnset) ? other : .known(value ?? [])
    case .alternative(let word, let emptyIsUnset):
      let other = text(of: word, emptyArguments)
      if case .refused = other { return other }
      return isMissing(emptyIsUnset) ? .known([]) : other
    case .required(_, let emptyIsUnset):
      return isMissing(emptyIsUnset) ? .refused(name: reference.name) : .known(value ?? [])
    case .removePrefix, .removeSuffix, .replace:
      // Nothing is lost with an empty value; patterns are not worth their price here.
      return value?.isEmpty ?? true ? .known([]) : .unknown
    }
  }
}
