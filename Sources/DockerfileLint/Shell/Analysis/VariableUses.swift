import SourceText

/// Which variables a script sets and which it reads, wherever.
struct VariableUses {
  /// The first place where a variable is set, by name, and whether that alone would be a reason to report it.
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
    if assigned[name] == nil { assigned[name] = range }
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
    for (name, range) in uses.read
    where uses.assigned[name] == nil && !uses.declared.contains(name) && !uses.guarded.contains(name)
      && !known.contains(name) && name.utf8.contains(where: { $0 >= 0x61 && $0 <= 0x7A })
    {
      report(2154, range, name)
    }
    for (name, range) in uses.assigned
    where !uses.referenced.contains(name) && !known.contains(name) && !Self.environment.contains(name)
      && name.utf8.first != 0x5F
    {
      report(2034, range, name)
    }
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
