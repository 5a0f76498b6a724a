import ShellSyntax

/// Which variables have values that need no quotes, as a script goes on.
///
/// A change is written down with what was before, so that a branch can be taken back; work is in proportion to the changes.
struct ValueFlow {
  /// What is known of a value.
  enum Value: UInt8 {
    /// It is empty.
    case empty
    /// It has neither blanks nor wildcards.
    case plain
    /// It can be anything.
    case any

    /// What holds when it is one or the other.
    func joined(_ other: Value) -> Value { rawValue < other.rawValue ? other : self }
  }
  /// What a branch has changed, and whether it leaves the script.
  struct Alternative {
    var values: [String: Value] = [:]
    var isDead = false
  }
  private let known: Set<String>
  private var values: [String: Value] = [:]
  private var journal: [(name: String, before: Value?)] = []
  private var branches: [(mark: Int, isDead: Bool)] = []
  /// Whether the script has been left, by `exit` say.
  private var isDead = false
  /// Whether nothing leads here, so that nothing is known to need quotes.
  var isUnreachable = false

  init(known: Set<String>) {
    self.known = known
  }

  var mark: Int { journal.count }

  /// Whether the value of a variable needs no quotes.
  func isClean(_ name: String) -> Bool { isUnreachable && name != "*" || value(name) == .plain }

  /// What is known of a variable's value.
  private func value(_ name: String) -> Value { values[name] ?? (known.contains(name) ? .plain : .any) }

  mutating func set(_ name: String, _ value: Value) {
    journal.append((name, values[name]))
    values[name] = value
  }

  /// The script is left.
  mutating func die() { isDead = true }
  /// A function is left, not the script.
  mutating func revive() { isDead = false }

  /// The values that have changed since a mark; none when there are too many.
  func changes(since mark: Int, limit: Int) -> [String: Value] {
    var changes: [String: Value] = [:]
    for entry in journal[min(mark, journal.count)...] {
      changes[entry.name] = values[entry.name] ?? .any
      if changes.count > limit { return [:] }
    }
    return changes
  }

  // MARK: Branches

  mutating func branch() {
    branches.append((journal.count, isDead))
    isDead = false
  }

  /// Takes back what has changed since the branch began.
  mutating func endBranch() -> Alternative {
    guard let branch = branches.popLast() else { return Alternative() }
    if journal.count == branch.mark {
      defer { isDead = branch.isDead }
      return Alternative(isDead: isDead)
    }
    var alternative = Alternative(values: [:], isDead: isDead)
    for entry in journal[branch.mark...] { alternative.values[entry.name] = values[entry.name] ?? .any }
    for entry in journal[branch.mark...].reversed() { values[entry.name] = entry.before }
    journal.removeSubrange(branch.mark...)
    isDead = branch.isDead
    return alternative
  }

  /// Goes on with a branch or without it.
  mutating func merge(optional alternative: Alternative) {
    // Most commands set nothing.
    if alternative.isDead || alternative.values.isEmpty { return }
    merge([alternative, Alternative()])
  }

  /// Goes on with one of several branches.
  mutating func merge(_ alternatives: [Alternative]) {
    let living = alternatives.filter { !$0.isDead }
    guard !living.isEmpty else {
      isDead = true
      return
    }
    if living.allSatisfy({ $0.values.isEmpty }) { return }
    // A branch that does not touch a variable keeps what was.
    var merged: [String: (count: Int, value: Value)] = [:]
    for alternative in living {
      for (name, value) in alternative.values {
        let before = merged[name] ?? (0, .empty)
        merged[name] = (before.count + 1, before.value.joined(value))
      }
    }
    for (name, value) in merged {
      set(name, value.count == living.count ? value.value : value.value.joined(self.value(name)))
    }
  }

  // MARK: Values

  /// What is known of the text that a word gives.
  func value(_ word: ShellWord) -> Value { value(word.parts) }

  private func value(_ parts: [ShellWord.Part]) -> Value {
    var result = Value.empty
    for part in parts {
      switch part.kind {
      case .literal(let text), .singleQuoted(let text), .ansiQuoted(let text):
        if text.utf8.contains(where: { " \t\n*?[".utf8.contains($0) }) { return .any }
        if !text.isEmpty { result = result.joined(.plain) }
      case .doubleQuoted(let inner, _): result = result.joined(value(inner))
      case .parameter(let parameter): result = result.joined(value(parameter))
      case .arithmetic: result = result.joined(.plain)
      case .command, .backquoted, .braceCommand, .process, .glob, .extendedGlob, .braces: return .any
      }
    }
    return result
  }

  private func value(_ parameter: ShellParameter) -> Value {
    // What is cut out of a value can be anything: it may have become empty.
    if !parameter.operator.isEmpty { return .any }
    if isClean(parameter) { return .plain }
    return parameter.prefix.isEmpty && parameter.index == nil ? value(parameter.name) : .any
  }

  /// Whether an expansion gives a text that needs no quotes.
  func isClean(_ parameter: ShellParameter) -> Bool {
    if parameter.prefix == "#" || parameter.prefix == "!" { return false }
    if Self.numbers.contains(parameter.name) { return true }
    return parameter.index == nil && isClean(parameter.name)
  }

  /// Parameters that are numbers.
  static let numbers: Set<String> = [
    "#", "?", "$", "!", "-", "UID", "EUID", "PPID", "RANDOM", "SECONDS", "OPTIND", "LINENO", "BASHPID",
    "BASH_SUBSHELL", "COLUMNS", "HISTCMD", "LINES", "SHLVL", "EPOCHSECONDS", "SRANDOM",
  ]
}
