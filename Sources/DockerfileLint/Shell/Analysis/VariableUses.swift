import SourceText

/// Which variables a script sets and which it reads, wherever.
struct VariableUses {
  /// The last place where a variable is set, by name.
  private(set) var assigned: [String: ByteRange] = [:]
  /// The first place where a variable is read without a default.
  private(set) var read: [String: ByteRange] = [:]
  /// Variables that are read somehow.
  private(set) var referenced: Set<String> = []
  /// Variables that may be without a value: they are tested, or there is a default.
  private(set) var guarded: Set<String> = []
  /// Variables that get a value in a way that is not to be reported when nobody reads it.
  private(set) var declared: Set<String> = []

  mutating func assign(_ name: String, _ range: ByteRange) {
    if let last = assigned[name], last.lower > range.lower { return }
    assigned[name] = range
  }

  mutating func declare(_ name: String) { declared.insert(name) }

  mutating func read(_ name: String, _ range: ByteRange) {
    referenced.insert(name)
    if read[name] == nil { read[name] = range }
  }

  mutating func refer(_ name: String) { referenced.insert(name) }

  mutating func protect(_ name: String) {
    referenced.insert(name)
    guarded.insert(name)
  }
}

extension ShellAnalyzer {
  /// Variables that are read and never set, and those that are set and never read.
  mutating func reportUses() {
    lazy var names = self.names
    for (name, range) in uses.read
    where uses.assigned[name] == nil && !uses.declared.contains(name) && !uses.guarded.contains(name)
      && !known.contains(name)
    {
      if name.utf8.contains(where: { $0 >= 0x61 && $0 <= 0x7A }) {
        report(2154, range, name)
      } else if !Self.environment.contains(name), let other = Self.similar(name, names) {
        report(2153, range, other)
      }
    }
    for (name, range) in uses.assigned
    where !uses.referenced.contains(name) && !known.contains(name) && !Self.environment.contains(name)
      && name.utf8.first != 0x5F
    {
      report(2034, range, name)
    }
  }

  /// The names that have a value somewhere, sorted; none when there are too many to compare them all.
  private var names: [String] {
    let names = known.union(uses.assigned.keys).union(uses.declared).filter { $0.isVariableName }
    return names.count > 128 ? [] : names.sorted()
  }

  /// The name that another one is most likely a slip of.
  private static func similar(_ name: String, _ names: [String]) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    let bytes = Array(name.utf8)
    var best: (name: String, distance: Int)?
    for other in names where abs(other.utf8.count - bytes.count) <= 2 {
      let isSame = other.lowercased() == name.lowercased()
      guard let distance = isSame ? 1 : distance(bytes[...], Array(other.utf8)[...], limit: 2) else {
        continue
      }
      if distance < best?.distance ?? 3 { best = (other, distance) }
    }
    guard let best else { return nil }
    let length = best.name.utf8.count
    return length > 3 && best.distance <= 1 || length > 7 && best.distance <= 2 ? best.name : nil
  }

  /// How many bytes are to be put in, left out or changed to make one text of another; nil when it is more than a limit.
  private static func distance(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, limit: Int) -> Int? {
    var (left, right) = (left, right)
    while let first = left.first, first == right.first {
      left.removeFirst()
      right.removeFirst()
    }
    if left.isEmpty || right.isEmpty {
      let rest = max(left.count, right.count)
      return rest <= limit ? rest : nil
    }
    guard limit > 0 else { return nil }
    let (less, fewer) = (left.dropFirst(), right.dropFirst())
    let ways = [(less, fewer), (less, right), (left, fewer)]
    return ways.compactMap { distance($0.0, $0.1, limit: limit - 1) }.min().map { $0 + 1 }
  }

  /// Variables that mean something to the shell or to almost every program.
  private static let environment: Set<String> = [
    "PATH", "HOME", "IFS", "PS1", "PS2", "PS3", "PS4", "LANG", "LC_ALL", "LC_CTYPE", "LC_COLLATE",
    "LC_MESSAGES",
    "LC_NUMERIC", "LC_TIME", "LANGUAGE", "CDPATH", "ENV", "MAIL", "MAILPATH", "PWD", "OLDPWD", "OPTIND",
    "OPTARG",
    "OPTERR", "TERM", "TZ", "SHELL", "USER", "EDITOR", "VISUAL", "PAGER", "DISPLAY", "TMPDIR", "HISTFILE",
    "HISTSIZE", "HISTCONTROL", "PROMPT_COMMAND", "BASH_ENV", "COLUMNS", "LINES", "TIMEFORMAT", "GLOBIGNORE",
    "FIGNORE", "IGNOREEOF", "INPUTRC", "POSIXLY_CORRECT", "RANDOM", "REPLY", "SECONDS", "TMOUT", "COMPREPLY",
    "FCEDIT",
    "HISTFILESIZE", "HISTIGNORE", "HISTTIMEFORMAT", "HOSTFILE", "MAILCHECK", "PROMPT_DIRTRIM", "EXECIGNORE",
    "CHILD_MAX",
    "FUNCNEST", "BASH_XTRACEFD", "BASH_COMPAT", "PS0", "PPID", "UID", "EUID", "HOSTNAME", "HISTCMD", "LINENO",
    "FLAGS_ARGC",
    "FLAGS_ARGV", "FLAGS_ERROR", "FLAGS_FALSE", "FLAGS_HELP", "FLAGS_PARENT", "FLAGS_RESERVED", "FLAGS_TRUE",
    "FLAGS_VERSION",
  ]
}

extension VariableUses {
  /// Whether the script has set a variable so far.
  func declares(_ name: String) -> Bool { assigned[name] != nil || declared.contains(name) }
}
