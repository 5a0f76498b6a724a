package import SourceText

/// A simple command of a RUN as the rules see it: a name, and words without their quotes.
///
/// It is hadolint's view: `$x` and `${x}` both read `${x}`, a substitution keeps the words in it, and the name is the
/// first word, which must be entirely literal; behind `busybox`, `builtin`, `command`, `exec` and `run` it is the next one.
package struct ShellCommand: Sendable {
  /// A word behind the name.
  package struct Argument: Sendable {
    /// The word without quotes, as hadolint sees it.
    package let text: String
    /// The word in the file.
    package let range: ByteRange
    /// Whether every byte of the text stands for itself: no expansion, no pattern, no quote, no continuation inside, so
    /// that the range may be edited.
    package let isVerbatim: Bool

    package init(_ text: String, at range: ByteRange, isVerbatim: Bool) {
      self.text = text
      self.range = range
      self.isVerbatim = isVerbatim
    }
  }

  /// A flag: `--name`, `--name=value`, or a letter of `-abc`.
  package struct Flag: Sendable {
    /// The name without dashes and value.
    package let name: Substring
    /// The index of the argument that holds it.
    package let argument: Int
  }

  /// The command's name.
  package let name: String
  /// The name's place.
  package let nameRange: ByteRange
  /// The words behind the first word of the command, in order.
  package let arguments: [Argument]
  /// All of the command.
  package let range: ByteRange
  /// Whether it was found by looking through the command before it: `apt-get` in `sudo apt-get`. Never in strict mode.
  package let isInner: Bool

  package init(
    name: String, nameRange: ByteRange, arguments: [Argument], range: ByteRange, isInner: Bool = false
  ) {
    self.name = name
    self.nameRange = nameRange
    self.arguments = arguments
    self.range = range
    self.isInner = isInner
  }

  /// Whether one of the arguments is one of these words.
  package func has(_ words: String...) -> Bool {
    arguments.contains { words.contains($0.text) }
  }

  /// Whether the command has a name and one of the arguments is one of these words: hadolint's test for a subcommand.
  package func `is`(_ name: String, _ words: String...) -> Bool {
    self.name == name && arguments.contains { words.contains($0.text) }
  }

  /// The flags: `--name[=v]` gives `name`; `-abc` gives `a`, `b` and `c`, whatever the characters are; `-` and `--` none.
  package var flags: [Flag] {
    var result: [Flag] = []
    for (index, argument) in arguments.enumerated() {
      let text = argument.text
      guard text.utf8.first == 0x2D, text != "-", text != "--" else { continue }
      let bytes = text.utf8
      let first = bytes.index(after: bytes.startIndex)
      if bytes[first] == 0x2D {
        let name = bytes[bytes.index(after: first)...].prefix { $0 != 0x3D }
        result.append(Flag(name: Substring(name), argument: index))
      } else {
        for letter in text.unicodeScalars.indices.dropFirst() {
          let name = text.unicodeScalars[letter..<text.unicodeScalars.index(after: letter)]
          result.append(Flag(name: Substring(name), argument: index))
        }
      }
    }
    return result
  }

  /// Whether there is a flag of one of these names (without dashes).
  package func hasFlag(_ names: String...) -> Bool {
    flags.contains { flag in names.contains { $0 == flag.name } }
  }

  /// The arguments that are no flags; a lone `-` or `--` is one of them.
  package var plainArguments: [Argument] { plainArguments(droppingValuesOf: []) }

  /// The arguments that are neither flags nor the values of some flags.
  ///
  /// For each of the flags whose word has no `=` in it, the next word is its value.
  ///
  /// - Parameters:
  ///   - names: names of flags, without dashes.
  ///   - others: more of them.
  package func plainArguments(droppingValuesOf names: Set<Substring>, _ others: Set<Substring> = [])
    -> [Argument]
  {
    var dropped = [Bool](repeating: false, count: arguments.count)
    for flag in flags {
      dropped[flag.argument] = true
      if names.contains(flag.name) || others.contains(flag.name),
        !arguments[flag.argument].text.utf8.contains(0x3D),
        flag.argument + 1 < arguments.count
      {
        dropped[flag.argument + 1] = true
      }
    }
    return arguments.indices.filter { !dropped[$0] }.map { arguments[$0] }
  }
}
