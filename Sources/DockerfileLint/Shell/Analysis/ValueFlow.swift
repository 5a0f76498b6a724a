import ShellSyntax

/// Which variables have values that need no quotes, as a script goes on.
///
/// A change is written down with what was before, so that a branch can be taken back; work is in proportion to the changes.
struct ValueFlow {
  /// What a branch has changed, and whether it leaves the script.
  struct Alternative {
    var values: [String: Bool] = [:]
    var isDead = false
  }
  /// A chain of `&&`: where it starts in the journal.
  struct Chain {
    fileprivate var mark: Int
  }
  /// What holds when the left side of `||` went well.
  struct Success {
    fileprivate var values: [String: Bool]
    fileprivate var isDead: Bool
    fileprivate var mark: Int
    fileprivate var start: Int
  }

  private let known: Set<String>
  private var values: [String: Bool] = [:]
  private var journal: [(name: String, before: Bool?)] = []
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
  func isClean(_ name: String) -> Bool {
    isUnreachable || (values[name] ?? known.contains(name))
  }

  mutating func set(_ name: String, _ isClean: Bool) {
    journal.append((name, values[name]))
    values[name] = isClean
  }

  /// The script is left.
  mutating func die() { isDead = true }
  /// A function is left, not the script.
  mutating func revive() { isDead = false }

  /// The values that have changed since a mark; none when there are too many.
  func changes(since mark: Int, limit: Int) -> [String: Bool] {
    var changes: [String: Bool] = [:]
    for entry in journal[min(mark, journal.count)...] {
      changes[entry.name] = values[entry.name] ?? false
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
    var alternative = Alternative(values: [:], isDead: isDead)
    for entry in journal[branch.mark...] { alternative.values[entry.name] = values[entry.name] ?? false }
    for entry in journal[branch.mark...].reversed() { values[entry.name] = entry.before }
    journal.removeSubrange(branch.mark...)
    isDead = branch.isDead
    return alternative
  }

  /// Goes on with one of several branches.
  mutating func merge(_ alternatives: [Alternative]) {
    let living = alternatives.filter { !$0.isDead }
    guard !living.isEmpty else {
      isDead = true
      return
    }
    // A value is clean when each living branch leaves it so; a branch that does not touch it keeps what was.
    var merged: [String: (count: Int, isClean: Bool)] = [:]
    for alternative in living {
      for (name, isClean) in alternative.values {
        let before = merged[name] ?? (0, true)
        merged[name] = (before.count + 1, before.isClean && isClean)
      }
    }
    for (name, value) in merged {
      set(name, value.isClean && (value.count == living.count || isClean(name)))
    }
  }

  // MARK: Chains

  /// Behind the first pipeline of a chain.
  func startChain() -> Chain { Chain(mark: journal.count) }

  /// Goes to where some pipeline of the chain has failed: a value is clean when it was so behind each of them.
  mutating func fail(_ chain: Chain) -> Success {
    var success = Success(values: [:], isDead: isDead, mark: 0, start: chain.mark)
    var failed: [String: Bool] = [:]
    for entry in journal[chain.mark...] {
      success.values[entry.name] = values[entry.name] ?? false
      failed[entry.name] =
        (failed[entry.name] ?? true) && (entry.before ?? known.contains(entry.name))
    }
    for (name, isClean) in failed { set(name, isClean) }
    success.mark = journal.count
    isDead = false
    return success
  }

  /// Behind a pipeline that follows `||`: either it has run, or what is before it went well.
  mutating func join(_ success: Success) -> Chain {
    var before = success.values
    for entry in journal[success.mark...] where before[entry.name] == nil {
      before[entry.name] = entry.before ?? known.contains(entry.name)
    }
    if isDead {
      for (name, isClean) in before { set(name, isClean) }
    } else if !success.isDead {
      for (name, isClean) in before { set(name, isClean && self.isClean(name)) }
    }
    isDead = isDead && success.isDead
    return Chain(mark: journal.count)
  }

  /// Behind a chain, whichever of its pipelines came last.
  mutating func endChain(_ chain: Chain) {
    var final: [String: Bool] = [:]
    for entry in journal[chain.mark...] {
      final[entry.name] = (final[entry.name] ?? true) && (entry.before ?? known.contains(entry.name))
    }
    for (name, wasClean) in final { set(name, wasClean && (isDead || isClean(name))) }
    isDead = false
  }

  // MARK: Values

  /// Whether a word gives a text that needs no quotes.
  func isClean(_ word: ShellWord) -> Bool { !word.parts.isEmpty && isClean(word.parts) }

  private func isClean(_ parts: [ShellWord.Part]) -> Bool {
    var isEmpty = true
    for part in parts {
      switch part.kind {
      case .literal(let text), .singleQuoted(let text), .ansiQuoted(let text):
        if text.utf8.contains(where: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x2A || $0 == 0x3F || $0 == 0x5B })
        {
          return false
        }
        if !text.isEmpty { isEmpty = false }
      case .doubleQuoted(let inner, _):
        if inner.isEmpty { continue }
        guard isClean(inner) else { return false }
        isEmpty = false
      case .parameter(let parameter):
        guard isClean(parameter) else { return false }
        isEmpty = false
      case .arithmetic: isEmpty = false
      case .command, .backquoted, .braceCommand, .process, .glob, .extendedGlob, .braces: return false
      }
    }
    return !isEmpty
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
