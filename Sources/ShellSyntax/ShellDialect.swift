/// Which program reads a command text.
package enum ShellDialect: Hashable, Sendable {
  /// A POSIX shell, not told which.
  case sh
  /// GNU bash.
  case bash
  /// Debian's dash.
  case dash
  /// A Korn shell.
  case ksh
  /// The shell of busybox, `ash`.
  case busybox
  /// Windows PowerShell or PowerShell Core.
  case powershell
  /// The command processor of Windows.
  case cmd
  /// Some other program, by its name: zsh, fish, python…
  case other(String)

  /// Whether the grammar of POSIX sh and bash is the one to read it with.
  package var isPOSIX: Bool {
    switch self {
    case .sh, .bash, .dash, .ksh, .busybox: true
    case .powershell, .cmd, .other: false
    }
  }

  /// The dialect of a program, by its path or name; `.exe` and the folders before it do not count.
  package init(program: String) {
    var name = program
    if program.utf8.contains(where: { $0 == 0x2F || $0 == 0x5C }) {
      name = program.split { $0 == "/" || $0 == "\\" }.last.map { String($0) } ?? ""
    }
    name = name.lowercased()
    if name.hasSuffix(".exe") { name.removeLast(4) }
    switch name {
    case "sh": self = .sh
    case "bash", "rbash": self = .bash
    case "dash": self = .dash
    case "ksh", "ksh93", "mksh", "oksh", "loksh", "pdksh": self = .ksh
    case "ash", "busybox": self = .busybox
    case "powershell", "pwsh": self = .powershell
    case "cmd": self = .cmd
    default: self = .other(name)
    }
  }

  /// The dialect of a SHELL instruction: its first word is the program. None when there is no word.
  package init?(shell words: [String]) {
    guard var first = words.first else { return nil }
    var rest = words.dropFirst()
    if ShellDialect.basename(first) == "env" {
      rest = rest.drop { $0.hasPrefix("-") || $0.contains("=") }
      first = rest.first ?? first
    }
    self.init(program: first)
  }

  /// The dialect of a script that starts with `#!`; none when it does not.
  ///
  /// `#!/usr/bin/env -S bash -e` is bash: options and assignments of `env` are passed over.
  package init?(shebangOf script: some Collection<UInt8>) {
    guard script.starts(with: [0x23, 0x21]) else { return nil }
    let line = script.dropFirst(2).prefix { $0 != 0x0A && $0 != 0x0D }
    let words = line.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
    self.init(shell: words)
  }

  private static func basename(_ path: String) -> Substring {
    path.split(separator: "/").last ?? ""
  }
}
