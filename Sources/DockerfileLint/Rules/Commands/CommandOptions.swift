/// The options of a command as GNU `getopt_long` reads them: `-a`, `-abc`, `-oVALUE`, `-o VALUE`, `--long=VALUE`.
///
/// The names alone are looked at in hadolint's view of a command; here a value is no bundle of letters.
struct CommandOptions {
  /// An option and its value.
  struct Option {
    /// The name without dashes.
    let name: Substring
    /// The value; nil when it has none.
    let value: Substring?
  }
  private(set) var options: [Option] = []

  /// Reads arguments up to `--`.
  ///
  /// - Parameter short: the letters that take a value.
  /// - Parameter long: the long names that take a value, which is the next word when there is no `=`.
  /// - Parameter pairs: the letters that make a name together with the letter behind them.
  init(_ arguments: [ShellCommand.Argument], short: String, long: Set<Substring> = [], pairs: String = "") {
    var index = 0
    while index < arguments.count {
      let text = arguments[index].text
      index += 1
      if text == "--" { break }
      guard text.utf8.first == 0x2D, text != "-" else { continue }
      if text.hasPrefix("--") {
        let halves = text.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves.first ?? ""
        if halves.count > 1 {
          options.append(Option(name: name, value: halves[1]))
        } else if long.contains(name), index < arguments.count {
          options.append(Option(name: name, value: arguments[index].text[...]))
          index += 1
        } else {
          options.append(Option(name: name, value: nil))
        }
        continue
      }
      var rest = text.dropFirst()
      while let letter = rest.first {
        if short.contains(letter) {
          let value = rest.dropFirst()
          if !value.isEmpty {
            options.append(Option(name: rest.prefix(1), value: value))
          } else {
            let next = index < arguments.count ? arguments[index].text[...] : nil
            options.append(Option(name: rest.prefix(1), value: next))
            index += 1
          }
          break
        }
        let length = pairs.contains(letter) ? 2 : 1
        options.append(Option(name: rest.prefix(length), value: nil))
        rest = rest.dropFirst(length)
      }
    }
  }

  /// Whether there is an option of one of these names.
  func has(_ names: String...) -> Bool {
    options.contains { option in names.contains { $0 == option.name } }
  }

  /// The value of the last option of one of these names.
  func value(of names: String...) -> Substring? {
    options.last { option in names.contains { $0 == option.name } }?.value
  }
}
