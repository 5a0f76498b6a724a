import DockerfileSyntax
package import ShellSyntax
package import SourceText

/// The shell text of a RUN as the rules see it.
///
/// A class, because every rule that looks at commands is handed it, and a reference is cheaper to hand than four arrays.
package final class RunScript: Sendable {
  /// All simple commands in the order in which they stand, wherever they stand: in lists, pipelines, subshells,
  /// substitutions, functions, loops and conditions.
  package let commands: [ShellCommand]
  /// The pipes, `|` and `|&`, that are not inside quotes.
  package let pipes: [ByteRange]
  /// The text itself, without continuations and comment lines.
  package let text: CookedText
  /// Which program reads the text.
  package let dialect: ShellDialect
  /// The tree of the text; nil for the exec form and for what is no script for a POSIX shell.
  package let tree: ShellScript?

  /// A bit for each kind of name among the commands, see ``bit(of:)``.
  private let names: UInt64

  package init(
    commands: [ShellCommand], pipes: [ByteRange], text: CookedText, dialect: ShellDialect = .sh,
    tree: ShellScript? = nil
  ) {
    self.commands = commands
    self.pipes = pipes
    self.text = text
    self.dialect = dialect
    self.tree = tree
    names = commands.reduce(0) { $0 | Self.bit(of: $1.name) }
  }

  /// Whether one of the commands may have one of some names; false is certain.
  ///
  /// Most rules look for commands that most scripts do not have, and need not compare all names to find that out.
  func mayCall(_ names: [String]) -> Bool {
    names.contains { self.names & Self.bit(of: $0) != 0 }
  }

  /// The same for one name.
  func mayCall(_ name: String) -> Bool { names & Self.bit(of: name) != 0 }

  /// One of 64 bits, from the ends of a name and its length.
  private static func bit(of name: String) -> UInt64 {
    let bytes = name.utf8
    guard let first = bytes.first else { return 1 }
    let last = bytes[bytes.index(before: bytes.endIndex)]
    return 1 << UInt64((Int(first) &* 7 &+ Int(last) &* 3 &+ bytes.count) & 63)
  }

  /// Whether there is more than one command, those inside of another (`sudo x`, `sh -c "x"`) not counted.
  ///
  /// This is what DL3059 asks: it counts each command twice and wants more than two.
  package var hasSeveralCommands: Bool { commands.count { !$0.isInner } > 1 }
}
